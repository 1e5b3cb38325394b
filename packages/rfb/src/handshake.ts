import { ByteReader, ByteWriter, concatBytes, DecodeError, decodeUtf8, encodeUtf8 } from "@poterne/bytes";
import type { RfbCommand, RfbFailureCode } from "./commands.ts";
import { type RfbVersion, SecurityType } from "./protocol.ts";
import {
  answerVncChallenge,
  chooseSecurity,
  mayTryVeNCrypt,
  type SecurityRules,
  type SecurityTraits,
  traitsOf,
} from "./security.ts";

/** Bytes held while a handshake message is not whole: the longest is a reason or a desktop's name. */
const MAX_HELD_BYTES = 128 * 1024;
/** The longest reason or name taken. */
const MAX_TEXT_BYTES = 64 * 1024;
/** The longest reason passed on. */
const MAX_REASON_CHARACTERS = 300;
const VERSION_BYTES = 12;
const CHALLENGE_BYTES = 16;

/** What a handshake needs besides bytes. */
export interface HandshakeOptions {
  readonly security: SecurityRules;
  /** The newest version to speak. */
  readonly maxVersion: RfbVersion;
  /** Let other clients of the same desktop stay (RFC 6143 §7.3.1). */
  readonly isShared: boolean;
  /** DES-ECB without padding, for VNC authentication. */
  readonly encryptDes: (key: Uint8Array, blocks: Uint8Array) => Uint8Array;
}

type Step =
  | "version"
  | "security-types"
  | "security-33"
  | "reason"
  | "vencrypt-version"
  | "vencrypt-ack"
  | "vencrypt-types"
  | "vencrypt-tls"
  | "tls"
  | "credentials"
  | "challenge"
  | "answer"
  | "result"
  | "init"
  | "done"
  | "dead";

/** RFC 6143 §7.1–7.3, with RFB 3.3 and 3.7 and VeNCrypt 0.2: from the first byte to the desktop's size and name. */
export class Handshake {
  readonly #options: HandshakeOptions;
  #step: Step = "version";
  #held: Uint8Array = new Uint8Array(0);
  #version: RfbVersion = "3.8";
  #traits: SecurityTraits = { tls: "none", proof: "none" };
  #challenge: Uint8Array = new Uint8Array(0);
  #reasonCode: RfbFailureCode = "refused";
  #commands: RfbCommand[] = [];

  constructor(options: HandshakeOptions) {
    this.#options = options;
  }

  /** Whether the desktop is open; then `takeRest` has the bytes that belong to the session. */
  get isDone(): boolean {
    return this.#step === "done";
  }

  /** Bytes that came behind the handshake. */
  takeRest(): Uint8Array {
    const rest = this.#held;
    this.#held = new Uint8Array(0);
    return rest;
  }

