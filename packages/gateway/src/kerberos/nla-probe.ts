import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { DecodeError } from "@poterne/bytes";
import type { Credential, KerberosFailure } from "@poterne/kerberos";
import {
  oneMonitor,
  RdpClient,
  type RdpClientOptions,
  type RdpCommand,
  type SecurityMechanism,
} from "@poterne/rdp";
import type { Environment } from "../environment.ts";
import { publicKeyOf, rdpCrypto } from "../session/drivers/rdp/crypto.ts";
import { KerberosMechanism } from "./nla-mechanism.ts";

/** Where to look, and with what. */
export interface NlaProbe {
  readonly address: string;
  readonly port: number;
  /** A ticket for the machine, its owner's to wipe; null looks only at what is offered. */
  readonly credential: Credential | null;
  readonly environment: Environment;
  readonly timeoutMs: number;
}

/** What a Remote Desktop server does about NLA. */
export type NlaFinding =
  | { readonly type: "unreachable"; readonly problem: string }
  | { readonly type: "not-rdp"; readonly detail: string }
  | { readonly type: "without-nla" }
  /** NLA is there; whether it takes Kerberos was not tried. */
  | { readonly type: "offered"; readonly isDemanded: boolean }
  | { readonly type: "accepted"; readonly isDemanded: boolean }
  | { readonly type: "refused"; readonly detail: string; readonly failure: KerberosFailure | null };

/** Nobody's: a probe ends before credentials would leave. */
const NO_CREDENTIALS = { domain: "", username: "", password: "" };

/** Asks a server for NLA, proves a ticket to it where there is one, and leaves before credentials would be sent. */
export async function probeNla(probe: NlaProbe): Promise<NlaFinding> {
  const withNla = await connectOnce(probe, true);
  if (withNla.type !== "offered" && withNla.type !== "accepted") return withNla;
  const withoutNla = await connectOnce(probe, false);
  return { ...withNla, isDemanded: withoutNla.type === "offered" && withoutNla.isDemanded };
}

function connectOnce(probe: NlaProbe, offersNla: boolean): Promise<NlaFinding> {
  return new Promise((resolve) => {
    const attempt = new Attempt(probe, offersNla, (finding) => {
      clearTimeout(timer);
      attempt.close();
      resolve(finding);
    });
    const timer = setTimeout(
      () => attempt.finish({ type: "unreachable", problem: "ETIMEDOUT" }),
      probe.timeoutMs,
    );
    attempt.start();
  });
}

/** One connection of the probe. */
class Attempt {
  readonly #probe: NlaProbe;
  readonly #done: (finding: NlaFinding) => void;
  readonly #client: RdpClient;
  readonly #mechanism: ProofOnly | null;
  #socket: Socket | null = null;
  #isOver = false;

  constructor(probe: NlaProbe, offersNla: boolean, done: (finding: NlaFinding) => void) {
    this.#probe = probe;
    this.#done = done;
    this.#client = new RdpClient(clientOptions(offersNla));
    const { credential, environment } = probe;
    // A copy of the key: the mechanism wipes what it owns, and the ticket is used again.
    const owned = credential && {
      ...credential,
      key: { ...credential.key, bytes: credential.key.bytes.slice() },
    };
    this.#mechanism = owned === null ? null : new ProofOnly(new KerberosMechanism(owned, environment));
  }

  start(): void {
    const { address, port } = this.#probe;
    const socket = connect({ host: address, port, noDelay: true });
    this.#attach(socket);
    socket.once("connect", () => this.#run(this.#client.start()));
  }

  close(): void {
    this.#socket?.destroy();
    this.#mechanism?.kerberos.close();
  }

  finish(finding: NlaFinding): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#done(finding);
  }

  #attach(socket: Socket): void {
    this.#socket = socket;
    socket.on("error", (error: NodeJS.ErrnoException) =>
      this.finish({ type: "unreachable", problem: error.code ?? "EIO" }),
    );
    socket.on("data", (bytes) =>
      this.#run(this.#client.receive(bytes, this.#probe.environment.monotonicMs())),
    );
    socket.on("close", () => {
      if (socket === this.#socket) this.#run(this.#client.closed());
    });
  }

  #run(commands: readonly RdpCommand[]): void {
    for (const command of commands) {
      if (this.#isOver) return;
      if (command.type === "send") this.#socket?.write(command.bytes);
      else if (command.type === "startTls") this.#startTls();
      else if (command.type === "credentials") this.#authenticate(command.isNla);
      else if (command.type === "fail") this.#failed(command.code, command.detail);
    }
  }

  #startTls(): void {
    const plain = this.#socket;
    if (plain === null) return;
    plain.removeAllListeners("data").removeAllListeners("close");
    // Whose certificate it is does not matter here: nothing secret is sent, and the ticket proves the machine.
    const secure = connectTls({ socket: plain, rejectUnauthorized: false });
    this.#attach(secure);
    secure.once("secureConnect", () => {
      const certificate = secure.getPeerX509Certificate();
      if (certificate === undefined)
        return this.finish({ type: "not-rdp", detail: "TLS without certificate" });
      this.#run(this.#client.tlsStarted({ publicKey: publicKeyOf(certificate) }));
    });
  }

  #authenticate(isNla: boolean): void {
    if (!isNla) this.finish({ type: "without-nla" });
    else if (this.#mechanism === null) this.finish({ type: "offered", isDemanded: false });
    else this.#run(this.#client.authenticate(NO_CREDENTIALS, this.#mechanism));
  }

  #failed(code: string, detail: string): void {
    if (code === "nla-required") this.finish({ type: "offered", isDemanded: true });
    else if (code === "not-rdp" || code === "rdp-security-only") this.finish({ type: "not-rdp", detail });
    else if (this.#mechanism?.isProven === true) this.finish({ type: "accepted", isDemanded: false });
    else this.finish({ type: "refused", detail, failure: this.#mechanism?.kerberos.failure ?? null });
  }
}

/** Kerberos up to the proof of the server's TLS key; what would be wrapped after it are the credentials, and never is. */
class ProofOnly implements SecurityMechanism {
  readonly kerberos: KerberosMechanism;
  #wrappedCount = 0;
  /** Whether the server opened the ticket, and proved with its key that the TLS connection is its own. */
  isProven = false;

  constructor(kerberos: KerberosMechanism) {
    this.kerberos = kerberos;
  }

  start(): Uint8Array {
    return this.kerberos.start();
  }

  step(token: Uint8Array): { readonly token: Uint8Array | null; readonly isComplete: boolean } {
    return this.kerberos.step(token);
  }

  wrap(message: Uint8Array): Uint8Array {
    this.#wrappedCount++;
    if (this.#wrappedCount === 1) return this.kerberos.wrap(message);
    // CredSSP wraps a second message only after it has checked the server's key.
    this.isProven = true;
    throw new DecodeError("limit", "CredSSP", 0, "the probe ends here");
  }

  unwrap(message: Uint8Array): Uint8Array {
    return this.kerberos.unwrap(message);
  }
}

function clientOptions(offersNla: boolean): RdpClientOptions {
  return {
    monitors: oneMonitor({ width: 800, height: 600 }),
    keyboardLayout: 0x40c,
    clientName: "poterne",
    security: { minimum: "tls", offersNla, minimumCredSspVersion: 5 },
    cookieName: "",
    channels: [],
    performanceFlags: 0,
    findLicence: () => null,
    hardwareId: new Uint8Array(16),
    reconnectCookie: null,
    crypto: rdpCrypto,
    hasRemoteFx: false,
    graphics: null,
  };
}
