import { concatBytes } from "@poterne/bytes";
import { type ChunkIndex, holdsFrames, type IndexedChunk } from "@poterne/recording";
import { decodeFrames, encodeFrame } from "@poterne/wire";

/** The most bytes of frames in one reply; at least one chunk always fits. */
export const MAX_RANGE_BYTES = 32 * 1024 * 1024;

/** What a player asks for. Times are inclusive. */
export interface RangeRequest {
  readonly fromMs: number;
  readonly toMs: number;
  /** Exactly from `fromMs` on, behind an earlier reply; otherwise from the entry point before it. */
  readonly isContinued: boolean;
}

/** What it gets: chunks to read, the times to keep of them, and from where to go on (null: nothing more is there). */
export interface RangePlan {
  readonly chunks: readonly IndexedChunk[];
  readonly fromMs: number;
  readonly untilMs: number;
  readonly nextMs: number | null;
}

/**
 * Chooses the chunks of a reply, from the place `first` of the index on. INVARIANT: frames of one millisecond are never
 * split between two replies.
 */
export function planRange(
  index: ChunkIndex,
  request: RangeRequest,
  first: number = firstOf(index, request),
): RangePlan {
  const fromMs = request.isContinued ? request.fromMs : (index.at(first)?.startMs ?? 0);
  const chunks: IndexedChunk[] = [];
  let bytes = 0;
  for (let place = first; place < index.count; place++) {
    const chunk = index.at(place);
    if (chunk === undefined || !holdsFrames(chunk)) continue;
    bytes += chunk.plainBytes;
    const isFull = bytes > MAX_RANGE_BYTES && chunk.startMs > fromMs;
    if (chunk.startMs > request.toMs || isFull) {
      const nextMs = Math.min(chunk.startMs, request.toMs + 1);
      return { chunks, fromMs, untilMs: nextMs - 1, nextMs };
    }
    chunks.push(chunk);
  }
  const lastMs = chunks.at(-1)?.endMs ?? 0;
  const nextMs = lastMs > request.toMs ? request.toMs + 1 : null;
  return { chunks, fromMs, untilMs: request.toMs, nextMs };
}

function firstOf(index: ChunkIndex, { fromMs, isContinued }: RangeRequest): number {
  return isContinued ? Math.max(0, index.lastAtOrBefore(fromMs - 1)) : index.entryAtOrBefore(fromMs);
}

/** The frames of one planned chunk that belong to the reply, back to back; the chunk itself when all do. */
export function cutChunk(plan: RangePlan, chunk: IndexedChunk, plain: Uint8Array): Uint8Array {
  if (chunk.startMs >= plan.fromMs && chunk.endMs <= plan.untilMs) return plain;
  const kept: Uint8Array[] = [];
  for (const frame of decodeFrames(plain))
    if (frame.timeMs >= plan.fromMs && frame.timeMs <= plan.untilMs) kept.push(encodeFrame(frame));
  return concatBytes(kept);
}
