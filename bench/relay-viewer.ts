import { Pacer, RfbClient, type RfbCommand } from "@poterne/rfb";
import WebSocket from "ws";
import { encryptDes, inflateTail } from "../packages/gateway/src/session/drivers/vnc-crypto.ts";

/** A VNC viewer at the other end of the reference relay: logs in and paces as the gateway's driver does. */
export class RelayViewer {
  readonly #socket: WebSocket;
  readonly #client: RfbClient;
  readonly #pacer = new Pacer({ quality: 8, isRecorded: true });
  receivedBytes = 0;
  updates = 0;

  /** The relay speaks TLS to the target too. */
  constructor(relayPort: number, targetPort: number) {
    this.#socket = new WebSocket(`wss://127.0.0.1:${relayPort}/tls/${targetPort}`, {
      rejectUnauthorized: false,
      perMessageDeflate: false,
    });
    this.#client = new RfbClient({
      security: { minimum: "none", hasUsername: false },
      maxVersion: "3.8",
      isShared: true,
      encryptDes,
      inflateTail,
      quality: this.#pacer.quality,
      maxClipboardBytes: 1024,
      wantsClipboard: false,
    });
    this.#socket.on("message", (data: Buffer) => {
      this.receivedBytes += data.length;
      this.#run(this.#client.receive(data, performance.now()));
    });
  }

  #run(commands: readonly RfbCommand[]): void {
    const nowMs = performance.now();
    const isOpening = commands.some((command) => command.type === "open");
    for (const command of commands) {
      if (command.type === "send") this.#socket.send(command.bytes);
      else if (command.type === "fail") throw new Error(`${command.code} ${command.detail}`);
      else if (command.type === "continuousUpdates") this.#pacer.continuousSupported();
      else if (command.type === "update") {
        this.updates++;
        this.#pacer.updated(command.partBytes, nowMs);
      }
    }
    if (isOpening) this.#run(this.#client.requestEntryPoint(nowMs));
    if (this.#client.size.width === 0) return;
    for (const action of this.#pacer.decide(nowMs)) {
      if (action.type === "request") this.#socket.send(this.#client.encodeUpdateRequest(true));
      else if (action.type === "continuous")
        this.#socket.send(this.#client.encodeContinuousUpdates(action.isEnabled));
    }
  }

  close(): void {
    this.#socket.terminate();
  }
}
