import type { Store } from "../store/store.ts";

/** A check-out of a shared account. */
export interface AccountCheckoutTableRow {
  id: string;
  account_id: string;
  /** The account's id while it lasts, null afterwards: unique, so that one person at a time has it. */
  open_key: string | null;
  person_id: string;
  person_name: string;
  reason: string;
  taken_at_ms: number;
  ends_at_ms: number;
  ended_at_ms: number | null;
  end_kind: "returned" | "expired" | "forced" | null;
  ended_by_name: string | null;
}

/** How an account stands for a person: not shared, theirs until a moment, or not theirs (with who has it, if anybody). */
export type CheckOutState =
  | { readonly type: "not-shared" }
  | { readonly type: "held"; readonly endsAtMs: number }
  | { readonly type: "not-held"; readonly holderName: string | null; readonly endsAtMs: number | null };

/** Asked before a session opens with an account, and again while it lives. */
export type AskCheckOut = (accountId: string, personId: string, atMs: number) => Promise<CheckOutState>;

/** The check-out that holds at a moment, null when the account is free. */
export async function openCheckOut(
  { db }: Pick<Store, "db">,
  accountId: string,
  atMs: number,
): Promise<AccountCheckoutTableRow | null> {
  const row = await db
    .selectFrom("account_checkout")
    .selectAll()
    .where("open_key", "=", accountId)
    .where("ends_at_ms", ">", atMs)
    .executeTakeFirst();
  return row ?? null;
}

/** See `AskCheckOut`. An account that is gone counts as shared and held by nobody: nothing opens with it. */
export function makeCheckOutQuestion(store: Store): AskCheckOut {
  return async (accountId, personId, atMs) => {
    const account = await store.db
      .selectFrom("account")
      .select("checkout_minutes")
      .where("id", "=", accountId)
      .where("deleted_at_ms", "is", null)
      .executeTakeFirst();
    if (account !== undefined && account.checkout_minutes === null) return { type: "not-shared" };
    const open = await openCheckOut(store, accountId, atMs);
    if (open === null) return { type: "not-held", holderName: null, endsAtMs: null };
    if (open.person_id === personId) return { type: "held", endsAtMs: open.ends_at_ms };
    return { type: "not-held", holderName: open.person_name, endsAtMs: open.ends_at_ms };
  };
}
