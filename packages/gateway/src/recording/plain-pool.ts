import { CHUNK_ROOMS_BYTES } from "@poterne/recording";
import { freeMemory } from "../free-memory.ts";

/** Buffers of one size kept for the next chunks. */
interface Pool {
  readonly sizeBytes: number;
  readonly kept: Uint8Array[];
}

/**
 * What is kept of each size: 1 MB at most, shared by all recordings of the process. Those that write much give back one
 * for each they take; what all give back at a beat is not worth keeping.
 */
const MAX_KEPT_BYTES = 1024 * 1024;

const [, ...POOLED_BYTES] = CHUNK_ROOMS_BYTES;
const pools: readonly Pool[] = POOLED_BYTES.map((sizeBytes) => ({ sizeBytes, kept: [] }));

/**
 * Room for one chunk's plaintext, not cleared. Fresh buffers cost more in page faults and collection than packing them:
 * chunks of the usual sizes reuse those that were sealed.
 */
export function takePlain(bytes: number): Uint8Array {
  const pool = pools.find(({ sizeBytes }) => sizeBytes === bytes);
  return pool?.kept.pop() ?? Buffer.allocUnsafeSlow(bytes);
}

/** Gives a buffer of `takePlain`, or the part of it that was used, back. Nobody may use it any more. */
export function givePlain(plain: Uint8Array): void {
  const pool = pools.find(({ sizeBytes }) => sizeBytes === plain.buffer.byteLength);
  if (pool === undefined || pool.kept.length * pool.sizeBytes >= MAX_KEPT_BYTES) freeMemory(plain);
  else pool.kept.push(new Uint8Array(plain.buffer));
}