  /** Takes bytes of the server; a violation of the protocol is a `fail` command. */
  receive(bytes: Uint8Array): RfbCommand[] {
    this.#held = this.#held.length === 0 ? bytes : concatBytes([this.#held, bytes]);
    this.#run();
    if (this.#step !== "done" && this.#held.length > MAX_HELD_BYTES)
      this.#fail("protocol-error", "handshake too long");
    // What is kept must not be the host's buffer, which the `slice` of Node's Buffer would share.
    if (this.#held.length > 0 && this.#step !== "done") this.#held = new Uint8Array(this.#held);
    return this.#commands.splice(0);
  }

  /** TLS is up: what comes now was decrypted. */
  tlsStarted(): RfbCommand[] {
    if (this.#step !== "tls") return [];
    this.#askProof();
    this.#run();
    return this.#commands.splice(0);
  }

  /** Answers a `credentials` command. Passwords are UTF-8; VNC authentication uses eight bytes. */
  authenticate(username: string, password: string): RfbCommand[] {
    if (this.#step !== "credentials") return [];
    const secret = encodeUtf8(password);
    if (this.#traits.proof === "plain") {
      const name = encodeUtf8(username);
      this.#send(new ByteWriter().u32(name.length).u32(secret.length).put(name).put(secret));
    } else this.#sendBytes(answerVncChallenge(secret, this.#challenge, this.#options.encryptDes));
    this.#step = "result";
    this.#run();
    return this.#commands.splice(0);
  }

  #run(): void {
    try {
      while (this.#advance());
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#fail("protocol-error", error.message);
    }
  }

  /** Takes one message if it is whole; false when more bytes are needed or the host must act. */
  #advance(): boolean {
    const before = this.#step;
    const reader = new ByteReader(this.#held, `RFB ${before}`);
    try {
      if (!this.#readStep(reader)) return false;
    } catch (error) {
      if (error instanceof DecodeError && error.code === "truncated") return false;
      throw error;
    }
    this.#held = this.#held.subarray(reader.offset);
    return true;
  }

  #readStep(reader: ByteReader): boolean {
    switch (this.#step) {
      case "version":
        return this.#readVersion(reader);
      case "security-types":
        return this.#readSecurityTypes(reader);
      case "security-33":
        return this.#readSecurity33(reader);
      case "reason":
        return this.#readReason(reader);
      case "vencrypt-version":
      case "vencrypt-ack":
      case "vencrypt-types":
      case "vencrypt-tls":
        return this.#readVeNCrypt(reader);
      case "challenge":
        this.#challenge = new Uint8Array(reader.take(CHALLENGE_BYTES));
        this.#askCredentials();
        return true;
      case "result":
        return this.#readResult(reader);
      case "init":
        return this.#readInit(reader);
      default:
        return false;
    }
  }

  #readVersion(reader: ByteReader): boolean {
    const known = "RFB 003.";
    for (let index = 0; index < Math.min(reader.remaining, 4); index++)
      if (reader.bytes[index] !== known.charCodeAt(index)) return this.#fail("not-rfb", "");
    const match = /^RFB (\d{3})\.(\d{3})\n$/.exec(reader.utf8(VERSION_BYTES));
    if (match === null) return this.#fail("not-rfb", "");
    const [major, minor] = [Number(match[1]), Number(match[2])];
    if (major < 3) return this.#fail("not-rfb", "");
    // Other numbers exist (3.5, 3.889, 4.1, 5.0); RFC 6143 §7.1.1 treats unknown ones as 3.3, newer servers take 3.8.
    const offered: RfbVersion = major > 3 || minor >= 8 ? "3.8" : minor === 7 ? "3.7" : "3.3";
    this.#version = offered < this.#options.maxVersion ? offered : this.#options.maxVersion;
    this.#sendBytes(encodeUtf8(`RFB 003.00${this.#version.slice(2)}\n`));
    this.#step = this.#version === "3.3" ? "security-33" : "security-types";
    return true;
  }

  #readSecurityTypes(reader: ByteReader): boolean {
    const types = [...reader.take(reader.u8())];
    if (types.length === 0) return this.#expectReason("refused");
    const { security } = this.#options;
    if (mayTryVeNCrypt(types, security)) {
      this.#sendBytes(Uint8Array.of(SecurityType.veNCrypt));
      this.#step = "vencrypt-version";
      return true;
    }
    const chosen = this.#choose(types);
    if (chosen === null) return false;
    this.#sendBytes(Uint8Array.of(chosen));
    this.#askProof();
    return true;
  }

  #readSecurity33(reader: ByteReader): boolean {
    const type = reader.u32();
    if (type === 0) return this.#expectReason("refused");
    if (this.#choose([type]) === null) return false;
    this.#askProof();
    return true;
  }

  #choose(types: readonly number[]): number | null {
    const chosen = chooseSecurity(types, this.#options.security);
    if (chosen === "too-weak") this.#fail("security-too-weak", types.join(", "));
    else if (chosen === null) this.#fail("no-common-security", types.join(", "));
    else {
      this.#traits = traitsOf(chosen) ?? this.#traits;
      return chosen;
    }
    return null;
  }

  /** VeNCrypt 0.2: versions, acknowledgement, subtypes, acknowledgement, TLS. */
  #readVeNCrypt(reader: ByteReader): boolean {
    if (this.#step === "vencrypt-version") {
      if (reader.u16() < 2) return this.#fail("no-common-security", "VeNCrypt before 0.2");
      this.#sendBytes(Uint8Array.of(0, 2));
      this.#step = "vencrypt-ack";
    } else if (this.#step === "vencrypt-ack") {
      if (reader.u8() !== 0) return this.#fail("no-common-security", "VeNCrypt 0.2 refused");
      this.#step = "vencrypt-types";
    } else if (this.#step === "vencrypt-types") {
      const types: number[] = [];
      for (let count = reader.u8(); count > 0; count--) types.push(reader.u32());
      const chosen = this.#choose(types);
      if (chosen === null) return false;
      this.#send(new ByteWriter().u32(chosen));
      if (this.#traits.tls === "none") this.#askProof();
      else this.#step = "vencrypt-tls";
    } else {
      if (reader.u8() !== 1) return this.#fail("refused", "TLS refused by the server");
      if (reader.remaining > 0) throw reader.fail("invalid", "bytes before TLS");
      this.#step = "tls";
      this.#commands.push({ type: "startTls", isAnonymous: this.#traits.tls === "anonymous" });
    }
    return true;
  }

  /** After the security type is settled and TLS is up. */
  #askProof(): void {
    if (this.#traits.proof === "vnc") this.#step = "challenge";
    else if (this.#traits.proof === "plain") this.#askCredentials();
    else if (this.#version === "3.8" || this.#traits.tls !== "none") this.#step = "result";
    else this.#sendClientInit();
  }

  #askCredentials(): void {
    this.#step = "credentials";
    this.#commands.push({ type: "credentials", needsUsername: this.#traits.proof === "plain" });
  }

  #readResult(reader: ByteReader): boolean {
    const result = reader.u32();
    if (result === 0) {
      this.#sendClientInit();
      return true;
    }
    if (result === 2) return this.#fail("too-many-attempts", "");
    const code = this.#traits.proof === "none" ? "refused" : "wrong-password";
    if (this.#version !== "3.8") return this.#fail(code, "");
    return this.#expectReason(code);
  }

  #sendClientInit(): void {
    this.#sendBytes(Uint8Array.of(this.#options.isShared ? 1 : 0));
    this.#step = "init";
  }

  #expectReason(code: RfbFailureCode): boolean {
    this.#reasonCode = code;
    this.#step = "reason";
    return true;
  }

  #readReason(reader: ByteReader): boolean {
    const length = reader.u32();
    if (length > MAX_TEXT_BYTES) throw reader.fail("limit", "reason");
    const reason = cleanText(reader.utf8(length)).slice(0, MAX_REASON_CHARACTERS);
    const isBlocked = /too many/i.test(reason);
    return this.#fail(isBlocked ? "too-many-attempts" : this.#reasonCode, reason);
  }

  /** RFC 6143 §7.3.2 ServerInit; the server's own pixel format is not used. */
  #readInit(reader: ByteReader): boolean {
    const width = reader.u16();
    const height = reader.u16();
    reader.advance(16);
    const length = reader.u32();
    if (length > MAX_TEXT_BYTES) throw reader.fail("limit", "desktop name");
    const name = cleanText(decodeUtf8(reader.take(length)));
    this.#step = "done";
    this.#commands.push({ type: "open", width, height, name });
    return true;
  }

  #send(writer: ByteWriter): void {
    this.#sendBytes(writer.finish().slice());
  }

  #sendBytes(bytes: Uint8Array): void {
    this.#commands.push({ type: "send", bytes });
  }

  /** Ends the handshake; returns false so that callers can stop with it. */
  #fail(code: RfbFailureCode, detail: string): false {
    if (this.#step === "dead") return false;
    this.#step = "dead";
    this.#held = new Uint8Array(0);
    this.#commands.push({ type: "fail", code, detail });
    return false;
  }
}

/** Text of a server without control characters, so that it can do nothing where it is shown. */
export function cleanText(text: string): string {
  return text.replace(/\p{Cc}/gu, " ").trim();
}
