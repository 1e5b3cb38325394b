import { ByteReader, ByteWriter, concatBytes } from "@poterne/bytes";

const CHANNEL_FLAG_FIRST = 0x01;
const CHANNEL_FLAG_LAST = 0x02;
/** CHANNEL_PACKET_COMPRESSED: never offered. */
const CHANNEL_PACKET_COMPRESSED = 0x0020_0000;
/** What one chunk of the client carries ([MS-RDPBCGR] 3.1.5.2.1). */
const CHANNEL_CHUNK_LENGTH = 1600;
/** The longest message put together from chunks. */
export const MAX_CHANNEL_MESSAGE_BYTES = 2 * 1024 * 1024;
/** The same for the clipboard, whose pictures are not compressed: 1920 by 1080 pixels of 32 bits and their header. */
export const MAX_CLIPBOARD_MESSAGE_BYTES = 8 * 1024 * 1024 + 1024;

/** Puts the chunks of one static channel together ([MS-RDPBCGR] 2.2.6.1). */
export class ChunkJoiner {
  readonly #tooLong: ((sizeBytes: number) => void) | null;
  readonly #maxBytes: number;
  #isSkipping = false;
  #parts: Uint8Array[] = [];
  #totalBytes = 0;
  #heldBytes = 0;
  #isOpen = false;

  /** A message over `maxBytes` is an error, or left out and told to `tooLong`. */
  constructor(
    tooLong: ((sizeBytes: number) => void) | null = null,
    maxBytes: number = MAX_CHANNEL_MESSAGE_BYTES,
  ) {
    this.#tooLong = tooLong;
    this.#maxBytes = maxBytes;
  }

  /** Takes a chunk; the whole message once its last chunk came (a view when it came in one). Throws `DecodeError`. */
  receive(chunk: Uint8Array): Uint8Array | null {
    const reader = new ByteReader(chunk, "channel PDU");
    const length = reader.u32le();
    const flags = reader.u32le();
    if ((flags & CHANNEL_PACKET_COMPRESSED) !== 0)
      throw reader.fail("unsupported", "compression that was not offered");
    const isFirst = (flags & CHANNEL_FLAG_FIRST) !== 0;
    const isLast = (flags & CHANNEL_FLAG_LAST) !== 0;
    if (length > this.#maxBytes || (this.#isSkipping && !isFirst)) {
      if (this.#tooLong === null) throw reader.fail("limit", `${length} bytes`);
      if (!this.#isSkipping) this.#tooLong(length);
      this.#begin(0);
      this.#isSkipping = !isLast;
      return null;
    }
    this.#isSkipping = false;
    const data = reader.rest();
    if (isFirst && isLast) return data;
    if (isFirst) this.#begin(length);
    else if (!this.#isOpen) throw reader.fail("invalid", "a chunk without its first");
    this.#heldBytes += data.length;
    if (this.#heldBytes > this.#totalBytes) throw reader.fail("invalid", "more than the message's length");
    this.#parts.push(data.slice());
    if (!isLast) return null;
    const message = concatBytes(this.#parts);
    this.#begin(0);
    this.#isOpen = false;
    return message;
  }

  #begin(totalBytes: number): void {
    this.#parts = [];
    this.#heldBytes = 0;
    this.#totalBytes = totalBytes;
    this.#isOpen = true;
  }
}

/** The chunks of a message for a static channel, each to be sent as one MCS packet. */
export function encodeChunks(message: Uint8Array): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < message.length; at += CHANNEL_CHUNK_LENGTH) {
    const data = message.subarray(at, at + CHANNEL_CHUNK_LENGTH);
    const flags =
      (at === 0 ? CHANNEL_FLAG_FIRST : 0) | (at + data.length === message.length ? CHANNEL_FLAG_LAST : 0);
    chunks.push(new ByteWriter(data.length + 8).u32le(message.length).u32le(flags).put(data).finish());
  }
  return chunks;
}
