import { encodeUtf8 } from "@poterne/bytes";
import type { RecordingHasher } from "./crypto.ts";

const HEADER_DOMAIN = encodeUtf8("poterne recording v1\0");

/** The chain's head before the first record: SHA-256 over a domain and the whole file header. */
export function firstHead(hasher: RecordingHasher, fileHeader: Uint8Array): Uint8Array {
  return hasher.sha256(HEADER_DOMAIN, fileHeader);
}

/** The chain's head after a record or checkpoint: SHA-256 over the head before and its bytes as they stand in the file
 * (header and body of a record; a checkpoint whole, with an empty body).
 */
export function nextHead(
  hasher: RecordingHasher,
  head: Uint8Array,
  recordHeader: Uint8Array,
  body: Uint8Array,
): Uint8Array {
  return hasher.sha256(head, recordHeader, body);
}
