import type { Environment } from "../environment.ts";
import type { Journal } from "../journal/journal.ts";
import { lettersAboutPass, type PassNoticeParts, peopleOfPass } from "./pass-notices.ts";
import { passNote } from "./pass-rows.ts";

/** Passes closed in one sweep. */
const MAX_ROWS = 100;
/** How long before its end a vendor is told. */
const ENDING_MS = 30 * 60_000;

/** What closing works with. */
export interface ClosingParts extends PassNoticeParts {
  readonly journal: Journal;
  readonly environment: Environment;
  /** Ends the sign-ins of a person, and its live sessions. */
  readonly endPerson: (personId: string) => Promise<void>;
}

/**
 * Closes what the clock or a revocation has ended: an entry, the vendor's sign-ins end, those concerned are told that the
 * report is there. Access itself ended by the grant's own end, at the very moment. Of several nodes one does it.
 */
export async function closePasses(parts: ClosingParts): Promise<void> {
  const nowMs = parts.environment.now();
  const rows = await parts.store.db
    .selectFrom("vendor_pass")
    .selectAll()
    .where("closed_at_ms", "is", null)
    .where((where) =>
      where.or([
        where("state", "=", "revoked"),
        where.and([where("state", "=", "approved"), where("to_ms", "<=", nowMs)]),
      ]),
    )
    .limit(MAX_ROWS)
    .execute();
  for (const row of rows) {
    const taken = await parts.store.db
      .updateTable("vendor_pass")
      .set({ closed_at_ms: nowMs })
      .where("id", "=", row.id)
      .where("closed_at_ms", "is", null)
      .executeTakeFirst();
    if (taken.numUpdatedRows !== 1n) continue;
    const actor = { personId: null, name: "" };
    await parts.journal.append({
      kind: "pass.closed",
      level: "notice",
      actor,
      sourceAddress: "",
      ...passNote(row),
    });
    if (!(await hasOpenPass(parts, row.person_id, nowMs))) await parts.endPerson(row.person_id);
    if (row.grant_id === null) continue;
    const staff = await peopleOfPass(parts, row, "staff");
    await parts.outbox.write(lettersAboutPass(row, "pass-closed", staff, { key: `closed ${row.id}` }));
  }
  await announcePassEnds(parts, nowMs);
}

async function announcePassEnds(parts: ClosingParts, nowMs: number): Promise<void> {
  if (!parts.outbox.isOn) return;
  const rows = await parts.store.db
    .selectFrom("vendor_pass")
    .selectAll()
    .where("state", "=", "approved")
    .where("from_ms", "<=", nowMs - ENDING_MS)
    .where("to_ms", ">", nowMs)
    .where("to_ms", "<=", nowMs + ENDING_MS)
    .limit(MAX_ROWS)
    .execute();
  for (const row of rows) {
    const people = await peopleOfPass(parts, row, "all");
    const key = `ending ${row.id} ${row.to_ms}`;
    await parts.outbox.write(lettersAboutPass(row, "pass-ending", people, { key }));
  }
}

/** Whether a person has a pass whose slot is now. */
async function hasOpenPass({ store }: ClosingParts, personId: string, nowMs: number): Promise<boolean> {
  const open = await store.db
    .selectFrom("vendor_pass")
    .select("id")
    .where("person_id", "=", personId)
    .where("state", "=", "approved")
    .where("from_ms", "<=", nowMs)
    .where("to_ms", ">", nowMs)
    .executeTakeFirst();
  return open !== undefined;
}
