import { freeMemory } from "../../free-memory.ts";

/** One read of 64 kB and what the picture language writes around its rectangles. */
const SCRATCH_BYTES = 80 * 1024;
/** Kept for the next reads, 640 kB at most: reads are done one after another, whichever session they are of. */
const MAX_POOLED = 8;

const pool: Uint8Array[] = [];

/** Memory for the frames of one read, not cleared; shared by all desktops' sessions of the process. */
export function takeScratch(sizeBytes: number): Uint8Array {
  if (sizeBytes > SCRATCH_BYTES) return Buffer.allocUnsafeSlow(sizeBytes);
  return pool.pop() ?? Buffer.allocUnsafeSlow(SCRATCH_BYTES);
}

/** Gives back what a frame's payload stands in, once the hub has taken it. Nobody may use it any more. */
export function giveScratch(payload: Uint8Array): void {
  const { buffer } = payload;
  if (buffer.byteLength === SCRATCH_BYTES && pool.length < MAX_POOLED) pool.push(Buffer.from(buffer));
  else if (buffer.byteLength > SCRATCH_BYTES) freeMemory(payload);
}
