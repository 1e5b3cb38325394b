import { join } from "node:path";
import { sequenceOf } from "./journal-line.ts";
import { readRawLines } from "./line-reader.ts";
import type { Segment } from "./segment.ts";

/** A place in the journal: the line last taken. `{ epoch: 0, sequence: 0 }` is before everything. */
export interface JournalPlace {
  readonly epoch: number;
  readonly sequence: number;
}

/** Lines in order, and the place after them. */
export interface ReadLines {
  /** Each with the epoch of its segment. */
  readonly lines: readonly { readonly epoch: number; readonly text: string }[];
  /** Nothing follows for now. */
  readonly isEnd: boolean;
}

/** One answer holds at most so much. */
const MAX_READ_BYTES = 786_432;
const MAX_READ_LINES = 2_000;

/** Readers whose places in the files are remembered. */
const MAX_BOOKMARKS = 16;

/** Reads on from a place, remembering where it was so that following the journal does not read it again. */
export class JournalReader {
  readonly #directory: string;
  readonly #bookmarks = new Map<string, { readonly file: string; readonly offset: number }>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Lines behind `after`. `end` bounds the segment being written to what is durable. */
  async read(
    segments: readonly Segment[],
    after: JournalPlace,
    end: { readonly file: string; readonly sizeBytes: number } | null,
  ): Promise<ReadLines> {
    for (const [index, segment] of segments.entries()) {
      const next = segments[index + 1];
      if (isBefore(segment, next, after)) continue;
      const to = end !== null && end.file === segment.file ? end.sizeBytes : Number.MAX_SAFE_INTEGER;
      const lines = await this.#readSegment(segment, after, to);
      if (lines.length > 0) return { lines, isEnd: false };
    }
    return { lines: [], isEnd: true };
  }

  async #readSegment(segment: Segment, after: JournalPlace, to: number): Promise<ReadLines["lines"]> {
    const mark = this.#bookmarks.get(markName(after));
    const from = mark?.file === segment.file ? mark.offset : 0;
    const skipTo = segment.epoch === after.epoch ? after.sequence : 0;
    const lines: { epoch: number; text: string }[] = [];
    let size = 0;
    let seen: { readonly place: JournalPlace; readonly offset: number } | null = null;
    for await (const group of readRawLines(join(this.#directory, segment.file), { from, to })) {
      for (const raw of group) {
        const text = raw.isWhole ? raw.bytes.toString("utf8") : "";
        const sequence = sequenceOf(text);
        if (sequence === null) return lines;
        if (sequence <= skipTo) continue;
        lines.push({ epoch: segment.epoch, text });
        size += raw.bytes.length;
        if (lines.length >= MAX_READ_LINES || size >= MAX_READ_BYTES) {
          this.#mark({ epoch: segment.epoch, sequence }, segment.file, raw.endOffset);
          return lines;
        }
        seen = { place: { epoch: segment.epoch, sequence }, offset: raw.endOffset };
      }
    }
    if (seen !== null) this.#mark(seen.place, segment.file, seen.offset);
    return lines;
  }

  #mark(place: JournalPlace, file: string, offset: number): void {
    this.#bookmarks.set(markName(place), { file, offset });
    if (this.#bookmarks.size > MAX_BOOKMARKS) {
      const oldest = this.#bookmarks.keys().next().value;
      if (oldest !== undefined) this.#bookmarks.delete(oldest);
    }
  }
}

function markName(place: JournalPlace): string {
  return `${place.epoch}:${place.sequence}`;
}

/** Whether a segment ends before the place, judged by where the next one begins. */
function isBefore(segment: Segment, next: Segment | undefined, after: JournalPlace): boolean {
  if (segment.epoch !== after.epoch) return segment.epoch < after.epoch;
  return next !== undefined && next.epoch === segment.epoch && next.firstSequence <= after.sequence + 1;
}
