import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder } from "../keeper/durable-file.ts";
import { checkedHash, parseLine } from "./journal-line.ts";
import { HEAD_FILE, listSegments, RESTORED_FILE, type Segment } from "./segment.ts";
import { type SegmentScan, scanSegment } from "./segment-scan.ts";

/** A write that a crash cut reaches back at most so far: one batch. What is damaged further in was altered. */
const MAX_TORN_BYTES = 2_097_152;

/** Folder for bytes taken off a damaged segment; they are evidence too. */
const DAMAGED_FOLDER = "damaged";

/** Something the recovery found, to be written into the journal as soon as it can be. */
export interface RecoveryNote {
  readonly kind: "keeper.journal-repaired" | "keeper.journal-altered" | "keeper.journal-shortened";
  readonly details: Readonly<Record<string, string | number>>;
}

/** Where the journal stands at the start. */
export interface Recovered {
  readonly segments: readonly Segment[];
  /** The segment to go on with, null when a new one is due. */
  readonly current: { readonly segment: Segment; readonly scan: SegmentScan } | null;
  /** The last line known, null in an empty journal. */
  readonly tip: {
    readonly epoch: number;
    readonly sequence: number;
    readonly hash: string;
    readonly at: string;
  } | null;
  /** The last line's monotonic time and boot id, to notice a jump of the clock. */
  readonly lastStamp: { readonly atMs: number; readonly monotonicMs: number; readonly boot: string } | null;
  /** Why the chain cannot simply go on: a new epoch is due. */
  readonly newEpoch: "first" | "restored" | "altered" | "shortened" | null;
  /** The highest epoch seen, 0 for none. */
  readonly lastEpoch: number;
  readonly notes: readonly RecoveryNote[];
}

/**
 * Looks at the end of the journal after whatever ended the last process. A torn end is cut off and kept aside; a
 * segment altered further in, or a journal shorter than its signed head says, is left as it is and a new epoch begins.
 */
export async function recoverJournal(directory: string): Promise<Recovered> {
  await mkdir(directory, { recursive: true, mode: 0o750 });
  const notes: RecoveryNote[] = [];
  const segments = [...(await listSegments(directory))];
  let scan: SegmentScan | null = null;
  for (let last = segments.at(-1); last !== undefined; last = segments.at(-1)) {
    scan = await scanSegment(join(directory, last.file));
    if (scan.header !== null) break;
    notes.push(await setAside(directory, last, 0));
    await rm(join(directory, last.file));
    segments.pop();
  }
  const isRestored = existsSync(join(directory, RESTORED_FILE));
  const head = await readHead(directory);
  const last = segments.at(-1);
  if (last === undefined || scan === null || scan.last === null) {
    if (head !== null) notes.push(shortened(head.sequence, 0));
    const newEpoch = reasonFor({ isRestored, isAltered: false, isShort: head !== null }) ?? "first";
    return {
      segments,
      current: null,
      tip: null,
      lastStamp: null,
      newEpoch,
      lastEpoch: head?.epoch ?? 0,
      notes,
    };
  }
  const isAltered = scan.strayLineCount > 0 && scan.sizeBytes - scan.goodBytes > MAX_TORN_BYTES;
  if (isAltered) {
    notes.push({
      kind: "keeper.journal-altered",
      details: { file: last.file, afterSequence: scan.last.sequence },
    });
  } else if (scan.goodBytes < scan.sizeBytes) {
    notes.push(await setAside(directory, last, scan.goodBytes));
    await truncate(join(directory, last.file), scan.goodBytes);
  }
  const isShort = head !== null && isAhead(head, { epoch: last.epoch, sequence: scan.last.sequence });
  if (isShort) notes.push(shortened(head.sequence, scan.last.sequence));
  return {
    segments,
    current: scan.last.type === "trailer" ? null : { segment: last, scan },
    tip: { epoch: last.epoch, sequence: scan.last.sequence, hash: scan.last.hash, at: scan.last.at },
    lastStamp: { atMs: Date.parse(scan.last.at), monotonicMs: scan.last.monotonicMs, boot: scan.last.boot },
    newEpoch: reasonFor({ isRestored, isAltered, isShort }),
    lastEpoch: Math.max(last.epoch, head?.epoch ?? 0),
    notes,
  };
}

interface Place {
  readonly epoch: number;
  readonly sequence: number;
}

function isAhead(one: Place, other: Place): boolean {
  return one.epoch > other.epoch || (one.epoch === other.epoch && one.sequence > other.sequence);
}

function shortened(signedSequence: number, foundSequence: number): RecoveryNote {
  return { kind: "keeper.journal-shortened", details: { signedSequence, foundSequence } };
}

function reasonFor(found: {
  isRestored: boolean;
  isAltered: boolean;
  isShort: boolean;
}): Recovered["newEpoch"] {
  if (found.isRestored) return "restored";
  if (found.isAltered) return "altered";
  return found.isShort ? "shortened" : null;
}

/** Copies what follows `offset` into the folder for damaged bytes. */
async function setAside(directory: string, segment: Segment, offset: number): Promise<RecoveryNote> {
  const folder = join(directory, DAMAGED_FOLDER);
  await mkdir(folder, { recursive: true, mode: 0o750 });
  const bytes = (await readFile(join(directory, segment.file))).subarray(offset);
  const digest = createHash("sha256").update(bytes).digest("hex");
  const path = join(folder, `${segment.file}.${offset}.${digest.slice(0, 8)}`);
  await writeFile(`${path}.new`, bytes, { mode: 0o640 });
  const file = await open(`${path}.new`, "r");
  await file.sync();
  await file.close();
  await rename(`${path}.new`, path);
  await syncFolder(folder);
  const details = { file: segment.file, offset, cutBytes: bytes.length, cutSha256: digest };
  return { kind: "keeper.journal-repaired", details };
}

async function readHead(directory: string): Promise<Place | null> {
  const path = join(directory, HEAD_FILE);
  if (!existsSync(path)) return null;
  const bytes = await readFile(path);
  const text = bytes.subarray(0, bytes.indexOf(0x0a));
  const line = checkedHash(text) === null ? null : parseLine(text.toString("utf8"));
  return line?.type === "checkpoint" || line?.type === "trailer" ? line : null;
}
