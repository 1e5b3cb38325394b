import { readdir } from "node:fs/promises";

/** A segment file: one day of one epoch, or a part of it when the day is large. */
export interface Segment {
  readonly file: string;
  readonly epoch: number;
  /** Sequence of its first line. */
  readonly firstSequence: number;
  /** UTC day, `2026-11-21`. */
  readonly day: string;
}

/** Signed trailers of dropped segments, one line each. */
export const TRAILERS_FILE = "trailers.jsonl";

/** The newest signed line, so that a cut at the end shows. */
export const HEAD_FILE = "head.jsonl";

/** When present at the start, a new epoch is opened: `poterne restore` leaves it. */
export const RESTORED_FILE = "restored";

const NAME = /^(\d{4})-(\d{12})-(\d{4}-\d\d-\d\d)\.jsonl$/;

/** The name of a segment: epoch, first sequence, day; the names sort in the order of the journal. */
export function segmentName(epoch: number, firstSequence: number, day: string): string {
  return `${String(epoch).padStart(4, "0")}-${String(firstSequence).padStart(12, "0")}-${day}.jsonl`;
}

/** The segments of a folder in the order of the journal. */
export async function listSegments(directory: string): Promise<readonly Segment[]> {
  const files = (await readdir(directory)).sort();
  return files.flatMap((file) => {
    const match = NAME.exec(file);
    const [, epoch, firstSequence, day] = match ?? [];
    if (epoch === undefined || firstSequence === undefined || day === undefined) return [];
    return [{ file, epoch: Number(epoch), firstSequence: Number(firstSequence), day }];
  });
}
