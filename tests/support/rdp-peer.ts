import { createHash, createHmac, randomBytes, type X509Certificate } from "node:crypto";
import net from "node:net";
import tls from "node:tls";
import { decodeCommands, type PictureCommand } from "../../packages/picture/src/index.ts";
import {
  GfxVersion,
  NtlmMechanism,
  oneMonitor,
  RdpClient,
  type RdpClientOptions,
  type RdpCommand,
  type RdpCrypto,
  type SecurityMechanism,
} from "../../packages/rdp/src/index.ts";
import { labPasswords } from "./lab.ts";

/** The digests of this machine's OpenSSL. */
export const nodeCrypto: RdpCrypto = {
  md5: (data) => digest("md5", data),
  sha1: (data) => digest("sha1", data),
  sha256: (data) => digest("sha256", data),
  hmacMd5: (key, data) => Uint8Array.from(createHmac("md5", key).update(data).digest()),
  random: (sizeBytes) => Uint8Array.from(randomBytes(sizeBytes)),
};

function digest(name: string, data: Uint8Array): Uint8Array {
  return Uint8Array.from(createHash(name).update(data).digest());
}

/** Options of a client that takes any security a lab server has. */
export const PEER_OPTIONS: RdpClientOptions = {
  monitors: oneMonitor({ width: 1024, height: 768 }),
  keyboardLayout: 0x40c,
  clientName: "poterne",
  security: { minimum: "tls", offersNla: true, minimumCredSspVersion: 2 },
  cookieName: "alice",
  channels: [],
  performanceFlags: 0,
  findLicence: () => null,
  hardwareId: new Uint8Array(16).fill(7),
  reconnectCookie: null,
  crypto: nodeCrypto,
  hasRemoteFx: true,
  graphics: { hasAvc: true, maxVersion: GfxVersion.RDPGFX_CAPVERSION_107 },
};

/** A frame's commands as a viewer gets them. */
export interface PeerFrame {
  readonly channel: "picture" | "pointer";
  readonly entry: "start" | "end" | null;
  readonly commands: readonly PictureCommand[];
  /** The same as bytes. */
  readonly payload: Uint8Array;
}

/** One connection of the core to a lab server; frames are acknowledged as they come. */
export class RdpPeer {
  readonly client: RdpClient;
  readonly frames: PeerFrame[] = [];
  readonly others: RdpCommand[] = [];
  failure: { readonly code: string; readonly detail: string } | null = null;
  isOpen = false;
  isNla: boolean | null = null;
  #socket: net.Socket;
  #certificateHash: Uint8Array = new Uint8Array(0);
  readonly #password: string;
  readonly #username: string;
  readonly #binding: "certificate" | "wrong" | "none";
  readonly #changePublicKey: boolean;
  readonly #domain: string;
  readonly #mechanism: SecurityMechanism | undefined;
  /** What crossed the socket inside TLS until the desktop opened, both ways. */
  readonly logIn: { readonly from: "client" | "server"; readonly bytes: Uint8Array }[] = [];
  readonly #startedAt = performance.now();
  #waiters: (() => void)[] = [];

  constructor(
    port: number,
    changes: Partial<RdpClientOptions> & {
      readonly password?: string;
      readonly username?: string;
      readonly binding?: "certificate" | "wrong" | "none";
      readonly changePublicKey?: boolean;
      readonly domain?: string;
      /** For NLA instead of NTLM. */
      readonly mechanism?: SecurityMechanism;
    } = {},
  ) {
    const { password, username, binding, changePublicKey, domain, mechanism, ...options } = changes;
    this.#domain = domain ?? "";
    this.#mechanism = mechanism;
    this.#password = password ?? labPasswords.alice;
    this.#username = username ?? "alice";
    this.#binding = binding ?? "certificate";
    this.#changePublicKey = changePublicKey ?? false;
    this.client = new RdpClient({ ...PEER_OPTIONS, ...options });
    this.#socket = net.connect(port, "127.0.0.1");
    this.#socket.setNoDelay(true);
    this.#attach();
    this.#socket.once("connect", () => this.run(this.client.start()));
  }

  get nowMs(): number {
    return performance.now() - this.#startedAt;
  }

