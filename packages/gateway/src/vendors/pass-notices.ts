import type { FactsCache } from "../access/facts-cache.ts";
import type { LetterFacts } from "../mail/letter-words.ts";
import type { MailKind } from "../mail/mail-tables.ts";
import type { Letter, Outbox } from "../mail/outbox.ts";
import { approversAt, type Recipient, recipientsOf } from "../mail/recipients.ts";
import type { Store } from "../store/store.ts";
import type { VendorPassTableRow } from "./vendor-tables.ts";

/** What notices of passes are made from. */
export interface PassNoticeParts {
  readonly store: Store;
  readonly facts: FactsCache;
  readonly outbox: Outbox;
}

/** The letters to those who may approve a pass, but for who proposes it. */
export async function lettersToPassApprovers(
  { store, facts, outbox }: PassNoticeParts,
  row: VendorPassTableRow,
): Promise<Letter[]> {
  if (!outbox.isOn) return [];
  const { tree } = await facts.current();
  const people = await approversAt(store, tree, {
    siteId: row.site_id,
    groupIds: [],
    exceptIds: [row.proposed_by_id, row.person_id],
    alsoAdministrators: false,
  });
  return lettersAboutPass(row, "pass-proposed", people, { by: row.proposed_by_name });
}

/** Those a pass concerns: the vendor, who proposed it, who decided. Read before a transaction begins. */
export async function peopleOfPass(
  { store, outbox }: Pick<PassNoticeParts, "store" | "outbox">,
  row: VendorPassTableRow,
  which: "all" | "staff" | "vendor" = "all",
): Promise<readonly Recipient[]> {
  if (!outbox.isOn) return [];
  const staff = [row.proposed_by_id, row.decided_by_id];
  const ids = { all: [row.person_id, ...staff], staff, vendor: [row.person_id] }[which];
  return recipientsOf(store, ids);
}

/** The letter about a pass to each of these people. */
export function lettersAboutPass(
  row: VendorPassTableRow,
  kind: MailKind,
  to: readonly Recipient[],
  more: { readonly by?: string; readonly key?: string } = {},
): Letter[] {
  const facts: LetterFacts = {
    person: row.person_name,
    what: `${row.company}, ${row.contract}`,
    ticket: "",
    fromMs: row.from_ms,
    toMs: row.revoked_at_ms ?? row.to_ms,
    by: more.by ?? "",
  };
  return to.map((one) => ({ kind, to: one, facts, key: more.key ?? null }));
}
