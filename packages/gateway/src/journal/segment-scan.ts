import { stat } from "node:fs/promises";
import { checkedHash, type JournalLine, parseLine } from "./journal-line.ts";
import { readRawLines } from "./line-reader.ts";

type Line<Type extends JournalLine["type"]> = Extract<JournalLine, { type: Type }>;

/** What a segment holds up to the first line that does not fit. */
export interface SegmentScan {
  /** Its first line, null when not even that is whole. */
  readonly header: Line<"segment"> | null;
  /** The last line that fits. */
  readonly last: JournalLine | null;
  readonly goodBytes: number;
  readonly sizeBytes: number;
  readonly entryCount: number;
  readonly firstAt: string;
  /** Lines behind the first bad one that are whole and have their own hash: then it was altered, not torn. */
  readonly strayLineCount: number;
  /** Sequence of the last checkpoint, 0 for none. */
  readonly checkpointSequence: number;
}

/** Reads a segment and checks every hash and link; signatures are the verifier's matter. */
export async function scanSegment(path: string): Promise<SegmentScan> {
  const { size } = await stat(path);
  const found: Mutable<SegmentScan> = {
    header: null,
    last: null,
    goodBytes: 0,
    sizeBytes: size,
    entryCount: 0,
    firstAt: "",
    strayLineCount: 0,
    checkpointSequence: 0,
  };
  let isGood = true;
  for await (const lines of readRawLines(path)) {
    for (const raw of lines) {
      const line = raw.isWhole ? readLine(raw.bytes) : null;
      isGood &&= line !== null && isNext(found.last, line);
      if (isGood && line !== null) take(found, line, raw.endOffset);
      else if (line !== null) found.strayLineCount += 1;
    }
  }
  return found;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function readLine(bytes: Buffer): JournalLine | null {
  return checkedHash(bytes) === null ? null : parseLine(bytes.toString("utf8"));
}

function take(found: Mutable<SegmentScan>, line: JournalLine, endOffset: number): void {
  if (line.type === "segment") found.header = line;
  found.firstAt ||= line.at;
  found.last = line;
  found.goodBytes = endOffset;
  if (line.type === "entry") found.entryCount += 1;
  if (line.type === "checkpoint") found.checkpointSequence = line.sequence;
}

function isNext(last: JournalLine | null, line: JournalLine): boolean {
  if (last === null) return line.type === "segment";
  const isLinked = line.previous === last.hash && line.sequence === last.sequence + 1;
  return isLinked && line.type !== "segment" && last.type !== "trailer";
}
