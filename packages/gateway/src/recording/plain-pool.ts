import { CHUNK_TARGET_BYTES } from "@poterne/recording";
import { freeMemory } from "../free-memory.ts";

/**
 * Buffers kept for the next chunks: 1 MB at most, shared by all recordings of the process. Those that write much give
 * back one for each they take; what all give back at a beat is not worth keeping.
 */
const MAX_POOLED = 16;

const pool: Uint8Array[] = [];

/**
 * Room for one chunk's plaintext, not cleared. Fresh 64 kB buffers cost more in page faults and collection than
 * packing them: chunks of the usual size reuse those that were sealed.
 */
export function takePlain(bytes: number): Uint8Array {
  const pooled = bytes === CHUNK_TARGET_BYTES ? pool.pop() : undefined;
  return pooled ?? Buffer.allocUnsafeSlow(bytes);
}

/** Gives a buffer of `takePlain`, or the part of it that was used, back. Nobody may use it any more. */
export function givePlain(plain: Uint8Array): void {
  if (plain.buffer.byteLength !== CHUNK_TARGET_BYTES || pool.length >= MAX_POOLED) freeMemory(plain);
  else pool.push(new Uint8Array(plain.buffer));
}
