import { createSecretKey, type KeyObject } from "node:crypto";
import { createRequire } from "node:module";
import type { Duplex } from "node:stream";
import type { AnyAuthMethod, ClientChannel, ParsedKey, Client as SshClient } from "ssh2";
import { freeMemory } from "../../free-memory.ts";

/**
 * All that reaches into ssh2's insides (docs/decisions/0037): user certificates, log-in methods it lacks, the channel's
 * window, memory, the round trip.
 * It was written against exactly this version; with another one nothing here runs.
 */
export const PINNED_SSH2_VERSION = "1.17.0";

/** What ssh2 announces as a channel's window, whatever happens; its own bookkeeping is kept at this value. */
const SSH2_WINDOW_BYTES = 2 * 1024 * 1024;

/** Packets below this are left to the collector: the call costs more. */
const FREED_BYTES = 4096;
/** RFC 4253 §6: a packet begins with its length. */
const LENGTH_BYTES = 4;

/** The inside of a client that is used here. */
interface SshProtocol {
  readonly _kex: { readonly sessionID: Buffer };
  readonly _packetRW: {
    readonly write: {
      readonly allocStart: number;
      alloc(length: number): Buffer;
      finalize(packet: Buffer): Buffer;
    };
  };
  readonly _authsQueue: string[];
  readonly _cipher: {
    _encKey?: Buffer | KeyObject;
    _onWrite(data: Buffer): void;
    encrypt(packet: Buffer): void;
  };
  readonly _decipher: { _decipherKey?: Buffer | KeyObject };
  parse(chunk: Buffer, from: number, length: number): void;
  authNone(username: string): void;
  authPK(username: string, key: ParsedKey, algorithm?: string | SignRequest, sign?: SignRequest): void;
  session(channel: number, window: number, maxPacket: number): void;
  channelWindowAdjust(channel: number, amount: number): void;
  ping(): void;
}

type SignRequest = (data: Buffer, done: (signature: Buffer) => void) => void;

interface SshInside {
  readonly _protocol: SshProtocol;
  readonly _callbacks: (() => void)[];
}

const require = createRequire(import.meta.url);

/** Throws unless the installed ssh2 is the pinned version. */
export function assertPinnedSsh2(): void {
  const { version } = require("ssh2/package.json") as { version: string };
  if (version !== PINNED_SSH2_VERSION)
    throw new Error(
      `ssh2 ${version} is installed, the SSH driver's extension knows ${PINNED_SSH2_VERSION} only`,
    );
}

function insideOf(client: SshClient): SshInside {
  return client as unknown as SshInside;
}

/**
 * A public key that presents itself by its OpenSSH certificate (PROTOCOL.certkeys). `certificate` is the wire blob,
 * `key` the key it certifies.
 */
export function makeCertificateKey(key: ParsedKey, certificate: Uint8Array): ParsedKey {
  const blob = Buffer.from(certificate);
  // An RSA certificate is offered under the name of its signature (RFC 8332 applied to PROTOCOL.certkeys).
  const type =
    key.type === "ssh-rsa" ? "rsa-sha2-512-cert-v01@openssh.com" : `${key.type}-cert-v01@openssh.com`;
  return Object.create(key, {
    type: { value: type, enumerable: true },
    getPublicSSH: { value: () => blob },
  }) as ParsedKey;
}

/** Name of the plain signature that goes with a certificate's algorithm, null for a plain key. */
export function certificateSignature(algorithm: string): string | null {
  const suffix = "-cert-v01@openssh.com";
  return algorithm.endsWith(suffix) ? algorithm.slice(0, -suffix.length) : null;
}

/**
 * Lets a client, just after `connect`, authenticate with keys of `makeCertificateKey`: ssh2 writes the certificate's
 * algorithm into the signature as well, where OpenSSH expects the plain key's.
 */
export function allowCertificates(client: SshClient): void {
  assertPinnedSsh2();
  const protocol = insideOf(client)._protocol;
  const authenticate = protocol.authPK.bind(protocol);
  protocol.authPK = (username, key, algorithm, sign) => {
    const request = typeof algorithm === "function" ? algorithm : sign;
    const format = certificateSignature(key.type);
    if (format === null || request === undefined) return authenticate(username, key, algorithm, sign);
    const body = Buffer.concat([
      Buffer.of(50),
      sshString(username),
      sshString("ssh-connection"),
      sshString("publickey"),
      Buffer.of(1),
      sshString(key.type),
      sshString(key.getPublicSSH()),
    ]);
    request(Buffer.concat([sshString(protocol._kex.sessionID), body]), (signature) => {
      const signed = sshString(Buffer.concat([sshString(format), sshString(signature)]));
      protocol._authsQueue.push("publickey");
      sendPayload(protocol, Buffer.concat([body, signed]));
    });
  };
}

