import { join } from "node:path";
import { fromHex } from "@poterne/bytes";
import type { JournalCheckpoint } from "@poterne/recording";
import { entrySchema } from "../journal/journal-entry.ts";
import { parseLine } from "../journal/journal-line.ts";
import { readRawLines } from "../journal/line-reader.ts";
import { listSegments } from "../journal/segment.ts";

/** Anchors taken of one recording, the newest; at one a minute that is a week. */
const MAX_ANCHORS = 10_000;

/** Entries that hold a head of a recording's chain. */
const ANCHOR_KINDS: ReadonlySet<string> = new Set([
  "recording.started",
  "recording.checkpoint",
  "recording.ended",
  "recording.sealed",
]);

/** UTC days of the journal to look at, `2026-11-21`, both included. */
export interface AnchorDays {
  readonly fromDay: string;
  readonly toDay: string;
}

/**
 * The heads that a journal's files hold of one recording, oldest first; of some days only, if named. They are as true as
 * the journal: verify it too. Rejects when the folder cannot be read.
 */
export async function readAnchors(
  journalDirectory: string,
  sessionId: string,
  days: AnchorDays | null = null,
): Promise<JournalCheckpoint[]> {
  const anchors: JournalCheckpoint[] = [];
  for (const segment of await listSegments(journalDirectory)) {
    if (days !== null && (segment.day < days.fromDay || segment.day > days.toDay)) continue;
    const range = { from: 0, to: Number.MAX_SAFE_INTEGER };
    for await (const group of readRawLines(join(journalDirectory, segment.file), range))
      for (const { bytes, isWhole } of group) {
        const anchor = isWhole && bytes.includes(sessionId) ? readAnchor(bytes, sessionId) : null;
        if (anchor !== null) anchors.push(anchor);
      }
  }
  return anchors.slice(-MAX_ANCHORS);
}

function readAnchor(bytes: Buffer, sessionId: string): JournalCheckpoint | null {
  const line = parseLine(bytes.toString("utf8"));
  const entry = line?.type === "entry" ? entrySchema.safeParse(line.entry).data : undefined;
  if (entry === undefined || entry.subject.sessionId !== sessionId) return null;
  const { count, head } = entry.details;
  if (!ANCHOR_KINDS.has(entry.kind) || typeof count !== "number" || typeof head !== "string") return null;
  return /^[0-9a-f]{64}$/.test(head) ? { count, head: fromHex(head) } : null;
}
