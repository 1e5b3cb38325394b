import { type AccountRow, Failure } from "@poterne/contract";
import { fingerprintOf, keyType } from "../fleet/identity-text.ts";
import { foldName, searchText } from "../store/fold-text.ts";
import type { Store } from "../store/store.ts";
import type { AccountTableRow } from "./access-tables.ts";
import { readCertificate } from "./certificate.ts";

/** The fields of an account that are no secret. */
export interface AccountFields {
  readonly name: string;
  readonly siteId: string | null;
  readonly username: string;
  readonly notes: string;
  readonly isDisabled: boolean;
}

/** The columns of an account's fields. */
export function accountColumns(fields: AccountFields) {
  return {
    site_id: fields.siteId,
    name: fields.name,
    folded_name: foldName(fields.name),
    unique_key: `${fields.siteId ?? ""}/${foldName(fields.name)}`,
    username: fields.username,
    notes: fields.notes,
    is_disabled: fields.isDisabled ? 1 : 0,
    search_text: searchText([fields.name, fields.username, fields.notes]),
  };
}

/** The fields of a row. */
export function toAccountFields(row: AccountTableRow): AccountFields {
  return {
    name: row.name,
    siteId: row.site_id,
    username: row.username,
    notes: row.notes,
    isDisabled: row.is_disabled !== 0,
  };
}

/** One account, deleted or not; throws `not-found`. */
export async function findAccount(store: Store, accountId: string): Promise<AccountTableRow> {
  const row = await store.db.selectFrom("account").selectAll().where("id", "=", accountId).executeTakeFirst();
  if (row === undefined) throw new Failure("not-found");
  return row;
}

/** Accounts as the API shows them: never a secret. At most one page of them. */
export async function showAccounts(
  store: Store,
  rows: readonly AccountTableRow[],
): Promise<readonly AccountRow[]> {
  const counts = await grantCounts(
    store,
    rows.map((row) => row.id),
  );
  return rows.map((row) => ({
    accountId: row.id,
    ...toAccountFields(row),
    kind: row.kind,
    hasSecret: row.envelope !== null,
    secretChangedAtMs: row.secret_changed_at_ms,
    publicKey: row.public_key === null ? null : publicKeyLine(row.public_key, row.username || row.name),
    fingerprint: row.public_key === null ? null : fingerprintOf(row.public_key),
    certificate: row.certificate === null ? null : showCertificate(row.certificate),
    checkoutMinutes: row.checkout_minutes,
    changesAfterReturn: row.changes_after_return === 1,
    isChangeDue: row.is_change_due === 1,
    grantCount: counts.get(row.id) ?? 0,
    version: row.version,
    createdAtMs: row.created_at_ms,
    changedAtMs: row.changed_at_ms,
    deletedAtMs: row.deleted_at_ms,
  }));
}

function publicKeyLine(blob: Uint8Array, name: string): string {
  const comment = name.replace(/\s+/g, "-");
  return `${keyType(blob) ?? "unknown"} ${Buffer.from(blob).toString("base64")} poterne:${comment}`;
}

function showCertificate(blob: Uint8Array): AccountRow["certificate"] {
  const { keyId, principals, serial, validFromMs, validToMs, authorityFingerprint } = readCertificate(blob);
  return { keyId, principals: [...principals], serial, validFromMs, validToMs, authorityFingerprint };
}

async function grantCounts(
  store: Store,
  accountIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (accountIds.length === 0) return new Map();
  const rows = await store.db
    .selectFrom("grant_object")
    .innerJoin("access_grant", "access_grant.id", "grant_object.grant_id")
    .select((select) => ["grant_object.object_id", select.fn.countAll<number>().as("count")])
    .where("grant_object.kind", "=", "account")
    .where("grant_object.object_id", "in", accountIds)
    .where("access_grant.deleted_at_ms", "is", null)
    .groupBy("grant_object.object_id")
    .execute();
  return new Map(rows.map((row) => [row.object_id, Number(row.count)]));
}