/** What to do after a message of a foreign method: answer it, await the next one, or give the log-in up. */
export type ForeignStep =
  | { readonly type: "send"; readonly message: Uint8Array }
  | { readonly type: "wait" }
  | { readonly type: "stop" };

/** A log-in method (RFC 4252) that ssh2 does not know. */
export interface ForeignMethod {
  readonly name: string;
  /** What stands behind the method's name in SSH_MSG_USERAUTH_REQUEST. */
  readonly request: Uint8Array;
  /** Takes a message 60 to 65 from its number on, in memory of its own. Never throws for what the server sent. */
  receive(message: Uint8Array, sessionId: Uint8Array): ForeignStep;
}

type MessageHandler = (protocol: SshProtocol, payload: Buffer) => unknown;

/** Numbers of messages whose meaning depends on the method (RFC 4252 §6) and that ssh2 gives to its own methods. */
const METHOD_MESSAGES = [60, 61, 64, 65] as const;
const foreignMethods = new WeakMap<SshProtocol, { readonly method: ForeignMethod; stop(): void }>();
let areHandlersWrapped = false;

/**
 * Makes the method that an `authHandler` returns to log in by `method`: ssh2 believes it sends "none". `stop` is called
 * when the method gives up without the server having refused.
 */
export function makeForeignMethod(
  client: SshClient,
  username: string,
  method: ForeignMethod,
  stop: () => void,
): AnyAuthMethod {
  assertPinnedSsh2();
  wrapHandlers();
  const protocol = insideOf(client)._protocol;
  foreignMethods.set(protocol, { method, stop });
  const authNone = protocol.authNone.bind(protocol);
  protocol.authNone = (name) => {
    protocol.authNone = authNone;
    protocol._authsQueue.push(method.name);
    const head = [sshString(name), sshString("ssh-connection"), sshString(method.name)];
    sendPayload(protocol, Buffer.concat([Buffer.of(50), ...head, method.request]));
  };
  return { type: "none", username };
}

/** ssh2 has one table of handlers for all connections: only those with a foreign method under way are taken out of its hands. */
function wrapHandlers(): void {
  if (areHandlersWrapped) return;
  areHandlersWrapped = true;
  const handlers = require("ssh2/lib/protocol/handlers.js") as (MessageHandler | undefined)[];
  for (const number of METHOD_MESSAGES) {
    const own = handlers[number];
    handlers[number] = (protocol, payload) => {
      const foreign = foreignMethods.get(protocol);
      if (foreign === undefined || protocol._authsQueue[0] !== foreign.method.name)
        return own?.(protocol, payload);
      const step = foreign.method.receive(Uint8Array.from(payload), protocol._kex.sessionID);
      if (step.type === "send") sendPayload(protocol, Buffer.from(step.message));
      else if (step.type === "stop") foreign.stop();
    };
  }
}

function sendPayload(protocol: SshProtocol, payload: Buffer): void {
  const { sendPacket } = require("ssh2/lib/protocol/utils.js") as {
    sendPacket(protocol: SshProtocol, packet: Buffer): void;
  };
  const writer = protocol._packetRW.write;
  const start = writer.allocStart;
  const packet = writer.alloc(payload.length);
  packet.set(payload, start);
  sendPacket(protocol, writer.finalize(packet));
}

/** RFC 4251 §5 string. */
export function sshString(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value as Uint8Array);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/**
 * Runs `open`, which opens one session channel at once, so that the channel is announced with this window instead of
 * ssh2's 2 MB: what a slow viewer has not seen stays at the target.
 */
export function openWithWindow(client: SshClient, windowBytes: number, open: () => void): void {
  assertPinnedSsh2();
  const protocol = insideOf(client)._protocol;
  const session = protocol.session.bind(protocol);
  protocol.session = (channel, _window, maxPacket) => session(channel, windowBytes, maxPacket);
  try {
    open();
  } finally {
    protocol.session = session;
  }
}

/**
 * Takes a channel's window out of ssh2's hands; the caller grants every byte itself by the function returned.
 * To be called before the first data arrives.
 */
