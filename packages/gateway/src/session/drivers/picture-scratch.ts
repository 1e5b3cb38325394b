import { freeMemory } from "../../free-memory.ts";

/** Memory of one size that is kept for the next frames. */
interface Pool {
  readonly sizeBytes: number;
  readonly most: number;
  readonly kept: Uint8Array[];
}

const SMALLEST_BYTES = 80 * 1024;

/**
 * Reads are done one after another, whichever session they are of: 1.3 MB at most is kept by the process. One read of
 * 64 kB and what the picture language writes around its rectangles, or an RDP server's frame, which is handed over in
 * parts over 256 kB.
 */
const POOLS: readonly Pool[] = [
  { sizeBytes: SMALLEST_BYTES, most: 8, kept: [] },
  { sizeBytes: 336 * 1024, most: 2, kept: [] },
];

/** Memory for the frames of one read, not cleared; shared by all desktops' sessions of the process. */
export function takeScratch(sizeBytes: number): Uint8Array {
  for (const pool of POOLS)
    if (sizeBytes <= pool.sizeBytes) return pool.kept.pop() ?? Buffer.allocUnsafeSlow(pool.sizeBytes);
  return Buffer.allocUnsafeSlow(sizeBytes);
}

/** Gives back what a frame's payload stands in, once the hub has taken it. Nobody may use it any more. */
export function giveScratch(payload: Uint8Array): void {
  const { buffer } = payload;
  for (const { sizeBytes, most, kept } of POOLS)
    if (buffer.byteLength === sizeBytes && kept.length < most) {
      kept.push(Buffer.from(buffer));
      return;
    }
  // Shorter ones are not of `takeScratch`.
  if (buffer.byteLength >= SMALLEST_BYTES) freeMemory(payload);
}
