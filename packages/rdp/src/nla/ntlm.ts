import { ByteWriter, concatBytes, DecodeError, encodeUtf8 } from "@poterne/bytes";
import type { Credentials } from "../connect/client-info.ts";
import type { RdpCrypto } from "../crypto.ts";
import { encodeUtf16 } from "../encoding/utf16.ts";
import { md4 } from "./md4.ts";
import type { SecurityMechanism } from "./mechanism.ts";
import {
  AvId,
  decodeChallenge,
  encodeAuthenticate,
  encodeAvPairs,
  encodeNegotiate,
  MIC_OFFSET,
  type NtlmChallenge,
  REQUIRED_FLAGS,
} from "./ntlm-messages.ts";
import { Rc4 } from "./rc4.ts";

/** MsvAvFlags: the AUTHENTICATE_MESSAGE carries a MIC. */
const AV_FLAG_MIC = 2;
const SIGNATURE_BYTES = 16;
/** Milliseconds from 1601 to 1970. */
const FILETIME_EPOCH_MS = 11_644_473_600_000;

/** What NTLM needs besides tokens. */
export interface NtlmOptions {
  readonly credentials: Credentials;
  /** `TERMSRV/host`, what the person means to reach. */
  readonly servicePrincipalName: string;
  /** RFC 5929 `tls-server-end-point:` and the hash of the server's certificate; null leaves the binding empty. */
  readonly channelBinding: Uint8Array | null;
  /** Told as the client's computer. */
  readonly workstation: string;
  /** Unix time, for servers that send none. */
  readonly nowMs: number;
  readonly crypto: RdpCrypto;
}

/** [MS-NLMP] 3.3.2 NTOWFv2: the key of a person, from password, name and domain. */
export function ntowfV2(crypto: RdpCrypto, credentials: Credentials): Uint8Array {
  const { username, domain, password } = credentials;
  return crypto.hmacMd5(md4(encodeUtf16(password)), encodeUtf16(username.toUpperCase() + domain));
}

/** [MS-NLMP] 3.3.2: the NTLMv2 response and the session base key for a challenge. */
export function ntlmV2Response(
  crypto: RdpCrypto,
  responseKey: Uint8Array,
  input: {
    readonly serverChallenge: Uint8Array;
    readonly clientChallenge: Uint8Array;
    readonly time: Uint8Array;
    readonly targetInfo: Uint8Array;
  },
): { readonly response: Uint8Array; readonly sessionBaseKey: Uint8Array } {
  const temp = concatBytes([
    Uint8Array.of(1, 1, 0, 0, 0, 0, 0, 0),
    input.time,
    input.clientChallenge,
    new Uint8Array(4),
    input.targetInfo,
    new Uint8Array(4),
  ]);
  const proof = crypto.hmacMd5(responseKey, concatBytes([input.serverChallenge, temp]));
  return { response: concatBytes([proof, temp]), sessionBaseKey: crypto.hmacMd5(responseKey, proof) };
}

/** NTLMv2 with MIC, channel binding, signing and sealing ([MS-NLMP] 3.1.5, 3.4), client side, one connection. */
export class NtlmMechanism implements SecurityMechanism {
  readonly #options: NtlmOptions;
  #negotiate: Uint8Array = new Uint8Array(0);
  #security: MessageSecurity | null = null;

  constructor(options: NtlmOptions) {
    this.#options = options;
  }

  start(): Uint8Array {
    this.#negotiate = encodeNegotiate();
    return this.#negotiate;
  }

