import type { AccessRequestTableRow } from "../access/access-tables.ts";
import type { FactsCache } from "../access/facts-cache.ts";
import type { Store } from "../store/store.ts";
import type { LetterFacts } from "./letter-words.ts";
import type { MailKind } from "./mail-tables.ts";
import type { Letter, Outbox } from "./outbox.ts";
import { approversAt, type Recipient, recipientsOf } from "./recipients.ts";

/** An access of at least so long is announced before its end, and so long before. */
const ENDING_MS = 15 * 60_000;
const ANNOUNCED_MINUTES = 30;
/** Requests looked at in one sweep. */
const MAX_ROWS = 500;

/** What notices are made from. */
export interface NoticeParts {
  readonly store: Store;
  readonly facts: FactsCache;
  readonly outbox: Outbox;
}

/** The letters to those who decide: an ordinary request to its approvers, an emergency to the site's administrators too. */
export async function lettersToApprovers(
  { store, facts, outbox }: NoticeParts,
  row: AccessRequestTableRow,
): Promise<Letter[]> {
  if (!outbox.isOn) return [];
  const { tree } = await facts.current();
  const isEmergency = row.is_emergency !== 0;
  const people = await approversAt(store, tree, {
    siteId: row.site_id,
    groupIds: JSON.parse(row.approver_group_ids) as readonly string[],
    exceptIds: [row.person_id],
    alsoAdministrators: isEmergency,
  });
  const kind = isEmergency ? "emergency-opened" : "request-made";
  return people.map((to) => ({ kind, to, facts: factsOf(row, ""), key: null }));
}

/** Who asked, when they can be written to. Read before a transaction begins: it would wait for itself inside. */
export async function askerOf(
  { store, outbox }: Pick<NoticeParts, "store" | "outbox">,
  row: AccessRequestTableRow,
): Promise<readonly Recipient[]> {
  return outbox.isOn ? recipientsOf(store, [row.person_id]) : [];
}

/** The letter about a request to who asked. `key` when it must not be written twice. */
export function lettersAbout(
  row: AccessRequestTableRow,
  kind: MailKind,
  to: readonly Recipient[],
  more: { readonly by?: string; readonly key?: string } = {},
): Letter[] {
  return to.map((one) => ({ kind, to: one, facts: factsOf(row, more.by ?? ""), key: more.key ?? null }));
}

/** Tells who asked that an access ends within a quarter of an hour, and that an emergency's report is due. */
export async function announceEnds(parts: NoticeParts, nowMs: number): Promise<void> {
  const { store, outbox } = parts;
  if (!outbox.isOn) return;
  const rows = await store.db
    .selectFrom("access_request")
    .selectAll()
    .where("state", "in", ["approved", "withdrawn", "revoked"])
    .where("to_ms", ">", nowMs - 86_400_000)
    .where("to_ms", "<=", nowMs + ENDING_MS)
    .orderBy("to_ms", "desc")
    .limit(MAX_ROWS)
    .execute();
  for (const row of rows) {
    const isOver = row.state !== "approved" || (row.to_ms ?? 0) <= nowMs;
    if (isOver && row.is_emergency !== 0 && row.report === null)
      await tell(parts, "emergency-report-due", row, `report ${row.id}`);
    if (!isOver && row.minutes >= ANNOUNCED_MINUTES)
      await tell(parts, "request-ending", row, `ending ${row.id} ${row.to_ms}`);
  }
}

/** Tells who asked, once for each key. */
export async function tell(
  parts: Pick<NoticeParts, "store" | "outbox">,
  kind: MailKind,
  row: AccessRequestTableRow,
  key: string,
): Promise<void> {
  await parts.outbox.write(lettersAbout(row, kind, await askerOf(parts, row), { key }));
}

function factsOf(row: AccessRequestTableRow, by: string): LetterFacts {
  return {
    person: row.person_name,
    what: `${row.machine_name} / ${row.target_name}`,
    ticket: row.ticket_number,
    fromMs: row.from_ms,
    toMs: row.to_ms ?? (row.from_ms === null ? null : row.from_ms + row.minutes * 60_000),
    by,
  };
}
