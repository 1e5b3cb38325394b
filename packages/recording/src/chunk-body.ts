import { DecodeError } from "@poterne/bytes";
import type { RecordingCompression, RecordingCrypto } from "./crypto.ts";
import { Codec, type RecordHeader } from "./record-header.ts";

/** Length of a content key. */
export const CONTENT_KEY_BYTES = 32;

/** The nonce of a chunk: eight zero bytes, then its sequence as u32 little-endian. A content key serves one file only. */
export function chunkNonce(sequence: number): Uint8Array {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(8, sequence, true);
  return nonce;
}

/**
 * Opens and unpacks a chunk's body; the record header's 44 bytes are the additional data. Throws `DecodeError`
 * `invalid` when the tag or the compressed stream is wrong.
 */
export function openChunk(
  tools: {
    readonly crypto: RecordingCrypto;
    readonly compression: RecordingCompression;
    readonly key: Uint8Array;
  },
  record: { readonly header: RecordHeader; readonly headerBytes: Uint8Array; readonly body: Uint8Array },
): Uint8Array {
  const nonce = chunkNonce(record.header.sequence);
  const packed = tools.crypto.open(tools.key, nonce, record.headerBytes, record.body);
  if (packed === null) throw refuse(record.header, "tag");
  return unpack(tools.compression, record.header, packed);
}

/** Undoes a record's codec. Throws `DecodeError` `invalid` when the length or the stream is wrong. */
export function unpack(
  compression: RecordingCompression,
  header: Pick<RecordHeader, "codec" | "plainBytes" | "sequence">,
  packed: Uint8Array,
): Uint8Array {
  if (header.codec === Codec.stored) {
    if (packed.length !== header.plainBytes) throw refuse(header, "length");
    return packed;
  }
  const plain = compression.decompress(packed, header.plainBytes);
  if (plain === null) throw refuse(header, "compressed stream");
  return plain;
}

function refuse(header: Pick<RecordHeader, "sequence">, detail: string): DecodeError {
  return new DecodeError("invalid", `recording chunk ${header.sequence}`, 0, detail);
}
