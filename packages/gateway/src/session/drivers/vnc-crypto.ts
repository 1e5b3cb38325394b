import { createCipheriv } from "node:crypto";
import { constants, inflateRawSync } from "node:zlib";
import { type InflateTail, MAX_PENDING_OUTPUT_BYTES } from "@poterne/rfb";
import { freeMemory } from "../../free-memory.ts";

const WINDOW_BYTES = 32 * 1024;
/** Room for a usual batch in one piece: several pieces would be joined by one more copy. */
const MAX_CHUNK_BYTES = MAX_PENDING_OUTPUT_BYTES + 4096;
const MIN_CHUNK_BYTES = 4096;

/**
 * DES-ECB without padding, for VNC authentication. OpenSSL 3 keeps single DES in its legacy provider; triple DES with
 * one key thrice is the same function.
 */
export function encryptDes(key: Uint8Array, blocks: Uint8Array): Uint8Array {
  const cipher = createCipheriv("des-ede3-ecb", Buffer.concat([key, key, key]), null);
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(blocks), cipher.final()]);
}

/** Catches up with a zlib stream through Node's zlib: two to three times as fast as our own inflater. */
export const inflateTail: InflateTail = (window, packed, maxBytes) => {
  const output = inflateRawSync(packed, {
    ...(window.length === 0 ? {} : { dictionary: window }),
    finishFlush: constants.Z_SYNC_FLUSH,
    maxOutputLength: Math.max(maxBytes, 1),
    chunkSize: Math.min(MAX_CHUNK_BYTES, Math.max(MIN_CHUNK_BYTES, maxBytes + 64)),
  });
  const fromOutput = output.subarray(Math.max(0, output.length - WINDOW_BYTES));
  const kept = window.subarray(Math.max(0, window.length + fromOutput.length - WINDOW_BYTES));
  // A copy of its own: the output's memory is as large as the whole batch.
  const tail = new Uint8Array(kept.length + fromOutput.length);
  tail.set(kept);
  tail.set(fromOutput, kept.length);
  freeMemory(output);
  return tail;
};
