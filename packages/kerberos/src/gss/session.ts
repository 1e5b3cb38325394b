import { ByteReader, concatBytes, DecodeError, equalBytes } from "@poterne/bytes";
import { wipe } from "../crypto.ts";
import {
  checksum,
  decrypt,
  type EncryptionTools,
  encrypt,
  IntegrityError,
  isChecksumGood,
} from "../encryption/encryption.ts";
import type { EncryptionKey } from "../encryption/key.ts";
import { profileOf } from "../encryption/profiles.ts";
import { KeyUsage } from "../messages/numbers.ts";

const HEADER_BYTES = 16;
const WRAP_TOKEN = 0x0504;
const MIC_TOKEN = 0x0404;
const FILLER = 0xff;
/** Flags of RFC 4121 §4.2.2. */
const Flag = { SentByAcceptor: 1, Sealed: 2, AcceptorSubkey: 4 } as const;

/** Which side of a context this is. */
export type GssRole = "initiator" | "acceptor";

/** An established context, as both sides agreed on it. The session owns `key` and wipes it. */
export interface GssSessionOptions extends EncryptionTools {
  readonly role: GssRole;
  readonly key: EncryptionKey;
  readonly hasAcceptorSubkey: boolean;
  /** First sequence numbers of both directions, 32 bits. */
  readonly sendSequence: number;
  readonly receiveSequence: number;
}

/** What was in a wrap token. */
export interface Unwrapped {
  readonly isSealed: boolean;
  readonly data: Uint8Array;
}

/** Header of a per-message token (RFC 4121 §4.2.6). */
interface Header {
  readonly flags: number;
  readonly extraCount: number;
  readonly rotation: number;
  readonly sequence: bigint;
}

/**
 * Per-message tokens of an established context (RFC 4121 §4.2). Tokens are expected in order: one that comes again, too
 * early or too late is refused. Wrap tokens are written rotated the way Windows writes and FreeRDP wants them: checksum
 * and header first, the message last.
 */
export class GssSession {
  readonly #options: GssSessionOptions;
  #sendSequence: bigint;
  #receiveSequence: bigint;

  constructor(options: GssSessionOptions) {
    this.#options = options;
    this.#sendSequence = BigInt(options.sendSequence);
    this.#receiveSequence = BigInt(options.receiveSequence);
  }

