import { ByteReader, ByteWriter, decodeUtf8, encodeUtf8 } from "@poterne/bytes";
import { Inflater } from "@poterne/picture";
import { encodeClientCutText, encodeExtendedClipboard } from "./client-messages.ts";

/** Bits of an extended clipboard message. */
const Flag = {
  text: 1,
  formats: 0xffff,
  caps: 1 << 24,
  request: 1 << 25,
  peek: 1 << 26,
  notify: 1 << 27,
  provide: 1 << 28,
} as const;

const OWN_ACTIONS = Flag.caps | Flag.request | Flag.peek | Flag.notify | Flag.provide;
const MAX_STORED_BLOCK_BYTES = 0xffff;
const ADLER_MODULUS = 65521;

/** What came of a clipboard message: bytes to send, text received, or neither. */
export interface ClipboardResult {
  readonly send?: Uint8Array;
  /** UTF-8 with LF. */
  readonly text?: Uint8Array;
  readonly tooLargeBytes?: number;
}

/** The clipboard of one connection: Latin-1 cut text, or the extended clipboard once the server said it has it. */
export class RfbClipboard {
  readonly #maxBytes: number;
  readonly #isWanted: boolean;
  #isExtended = false;
  #canProvide = false;
  /** What the viewer copied last, offered to the server until it asks. */
  #offered: string | null = null;

  /** `isWanted`: whether the server's clipboard may be fetched at all. */
  constructor(maxBytes: number, isWanted: boolean) {
    this.#maxBytes = maxBytes;
    this.#isWanted = isWanted;
  }

  /** Text from the viewer: offered (extended) or sent at once (Latin-1, other characters become `?`). */
  offer(text: string): Uint8Array {
    if (!this.#isExtended) return encodeClientCutText(toLatin1(text));
    this.#offered = text;
    if (!this.#canProvide) return encodeExtendedClipboard(Flag.notify | Flag.text, new Uint8Array(0));
    return encodeExtendedClipboard(Flag.provide | Flag.text, packText(text));
  }

  /** RFC 6143 §7.6.4 ServerCutText. */
  receiveLatin1(bytes: Uint8Array): ClipboardResult {
    if (!this.#isWanted) return {};
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return { text: encodeUtf8(text.replace(/\r\n?/g, "\n")) };
  }

  /** An extended message: flags, then what they announce. Throws `DecodeError`. */
  receiveExtended(message: Uint8Array): ClipboardResult {
    const reader = new ByteReader(message, "extended clipboard");
    const flags = reader.u32();
    if ((flags & Flag.caps) !== 0) return this.#receiveCaps(flags);
    if ((flags & Flag.provide) !== 0) return this.#receiveText(flags, reader.rest());
    if ((flags & Flag.request) !== 0) return this.#answerRequest(flags);
    if ((flags & Flag.peek) !== 0) {
      const formats = this.#offered === null ? 0 : Flag.text;
      return { send: encodeExtendedClipboard(Flag.notify | formats, new Uint8Array(0)) };
    }
    if ((flags & Flag.notify) !== 0 && (flags & Flag.text) !== 0 && this.#isWanted)
      return { send: encodeExtendedClipboard(Flag.request | Flag.text, new Uint8Array(0)) };
    return {};
  }

  #receiveCaps(flags: number): ClipboardResult {
    this.#isExtended = (flags & Flag.text) !== 0;
    // A server that takes no notifications gets the text at once.
    this.#canProvide = (flags & Flag.notify) === 0;
    const sizes = new ByteWriter(4).u32(0).finish();
    return { send: encodeExtendedClipboard(OWN_ACTIONS | Flag.text, sizes) };
  }

  #answerRequest(flags: number): ClipboardResult {
    if ((flags & Flag.text) === 0 || this.#offered === null) return {};
    return { send: encodeExtendedClipboard(Flag.provide | Flag.text, packText(this.#offered)) };
  }

  #receiveText(flags: number, packed: Uint8Array): ClipboardResult {
    if ((flags & Flag.text) === 0 || !this.#isWanted) return {};
    // Text is the first format, so its size stands first; formats behind it are not unpacked.
    const plain = new Inflater().inflate(packed, this.#maxBytes * 2 + 1024);
    const reader = new ByteReader(plain, "extended clipboard");
    const length = reader.u32();
    if (length > this.#maxBytes) return { tooLargeBytes: length };
    const text = decodeUtf8(reader.take(length)).replace(/\0+$/, "").replace(/\r\n?/g, "\n");
    return { text: encodeUtf8(text) };
  }
}

function toLatin1(text: string): Uint8Array {
  const characters = [...text.replace(/\r\n?/g, "\n")];
  return Uint8Array.from(characters, (character) => {
    const point = character.codePointAt(0) ?? 0;
    return point < 256 ? point : 63;
  });
}

function packText(text: string): Uint8Array {
  const bytes = encodeUtf8(`${text.replace(/\r\n?|\n/g, "\r\n")}\0`);
  return storeZlib(new ByteWriter(4 + bytes.length).u32(bytes.length).put(bytes).finish());
}

/** A zlib stream (RFC 1950) of stored blocks: valid everywhere, needs no compressor. */
export function storeZlib(plain: Uint8Array): Uint8Array {
  const writer = new ByteWriter(plain.length + 64).u8(0x78).u8(0x01);
  let at = 0;
  do {
    const count = Math.min(MAX_STORED_BLOCK_BYTES, plain.length - at);
    const isLast = at + count === plain.length;
    writer
      .u8(isLast ? 1 : 0)
      .u16le(count)
      .u16le(count ^ 0xffff)
      .put(plain.subarray(at, at + count));
    at += count;
  } while (at < plain.length);
  return writer.u32(adler32(plain)).finish();
}

function adler32(bytes: Uint8Array): number {
  let low = 1;
  let high = 0;
  for (const byte of bytes) {
    low = (low + byte) % ADLER_MODULUS;
    high = (high + low) % ADLER_MODULUS;
  }
  return ((high << 16) | low) >>> 0;
}
