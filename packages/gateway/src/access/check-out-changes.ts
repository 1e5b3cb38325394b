import type { Transaction } from "kysely";
import type { Environment } from "../environment.ts";
import type { Journal } from "../journal/journal.ts";
import type { Store } from "../store/store.ts";
import type { Tables } from "../store/tables.ts";
import type { AccountCheckoutTableRow } from "./check-outs.ts";

/** How a check-out ends, and in whose name. */
export interface CheckOutEnd {
  readonly kind: "returned" | "expired" | "forced";
  readonly byName: string;
  readonly atMs: number;
}

/** Ends a check-out that lasts; the account's password counts as due for a change where its rule says so. */
export async function endCheckOut(
  transaction: Transaction<Tables>,
  row: Pick<AccountCheckoutTableRow, "id" | "account_id">,
  { kind, byName, atMs }: CheckOutEnd,
): Promise<void> {
  const ended = await transaction
    .updateTable("account_checkout")
    .set({ open_key: null, ended_at_ms: atMs, end_kind: kind, ended_by_name: byName })
    .where("id", "=", row.id)
    .where("open_key", "is not", null)
    .executeTakeFirst();
  if (Number(ended.numUpdatedRows) === 0) return;
  await transaction
    .updateTable("account")
    .set({ is_change_due: 1 })
    .where("id", "=", row.account_id)
    .where("changes_after_return", "=", 1)
    .execute();
}

/** Ends and journals the check-outs whose time is over. Call it every minute. */
export async function expireCheckOuts(parts: {
  readonly store: Store;
  readonly journal: Journal;
  readonly environment: Pick<Environment, "now">;
}): Promise<void> {
  const { store, journal, environment } = parts;
  const atMs = environment.now();
  const over = await store.db
    .selectFrom("account_checkout")
    .innerJoin("account", "account.id", "account_checkout.account_id")
    .select(["account_checkout.id", "account_checkout.account_id", "account_checkout.person_id"])
    .select(["account_checkout.person_name", "account.name"])
    .where("account_checkout.open_key", "is not", null)
    .where("account_checkout.ends_at_ms", "<=", atMs)
    .execute();
  for (const row of over) {
    await journal.append({
      kind: "account.checkout-expired",
      level: "notice",
      actor: { personId: null, name: "system" },
      sourceAddress: "",
      subject: { personId: row.person_id },
      details: { accountId: row.account_id, account: row.name, person: row.person_name },
    });
    await store.db
      .transaction()
      .execute((transaction) => endCheckOut(transaction, row, { kind: "expired", byName: "", atMs }));
  }
}
