import type { Environment } from "../environment.ts";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import type { Keeper } from "../keeper/keeper.ts";
import type { DiskWatch } from "./disk-watch.ts";
import type { LiveRecordings } from "./live-recordings.ts";
import type { RecordingStore } from "./recording-store.ts";
import type { RecordingRow } from "./recording-tables.ts";
import type { RecordingStorage } from "./storage.ts";

/** The little of a logger that recordings use. */
interface RecordingLog {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What recordings are made, kept and read with. */
export interface RecordingParts {
  readonly nodeId: string;
  readonly storage: RecordingStorage;
  readonly rows: RecordingStore;
  readonly keeper: Keeper;
  readonly journal: Journal;
  readonly environment: Environment;
  readonly disk: DiskWatch;
  readonly live: LiveRecordings;
  readonly log: RecordingLog;
}

/** Who did something to a recording: a person at an address, or the system. */
export interface RecordingActor {
  readonly personId: string | null;
  readonly name: string;
  readonly sourceAddress: string;
}

/** The gateway itself. */
export const systemActor: RecordingActor = { personId: null, name: "system", sourceAddress: "" };

const DAY_MS = 86_400_000;

/** When retention may drop a recording that ended at a time. */
export function expiryOf(endedAtMs: number, retentionDays: number): number {
  return endedAtMs + retentionDays * DAY_MS;
}

/** What a journal entry about a recording says of it: ids only. */
export type RecordingIds = Pick<RecordingRow, "id" | "person_id" | "target_id" | "site_id">;

/** Appends an entry about a recording; resolves with its id, rejects with `journal-unavailable`. */
export function journalRecording(
  journal: Journal,
  row: RecordingIds,
  fact: Pick<JournalEntry, "kind" | "level" | "details"> & { readonly actor: RecordingActor },
): Promise<string> {
  return journal.append({
    kind: fact.kind,
    level: fact.level,
    actor: { personId: fact.actor.personId, name: fact.actor.name },
    sourceAddress: fact.actor.sourceAddress,
    subject: {
      personId: row.person_id,
      targetId: row.target_id,
      siteId: row.site_id,
      sessionId: row.id,
    },
    details: fact.details,
  });
}