  #attach(): void {
    const socket = this.#socket;
    socket.on("data", (bytes: Buffer) => {
      if (socket !== this.#socket) return;
      if (!this.isOpen) this.logIn.push({ from: "server", bytes: Uint8Array.from(bytes) });
      this.run(this.client.receive(bytes, this.nowMs));
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      if (socket === this.#socket) this.run(this.client.closed());
    });
  }

  /** Carries out what the core asks. */
  run(commands: readonly RdpCommand[]): void {
    for (const command of commands) this.#do(command);
    for (const wake of this.#waiters.splice(0)) wake();
  }

  #do(command: RdpCommand): void {
    if (command.type === "send") {
      if (!this.isOpen) this.logIn.push({ from: "client", bytes: Uint8Array.from(command.bytes) });
      this.#socket.write(command.bytes);
    } else if (command.type === "startTls") this.#startTls();
    else if (command.type === "credentials") this.#authenticate(command.isNla);
    else if (command.type === "frame")
      this.frames.push({
        channel: command.channel,
        entry: command.entry,
        commands: [...decodeCommands(command.payload)],
        payload: command.payload,
      });
    else if (command.type === "frameEnd") this.run(this.client.acknowledge(command.frameId));
    else if (command.type === "fail") {
      this.failure = command;
      this.#socket.destroy();
    } else {
      if (command.type === "open") this.isOpen = true;
      this.others.push(command);
    }
  }

  #startTls(): void {
    const plain = this.#socket;
    plain.removeAllListeners();
    plain.on("error", () => {});
    const secure = tls.connect({ socket: plain, rejectUnauthorized: false });
    this.#socket = secure;
    this.#attach();
    secure.once("secureConnect", () => {
      const certificate = secure.getPeerX509Certificate();
      if (certificate === undefined) throw new Error("no certificate");
      this.#certificateHash = digest("sha256", certificate.raw);
      const publicKey = publicKeyOf(certificate);
      if (this.#changePublicKey) publicKey[20] = (publicKey[20] ?? 0) ^ 1;
      this.run(this.client.tlsStarted({ publicKey }));
    });
  }

  #authenticate(isNla: boolean): void {
    this.isNla = isNla;
    const credentials = { domain: this.#domain, username: this.#username, password: this.#password };
    const channelBinding =
      this.#binding === "none"
        ? null
        : Buffer.concat([
            Buffer.from("tls-server-end-point:"),
            this.#binding === "wrong" ? randomBytes(32) : this.#certificateHash,
          ]);
    const ntlm = new NtlmMechanism({
      credentials,
      servicePrincipalName: "TERMSRV/127.0.0.1",
      channelBinding,
      workstation: "poterne",
      nowMs: Date.now(),
      crypto: nodeCrypto,
    });
    this.run(this.client.authenticate(credentials, isNla ? (this.#mechanism ?? ntlm) : null));
  }

  /** Resolves once `condition` holds; rejects with what came when the connection fails first or after `limitMs`. */
  async until(what: string, condition: () => boolean, limitMs = 20_000): Promise<void> {
    const deadline = this.nowMs + limitMs;
    while (!condition()) {
      if (this.failure !== null) throw new Error(`${what}: ${this.failure.code} ${this.failure.detail}`);
      if (this.nowMs > deadline) throw new Error(`${what}: not within ${limitMs} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 200);
        this.#waiters.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
      this.run(this.client.tick(this.nowMs));
    }
  }

  /** Resolves with the failure the connection ends in. */
  async ended(limitMs = 20_000): Promise<{ readonly code: string; readonly detail: string }> {
    const deadline = this.nowMs + limitMs;
    while (this.failure === null) {
      if (this.nowMs > deadline) throw new Error("the connection did not end");
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    }
    return this.failure;
  }

  send(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Leaves in good order and resolves once the server closed too: some take one session at a time. */
  async close(): Promise<void> {
    const socket = this.#socket;
    socket.removeAllListeners("data");
    if (socket.destroyed) return;
    const isClosed = new Promise<void>((resolve) => {
      socket.once("close", () => resolve());
    });
    socket.resume();
    if (this.isOpen) socket.write(this.client.encodeGoodbye());
    socket.end();
    const timer = setTimeout(() => socket.destroy(), 2000);
    await isClosed;
    clearTimeout(timer);
  }
}

/** The content of SubjectPublicKey: of an RSA key its PKCS #1 form. */
function publicKeyOf(certificate: X509Certificate): Uint8Array {
  const key = certificate.publicKey;
  if (key.asymmetricKeyType === "rsa") return Uint8Array.from(key.export({ type: "pkcs1", format: "der" }));
  const spki = key.export({ type: "spki", format: "der" });
  // The BIT STRING is the last element; for an elliptic key its point begins with 4.
  return Uint8Array.from(spki.subarray(spki.lastIndexOf(Buffer.from([0x00, 0x04])) + 1));
}
