/** Below this the collector's own work is cheaper than the call. */
const WORTHWHILE_BYTES = 4096;

/**
 * Gives the memory of a buffer that has its own back at once; nobody may use it any more. Buffers live outside the
 * heap, but what waits for the collector makes it mark the whole heap every 64 MB: at ten megabytes a second of
 * pictures, copied four times on their way, that cost more than everything else together.
 */
export function freeMemory(bytes: Uint8Array): void {
  const { buffer, length } = bytes;
  if (!(buffer instanceof ArrayBuffer) || length < WORTHWHILE_BYTES) return;
  // Node's pool of small buffers is shared: what is as long as this, or is all of its memory, is not of it.
  if (length === buffer.byteLength || length >= Buffer.poolSize >>> 1) buffer.transfer(0);
}
