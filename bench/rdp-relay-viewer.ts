import WebSocket from "ws";
import { RdpClient, type RdpCommand } from "../packages/rdp/src/index.ts";
import { PEER_OPTIONS } from "../tests/support/rdp-peer.ts";
import { countDraws, RDP_CODECS, type RdpCodecName } from "./rdp-captures.ts";

/** Change after which the gateway's hub asks a target for an entry point while it records (design §3). */
const ENTRY_AFTER_BYTES = 8 * 1024 * 1024;

/**
 * An RDP viewer at the other end of the reference relay: signs in, acknowledges and asks for the whole picture as the
 * gateway does. Else the played server would begin its capture anew for one side only, and show each another part of it.
 */
export class RdpRelayViewer {
  readonly #socket: WebSocket;
  readonly #client: RdpClient;
  receivedBytes = 0;
  updates = 0;
  #sinceEntryBytes = 0;

  constructor(relayPort: number, targetPort: number, codec: RdpCodecName) {
    this.#client = new RdpClient({ ...PEER_OPTIONS, ...RDP_CODECS[codec].options });
    this.#socket = new WebSocket(`wss://127.0.0.1:${relayPort}/tls/${targetPort}`, {
      rejectUnauthorized: false,
      perMessageDeflate: false,
    });
    this.#socket.on("open", () => this.#run(this.#client.start()));
    this.#socket.on("message", (data: Buffer) => {
      this.receivedBytes += data.length;
      this.#run(this.#client.receive(data, performance.now()));
    });
  }

  #run(commands: readonly RdpCommand[]): void {
    for (const command of commands) {
      if (command.type === "send") this.#socket.send(command.bytes);
      // The relay has done it.
      else if (command.type === "startTls")
        this.#run(this.#client.tlsStarted({ publicKey: new Uint8Array(8) }));
      else if (command.type === "credentials")
        this.#run(this.#client.authenticate({ domain: "", username: "alice", password: "nothing" }, null));
      else if (command.type === "frameEnd") this.#run(this.#client.acknowledge(command.frameId));
      else if (command.type === "fail") throw new Error(`${command.code} ${command.detail}`);
      else if (command.type === "frame" && command.channel === "picture") {
        this.updates += countDraws(command.payload);
        this.#sinceEntryBytes += command.payload.length;
      }
    }
    if (this.#sinceEntryBytes < ENTRY_AFTER_BYTES) return;
    this.#sinceEntryBytes = 0;
    this.#run(this.#client.requestEntryPoint(performance.now()));
  }

  close(): void {
    this.#socket.terminate();
  }
}
