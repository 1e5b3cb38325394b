import { makeUuidV7 } from "@poterne/bytes";
import type { Environment } from "../environment.ts";
import type { Journal } from "../journal/journal.ts";
import type { Store } from "../store/store.ts";

/** Notes journaled in one sweep. */
const MAX_NOTES = 100;

/** What a command did beside the gateway: kept in the store until the gateway has it in the journal. */
export interface ProofNoteTableRow {
  id: string;
  kind: "backup.made" | "backup.tested" | "journal.verified";
  at_ms: number;
  is_good: number;
  /** JSON: plain texts and numbers. */
  details: string;
  is_journaled: number;
}

/** What is noted. */
export interface ProofNote {
  readonly kind: ProofNoteTableRow["kind"];
  readonly isGood: boolean;
  readonly details: Readonly<Record<string, string | number>>;
}

/**
 * Notes what a command did, for the journal and the compliance page. False when the store cannot take it (it is away, or
 * its schema is older): the command has done its work all the same.
 */
export async function noteProof(
  { db }: Pick<Store, "db">,
  environment: Pick<Environment, "now" | "randomBytes">,
  { kind, isGood, details }: ProofNote,
): Promise<boolean> {
  const atMs = environment.now();
  const id = makeUuidV7(atMs, environment.randomBytes(10));
  const values = { id, kind, at_ms: atMs, is_good: isGood ? 1 : 0, details: JSON.stringify(details) };
  try {
    await db
      .insertInto("proof_note")
      .values({ ...values, is_journaled: 0 })
      .execute();
    return true;
  } catch {
    return false;
  }
}

/** Brings what commands noted into the journal, each once; a bad outcome is an alarm. */
export async function journalProofs(parts: {
  readonly store: Pick<Store, "db">;
  readonly journal: Journal;
}): Promise<void> {
  const { journal } = parts;
  const { db } = parts.store;
  const notes = await db
    .selectFrom("proof_note")
    .selectAll()
    .where("is_journaled", "=", 0)
    .orderBy("id")
    .limit(MAX_NOTES)
    .execute();
  for (const { id, kind, at_ms, is_good, details } of notes) {
    const mark = (isJournaled: 0 | 1) =>
      db
        .updateTable("proof_note")
        .set({ is_journaled: isJournaled })
        .where("id", "=", id)
        .where("is_journaled", "=", 1 - isJournaled)
        .executeTakeFirst();
    // Of several nodes, the one that marks it journals it.
    if ((await mark(1)).numUpdatedRows !== 1n) continue;
    try {
      await journal.append({
        kind,
        level: is_good === 0 ? "alarm" : "notice",
        actor: { personId: null, name: "" },
        sourceAddress: "",
        subject: {},
        details: { ...(JSON.parse(details) as ProofNote["details"]), isGood: is_good !== 0, doneAtMs: at_ms },
      });
    } catch (error) {
      await mark(0);
      throw error;
    }
  }
}