export function takeWindow(client: SshClient, channel: ClientChannel): (bytes: number) => void {
  assertPinnedSsh2();
  const { incoming, outgoing } = channel as unknown as {
    incoming: { window: number };
    outgoing: { id: number; state: string };
  };
  // Always full in ssh2's eyes: it never grants on its own.
  Object.defineProperty(incoming, "window", { get: () => SSH2_WINDOW_BYTES, set: () => {} });
  const protocol = insideOf(client)._protocol;
  return (bytes) => {
    if (bytes > 0 && outgoing.state === "open") protocol.channelWindowAdjust(outgoing.id, bytes);
  };
}

/**
 * Keeps the keys of AES-GCM as key objects, to be called after each key exchange: ssh2 makes a cipher per packet, which
 * in Node 24.21 costs 60 µs from raw bytes and 6 µs from a key object, more than the encryption itself.
 */
export function keepKeyObjects(client: SshClient): void {
  assertPinnedSsh2();
  const { _cipher, _decipher } = insideOf(client)._protocol;
  if (Buffer.isBuffer(_cipher._encKey) && _cipher.constructor.name === "AESGCMCipherNative")
    _cipher._encKey = createSecretKey(_cipher._encKey);
  if (Buffer.isBuffer(_decipher._decipherKey) && _decipher.constructor.name === "AESGCMDecipherNative")
    _decipher._decipherKey = createSecretKey(_decipher._decipherKey);
}

/**
 * Gives the memory of what is read from the socket back as soon as it is decrypted, to be called after each key
 * exchange: AES-GCM's decipher copies everything, and buffers that wait for the collector make it work much harder.
 */
export function freeReads(client: SshClient): void {
  assertPinnedSsh2();
  const protocol = insideOf(client)._protocol;
  if (Object.hasOwn(protocol, "parse")) return;
  const parse = protocol.parse.bind(protocol);
  protocol.parse = (chunk, from, length) => {
    // Looked at before: the last packet of an old key's may be in it, or the whole of a new key exchange.
    const isCopied = protocol._decipher.constructor.name === "AESGCMDecipherNative";
    parse(chunk, from, length);
    if (isCopied) freeMemory(chunk);
  };
}

/** Gives the memory of a packet back whose channel data this is; nobody may use it any more. */
export function freeData({ buffer }: Buffer): void {
  // A packet in one piece has memory of its own, one put together may lie in Node's shared pool.
  const isOwn = buffer.byteLength >= FREED_BYTES && buffer.byteLength < Buffer.poolSize;
  if (isOwn && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/** Buffers that nobody needs once they are written. */
const written = new WeakSet<object>();

/**
 * Gives the memory of packets back once they are encrypted, and of what they became once it is written (by a stream of
 * `gatherWrites`); to be called after each key exchange.
 */
export function freeWrites(client: SshClient): void {
  assertPinnedSsh2();
  const { _cipher: cipher } = insideOf(client)._protocol;
  if (cipher.constructor.name !== "AESGCMCipherNative" || Object.hasOwn(cipher, "encrypt")) return;
  const onWrite = cipher._onWrite;
  cipher._onWrite = (data) => {
    if (data.length >= FREED_BYTES) written.add(data);
    // Its length is a part of the packet, and the last of it that is not written yet.
    onWrite(data.length === LENGTH_BYTES ? Buffer.from(data) : data);
  };
  const encrypt = cipher.encrypt.bind(cipher);
  cipher.encrypt = (packet) => {
    encrypt(packet);
    freeMemory(packet);
  };
}

/** Joins the writes of one turn into one system call: ssh2 writes each packet in three pieces. */
export function gatherWrites(stream: Duplex): void {
  const write = stream.write.bind(stream) as (...values: unknown[]) => boolean;
  let isGathering = false;
  stream.write = ((...values: unknown[]) => {
    if (!isGathering) {
      isGathering = true;
      stream.cork();
      process.nextTick(() => {
        isGathering = false;
        stream.uncork();
      });
    }
    const [data] = values;
    if (values.length > 1 || !(data instanceof Uint8Array) || !written.has(data)) return write(...values);
    return write(data, () => freeMemory(data));
  }) as Duplex["write"];
}

/** Sends a keep-alive request and calls back when its answer is there. */
export function ping(client: SshClient, answered: () => void): void {
  assertPinnedSsh2();
  const inside = insideOf(client);
  inside._callbacks.push(answered);
  inside._protocol.ping();
}
