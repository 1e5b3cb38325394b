import { Failure } from "@poterne/contract";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import type { KeyWrap } from "../keeper/keeper.ts";
import type { FullKeeper } from "../keeper/remote-keeper.ts";

/** One stored envelope with the way to replace it. */
export interface StoredEnvelope {
  readonly context: string;
  readonly envelope: Uint8Array;
  /** Puts the new envelope in the place of the old one, and of nothing else: false when it was changed meanwhile. */
  replace(envelope: Uint8Array): Promise<boolean>;
}

/** The wraps of one recording's key with the way to replace them. */
export interface StoredWraps {
  readonly sessionId: string;
  /** All that there are; throws the Failure `recording-unreadable`. */
  read(): Promise<readonly KeyWrap[]>;
  /** Puts these in front of them, durably. */
  replace(wraps: readonly KeyWrap[]): Promise<void>;
}

/** Where envelopes are stored: each noun that stores some gives one. */
export interface EnvelopeSource {
  /** For the report: `accounts`, `factors`. */
  readonly name: string;
  /** All envelopes; may be read page by page. */
  envelopes(): AsyncIterable<StoredEnvelope>;
}

/** Where recordings keep their wraps. */
export interface WrapSource {
  readonly name: string;
  wraps(): AsyncIterable<StoredWraps>;
}

/** What a rotation did. */
export interface RotationReport {
  readonly currentKeyId: string;
  /** Secrets wrapped anew. */
  readonly rewrappedCount: number;
  /** Recordings whose key was wrapped anew. */
  readonly recordingCount: number;
  readonly unchangedCount: number;
  /** Contexts whose envelope could not be opened or was changed meanwhile; then the old key is kept. */
  readonly failed: readonly string[];
  /** Old keys that nothing needs any more and that were forgotten. */
  readonly retiredKeyIds: readonly string[];
}

/** What a rotation goes over, and where it is noted. */
export interface RotationParts {
  readonly keeper: FullKeeper;
  readonly journal: Journal;
  readonly envelopes: readonly EnvelopeSource[];
  readonly recordings: readonly WrapSource[];
}

/** Contexts named in a report; further ones are counted by the commands that run again. */
const MAX_FAILED = 1_000;

/**
 * Rotates the master key: makes a new one (unless an earlier rotation is unfinished), re-wraps the data key of every
 * envelope and recording one by one, and forgets the old keys only when nothing was left. It can be interrupted at any
 * point and run again. Backups made before still need the old key: keep a copy for as long as they are kept.
 */
export async function rotateMasterKey(parts: RotationParts): Promise<RotationReport> {
  const { keeper, journal } = parts;
  const { masterKeyIds } = await keeper.journalState();
  const isUnfinished = masterKeyIds.length > 1;
  if (!isUnfinished) await keeper.rotateMasterKey();
  const [currentKeyId = "", ...oldKeyIds] = (await keeper.journalState()).masterKeyIds;
  await note(journal, "vault.rewrap-started", { keyId: currentKeyId, oldKeyIds: oldKeyIds.join(" ") });
  const counts = { rewrapped: 0, recordings: 0, unchanged: 0, failed: [] as string[] };
  for (const source of parts.envelopes) {
    for await (const stored of source.envelopes()) {
      count(counts, stored.context, await rewrapEnvelope(keeper, stored));
    }
  }
  for (const source of parts.recordings) {
    for await (const stored of source.wraps()) {
      const outcome = await rewrapRecording(keeper, stored, currentKeyId);
      if (outcome === "rewrapped") counts.recordings += 1;
      else count(counts, `recording:${stored.sessionId}`, outcome);
    }
  }
  const retiredKeyIds = counts.failed.length === 0 ? oldKeyIds : [];
  await note(journal, "vault.rewrapped", {
    keyId: currentKeyId,
    secretCount: counts.rewrapped,
    recordingCount: counts.recordings,
    failedCount: counts.failed.length,
    retiredKeyIds: retiredKeyIds.join(" "),
  });
  for (const keyId of retiredKeyIds) await keeper.retireMasterKey(keyId);
  return {
    currentKeyId,
    rewrappedCount: counts.rewrapped,
    recordingCount: counts.recordings,
    unchangedCount: counts.unchanged,
    failed: counts.failed,
    retiredKeyIds,
  };
}

type Outcome = "rewrapped" | "unchanged" | "failed";

async function rewrapEnvelope(keeper: FullKeeper, stored: StoredEnvelope): Promise<Outcome> {
  try {
    const envelope = await keeper.rewrapSecret(stored.context, stored.envelope);
    if (envelope === null) return "unchanged";
    return (await stored.replace(envelope)) ? "rewrapped" : "failed";
  } catch (error) {
    if (isUnreadable(error)) return "failed";
    throw error;
  }
}

async function rewrapRecording(
  keeper: FullKeeper,
  stored: StoredWraps,
  currentKeyId: string,
): Promise<Outcome> {
  try {
    const wraps = await stored.read();
    if (wraps.some(({ recipient }) => recipient === `master:${currentKeyId}`)) return "unchanged";
    await stored.replace(await keeper.rewrapRecordingKey(stored.sessionId, wraps));
    return "rewrapped";
  } catch (error) {
    if (isUnreadable(error)) return "failed";
    throw error;
  }
}

function count(
  counts: { rewrapped: number; unchanged: number; failed: string[] },
  context: string,
  outcome: Outcome,
): void {
  if (outcome === "rewrapped") counts.rewrapped += 1;
  else if (outcome === "unchanged") counts.unchanged += 1;
  else if (counts.failed.length < MAX_FAILED) counts.failed.push(context);
}

/** Whether an error says that an envelope or recording itself is the trouble, and not the keeper. */
function isUnreadable(error: unknown): boolean {
  const codes: readonly string[] = ["secret-unreadable", "recording-unreadable"];
  return error instanceof Failure && codes.includes(error.code);
}

function note(journal: Journal, kind: string, details: JournalEntry["details"]): Promise<string> {
  const actor = { personId: null, name: "system" };
  return journal.append({ kind, level: "notice", actor, sourceAddress: "", subject: {}, details });
}