  /** Wraps data so that nobody else can read or alter them (RFC 4121 §4.2.4). */
  seal(data: Uint8Array): Uint8Array {
    const fields = { flags: this.#ownFlags | Flag.Sealed, extraCount: 0, sequence: this.#sendSequence++ };
    const header = writeHeader(WRAP_TOKEN, { ...fields, rotation: 0 });
    const plain = concatBytes([data, header]);
    const cipher = encrypt(this.#options, this.#options.key, this.#sealUsage(this.#isAcceptor), plain);
    wipe(plain);
    const rotation = HEADER_BYTES + profileOf(this.#options.key).macBytes;
    return concatBytes([writeHeader(WRAP_TOKEN, { ...fields, rotation }), rotateRight(cipher, rotation)]);
  }

  /** Wraps data readable, with a checksum. */
  wrapReadable(data: Uint8Array): Uint8Array {
    const fields = { flags: this.#ownFlags, sequence: this.#sendSequence++ };
    const signed = writeHeader(WRAP_TOKEN, { ...fields, extraCount: 0, rotation: 0 });
    const digest = this.#checksum(this.#sealUsage(this.#isAcceptor), concatBytes([data, signed]));
    const header = { ...fields, extraCount: digest.length, rotation: digest.length };
    return concatBytes([writeHeader(WRAP_TOKEN, header), digest, data]);
  }

  /** Opens a wrap token. Anything but the peer's next one is an `IntegrityError` or a `DecodeError`. */
  unwrap(token: Uint8Array): Unwrapped {
    const structure = "wrap token";
    const header = this.#readHeader(token, WRAP_TOKEN, structure);
    const isSealed = (header.flags & Flag.Sealed) !== 0;
    const body = token.subarray(HEADER_BYTES);
    if (body.length === 0) throw new DecodeError("truncated", structure, token.length);
    const turned = rotateRight(body, body.length - (header.rotation % body.length));
    const data = isSealed ? this.#openSealed(turned, header) : this.#openReadable(turned, header);
    this.#takeSequence(header, structure);
    return { isSealed, data };
  }

  #openSealed(cipher: Uint8Array, header: Header): Uint8Array {
    const { crypto, key } = this.#options;
    const plain = decrypt(crypto, key, this.#sealUsage(!this.#isAcceptor), cipher);
    const dataBytes = plain.length - HEADER_BYTES - header.extraCount;
    const wanted = writeHeader(WRAP_TOKEN, { ...header, rotation: 0 });
    if (dataBytes < 0 || !equalBytes(plain.subarray(plain.length - HEADER_BYTES), wanted))
      throw new IntegrityError("wrap token's header");
    return plain.subarray(0, dataBytes);
  }

  #openReadable(body: Uint8Array, header: Header): Uint8Array {
    const { crypto, key } = this.#options;
    const dataBytes = body.length - header.extraCount;
    if (dataBytes < 0) throw new DecodeError("invalid", "wrap token", 4, "length of the checksum");
    const data = body.subarray(0, dataBytes);
    const signed = writeHeader(WRAP_TOKEN, { ...header, extraCount: 0, rotation: 0 });
    const input = { data: concatBytes([data, signed]), found: body.subarray(dataBytes) };
    if (!isChecksumGood(crypto, key, this.#sealUsage(!this.#isAcceptor), input))
      throw new IntegrityError("wrap token");
    return data.slice();
  }

  /** A MIC token over data that travel apart (RFC 4121 §4.2.6.1). */
  sign(data: Uint8Array): Uint8Array {
    const header = writeHeader(MIC_TOKEN, {
      flags: this.#ownFlags,
      extraCount: 0xffff,
      rotation: 0xffff,
      sequence: this.#sendSequence++,
    });
    return concatBytes([
      header,
      this.#checksum(this.#signUsage(this.#isAcceptor), concatBytes([data, header])),
    ]);
  }

  /** Checks the peer's MIC token over data; a wrong one is an `IntegrityError` or a `DecodeError`. */
  verify(data: Uint8Array, token: Uint8Array): void {
    const structure = "MIC token";
    const header = this.#readHeader(token, MIC_TOKEN, structure);
    const { crypto, key } = this.#options;
    const input = {
      data: concatBytes([data, token.subarray(0, HEADER_BYTES)]),
      found: token.subarray(HEADER_BYTES),
    };
    if (!isChecksumGood(crypto, key, this.#signUsage(!this.#isAcceptor), input))
      throw new IntegrityError(structure);
    this.#takeSequence(header, structure);
  }

  /** Forgets the key: nothing can be wrapped or opened any more. */
  wipe(): void {
    wipe(this.#options.key.bytes);
  }

  get #isAcceptor(): boolean {
    return this.#options.role === "acceptor";
  }

  get #ownFlags(): number {
    const subkey = this.#options.hasAcceptorSubkey ? Flag.AcceptorSubkey : 0;
    return subkey | (this.#isAcceptor ? Flag.SentByAcceptor : 0);
  }

  #sealUsage(isByAcceptor: boolean): number {
    return isByAcceptor ? KeyUsage.KG_ACCEPTOR_SEAL : KeyUsage.KG_INITIATOR_SEAL;
  }

  #signUsage(isByAcceptor: boolean): number {
    return isByAcceptor ? KeyUsage.KG_ACCEPTOR_SIGN : KeyUsage.KG_INITIATOR_SIGN;
  }

  #checksum(usage: number, data: Uint8Array): Uint8Array {
    return checksum(this.#options.crypto, this.#options.key, usage, data);
  }

  #readHeader(token: Uint8Array, id: number, structure: string): Header {
    const reader = new ByteReader(token, structure);
    if (reader.u16() !== id) throw reader.fail("invalid", "token id");
    const flags = reader.u8();
    if (reader.u8() !== FILLER) throw reader.fail("invalid", "filler");
    const header = {
      flags,
      extraCount: reader.u16(),
      rotation: reader.u16(),
      sequence: (BigInt(reader.u32()) << 32n) | BigInt(reader.u32()),
    };
    const wanted = this.#ownFlags ^ Flag.SentByAcceptor;
    if ((flags & ~Flag.Sealed) !== wanted) throw reader.fail("invalid", "sender or key");
    return header;
  }

  #takeSequence(header: Header, structure: string): void {
    if (header.sequence !== this.#receiveSequence)
      throw new DecodeError("invalid", structure, 8, "out of sequence");
    this.#receiveSequence++;
  }
}

function writeHeader(id: number, header: Header): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, id);
  view.setUint8(2, header.flags);
  view.setUint8(3, FILLER);
  view.setUint16(4, header.extraCount);
  view.setUint16(6, header.rotation);
  view.setBigUint64(8, header.sequence);
  return bytes;
}

/** Moves the last `count` bytes to the front (RFC 4121 §4.2.5). */
function rotateRight(bytes: Uint8Array, count: number): Uint8Array {
  const at = bytes.length - (count % bytes.length);
  return concatBytes([bytes.subarray(at), bytes.subarray(0, at)]);
}