  step(token: Uint8Array): { readonly token: Uint8Array; readonly isComplete: true } {
    if (this.#security !== null) throw new DecodeError("invalid", "NTLM challenge", 0, "a second one");
    const challenge = decodeChallenge(token);
    if ((challenge.flags & REQUIRED_FLAGS) !== (REQUIRED_FLAGS | 0))
      throw new DecodeError("unsupported", "NTLM challenge", 20, "flags too weak");
    return { token: this.#authenticate(challenge, token), isComplete: true };
  }

  #authenticate(challenge: NtlmChallenge, token: Uint8Array): Uint8Array {
    const { crypto, credentials, workstation } = this.#options;
    const timestamp = challenge.targetInfo.find(({ id }) => id === AvId.MsvAvTimestamp)?.value;
    if (timestamp !== undefined && timestamp.length !== 8)
      throw new DecodeError("invalid", "NTLM target info", 0, "timestamp");
    const responseKey = ntowfV2(crypto, credentials);
    const clientChallenge = crypto.random(8);
    const { response, sessionBaseKey } = ntlmV2Response(crypto, responseKey, {
      serverChallenge: challenge.serverChallenge,
      clientChallenge,
      time: timestamp ?? encodeFileTime(this.#options.nowMs),
      targetInfo: this.#encodeTargetInfo(challenge),
    });
    const lmProof = crypto.hmacMd5(responseKey, concatBytes([challenge.serverChallenge, clientChallenge]));
    const sessionKey = crypto.random(16);
    const message = encodeAuthenticate({
      lmResponse: timestamp === undefined ? concatBytes([lmProof, clientChallenge]) : new Uint8Array(24),
      ntResponse: response,
      domain: encodeUtf16(credentials.domain),
      username: encodeUtf16(credentials.username),
      workstation: encodeUtf16(workstation),
      encryptedSessionKey: new Rc4(sessionBaseKey).update(sessionKey),
      flags: challenge.flags,
    });
    message.set(crypto.hmacMd5(sessionKey, concatBytes([this.#negotiate, token, message])), MIC_OFFSET);
    this.#security = new MessageSecurity(crypto, sessionKey);
    return message;
  }

  #encodeTargetInfo(challenge: NtlmChallenge): Uint8Array {
    const { servicePrincipalName, channelBinding, crypto } = this.#options;
    const replaced: readonly number[] = [AvId.MsvAvFlags, AvId.MsvAvTargetName, AvId.MsvAvChannelBindings];
    const binding = channelBinding === null ? new Uint8Array(16) : crypto.md5(encodeBindings(channelBinding));
    return encodeAvPairs([
      ...challenge.targetInfo.filter(({ id }) => !replaced.includes(id)),
      { id: AvId.MsvAvFlags, value: Uint8Array.of(AV_FLAG_MIC, 0, 0, 0) },
      { id: AvId.MsvAvTargetName, value: encodeUtf16(servicePrincipalName) },
      { id: AvId.MsvAvChannelBindings, value: binding },
    ]);
  }

  wrap(message: Uint8Array): Uint8Array {
    if (this.#security === null) throw new RangeError("NTLM is not complete");
    return this.#security.wrap(message);
  }

  unwrap(message: Uint8Array): Uint8Array {
    if (this.#security === null) throw new RangeError("NTLM is not complete");
    return this.#security.unwrap(message);
  }
}

/** [MS-NLMP] 3.4.4.2 with extended session security and key exchange: both directions of one connection. */
export class MessageSecurity {
  readonly #crypto: RdpCrypto;
  readonly #clientSigningKey: Uint8Array;
  readonly #serverSigningKey: Uint8Array;
  readonly #clientSeal: Rc4;
  readonly #serverSeal: Rc4;
  #clientSequence = 0;
  #serverSequence = 0;

  constructor(crypto: RdpCrypto, sessionKey: Uint8Array) {
    const derive = (words: string) =>
      crypto.md5(concatBytes([sessionKey, encodeUtf8(`session key to ${words} key magic constant\0`)]));
    this.#crypto = crypto;
    this.#clientSigningKey = derive("client-to-server signing");
    this.#serverSigningKey = derive("server-to-client signing");
    this.#clientSeal = new Rc4(derive("client-to-server sealing"));
    this.#serverSeal = new Rc4(derive("server-to-client sealing"));
  }

  /** A signature of 16 bytes and the sealed message. */
  wrap(message: Uint8Array): Uint8Array {
    const sequence = this.#clientSequence++;
    const sealed = this.#clientSeal.update(message);
    const checksum = this.#clientSeal.update(this.#checksum(this.#clientSigningKey, sequence, message));
    return new ByteWriter().u32le(1).put(checksum).u32le(sequence).put(sealed).finish().slice();
  }

  /** The message inside; `DecodeError` `invalid` for a wrong signature. */
  unwrap(bytes: Uint8Array): Uint8Array {
    if (bytes.length < SIGNATURE_BYTES) throw new DecodeError("truncated", "NTLM message", bytes.length);
    const message = this.#serverSeal.update(bytes.subarray(SIGNATURE_BYTES));
    const sequence = this.#serverSequence++;
    const checksum = this.#serverSeal.update(this.#checksum(this.#serverSigningKey, sequence, message));
    const expected = new ByteWriter().u32le(1).put(checksum).u32le(sequence).finish();
    if (!isSame(expected, bytes.subarray(0, SIGNATURE_BYTES)))
      throw new DecodeError("invalid", "NTLM message", 0, "signature");
    return message;
  }

  #checksum(key: Uint8Array, sequence: number, message: Uint8Array): Uint8Array {
    const signed = new ByteWriter(message.length + 4).u32le(sequence).put(message).finish();
    return this.#crypto.hmacMd5(key, signed).subarray(0, 8);
  }
}

/** Compares secrets: the time taken does not tell where they differ. */
export function isSame(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let index = 0; index < left.length; index++) difference |= (left[index] ?? 0) ^ (right[index] ?? 0);
  return difference === 0;
}

function encodeFileTime(unixMs: number): Uint8Array {
  const ticks = BigInt(Math.trunc(unixMs) + FILETIME_EPOCH_MS) * 10_000n;
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, ticks, true);
  return bytes;
}

/** RFC 4121 §4.1.1.2 channel bindings with application data only. */
function encodeBindings(applicationData: Uint8Array): Uint8Array {
  return new ByteWriter().put(new Uint8Array(16)).u32le(applicationData.length).put(applicationData).finish();
}
