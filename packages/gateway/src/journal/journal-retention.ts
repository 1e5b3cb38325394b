import { open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder } from "../keeper/durable-file.ts";
import { formatSignedLine, type JournalLine, type LineSigner, parseLine } from "./journal-line.ts";
import { type Segment, TRAILERS_FILE } from "./segment.ts";
import { scanSegment } from "./segment-scan.ts";

/** ANSSI PA-022 and the CNIL's recommendation on logs ask for six months at least. */
const MIN_RETENTION_MONTHS = 6;

/** The first UTC day that is kept, as `2025-11-21`. */
export function firstKeptDay(nowMs: number, months: number): string {
  const day = new Date(nowMs);
  day.setUTCMonth(day.getUTCMonth() - Math.max(months, MIN_RETENTION_MONTHS));
  return day.toISOString().slice(0, 10);
}

/** What was dropped, for the journal. */
export interface DroppedSegment {
  readonly file: string;
  readonly epoch: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly entryCount: number;
  readonly trailerHash: string;
}

/**
 * Drops a whole segment: its signed trailer is appended durably to `trailers.jsonl` first. A segment without one (the
 * end of an epoch that was cut) gets one signed now, over its last good line.
 */
export async function dropSegment(
  directory: string,
  segment: Segment,
  signer: LineSigner,
): Promise<DroppedSegment> {
  const path = join(directory, segment.file);
  const scan = await scanSegment(path);
  const { header, last } = scan;
  if (header === null || last === null) throw new Error(`${segment.file} has no first line`);
  const text =
    last.type === "trailer"
      ? await lastLineOf(path, scan.goodBytes)
      : signAbandoned({ header, last }, scan, signer);
  const trailer = parseLine(text);
  if (trailer?.type !== "trailer") throw new Error(`${segment.file} has no trailer`);
  const file = await open(join(directory, TRAILERS_FILE), "a", 0o640);
  try {
    await file.appendFile(`${text}\n`);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rm(path);
  await syncFolder(directory);
  const { firstSequence, entryCount, sequence, hash } = trailer;
  return {
    file: segment.file,
    epoch: segment.epoch,
    firstSequence,
    lastSequence: sequence,
    entryCount,
    trailerHash: hash,
  };
}

async function lastLineOf(path: string, goodBytes: number): Promise<string> {
  const text = (await readFile(path)).subarray(0, goodBytes).toString("utf8").trimEnd();
  return text.slice(text.lastIndexOf("\n") + 1);
}

function signAbandoned(
  ends: { readonly header: Extract<JournalLine, { type: "segment" }>; readonly last: JournalLine },
  scan: { readonly entryCount: number; readonly firstAt: string },
  signer: LineSigner,
): string {
  const { header, last } = ends;
  const { at, monotonicMs, boot } = last;
  const stamp = { sequence: last.sequence + 1, at, monotonicMs, boot, previous: last.hash };
  return formatSignedLine(
    stamp,
    [
      ["type", '"trailer"'],
      ["node", JSON.stringify(header.node)],
      ["epoch", String(header.epoch)],
      ["firstSequence", String(header.sequence)],
      ["segmentPrevious", JSON.stringify(header.previous)],
      ["entryCount", String(scan.entryCount)],
      ["firstAt", JSON.stringify(scan.firstAt)],
    ],
    signer,
  ).text;
}
