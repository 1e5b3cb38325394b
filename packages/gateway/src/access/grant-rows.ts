import { Failure, type GrantRow } from "@poterne/contract";
import type { Transaction } from "kysely";
import { searchText } from "../store/fold-text.ts";
import type { Store } from "../store/store.ts";
import type { Tables } from "../store/tables.ts";
import type { AccessGrantTableRow, GrantObjectTableRow } from "./access-tables.ts";
import { grantObjects } from "./facts-cache.ts";
import { type NamedObject, type ObjectNames, readNames } from "./object-names.ts";

/** The fields of a grant. */
export interface GrantFields {
  readonly siteId: string | null;
  readonly personId: string | null;
  readonly groupId: string | null;
  readonly targetIds: readonly string[];
  readonly machineIds: readonly string[];
  readonly siteIds: readonly string[];
  readonly accountIds: readonly string[];
  readonly policyId: string;
  readonly validFromMs: number | null;
  readonly validToMs: number | null;
  readonly note: string;
  readonly isDisabled: boolean;
}

/** Rows inserted at once. */
const INSERT_ROWS = 200;

/** The columns of a grant's fields; what it names is in `grant_object`. */
export function grantColumns(fields: GrantFields) {
  return {
    site_id: fields.siteId,
    person_id: fields.personId,
    group_id: fields.groupId,
    policy_id: fields.policyId,
    valid_from_ms: fields.validFromMs,
    valid_to_ms: fields.validToMs,
    note: fields.note,
    is_disabled: fields.isDisabled ? 1 : 0,
    search_text: searchText([fields.note]),
  };
}

/** Writes what a grant names, in place of what it named before. */
export async function writeObjects(
  transaction: Transaction<Tables>,
  grantId: string,
  fields: GrantFields,
): Promise<void> {
  // Inside a change nobody can delete the policy any more.
  const policy = await transaction
    .selectFrom("policy")
    .select("id")
    .where("id", "=", fields.policyId)
    .where("deleted_at_ms", "is", null)
    .executeTakeFirst();
  if (policy === undefined) throw new Failure("not-found");
  await transaction.deleteFrom("grant_object").where("grant_id", "=", grantId).execute();
  const rows = (
    [
      ["target", fields.targetIds],
      ["machine", fields.machineIds],
      ["site", fields.siteIds],
      ["account", fields.accountIds],
    ] as const
  ).flatMap(([kind, ids]) => [...new Set(ids)].map((object_id) => ({ grant_id: grantId, kind, object_id })));
  for (let start = 0; start < rows.length; start += INSERT_ROWS) {
    await transaction
      .insertInto("grant_object")
      .values(rows.slice(start, start + INSERT_ROWS))
      .execute();
  }
}

/** One grant, deleted or not; throws `not-found`. */
export async function findGrant(store: Store, grantId: string): Promise<AccessGrantTableRow> {
  const row = await store.db
    .selectFrom("access_grant")
    .selectAll()
    .where("id", "=", grantId)
    .executeTakeFirst();
  if (row === undefined) throw new Failure("not-found");
  return row;
}

/** The fields of a row and what it names. */
function toGrantFields(row: AccessGrantTableRow, objects: readonly GrantObjectTableRow[]): GrantFields {
  const ids = (kind: GrantObjectTableRow["kind"]) =>
    objects.filter((object) => object.kind === kind).map((object) => object.object_id);
  return {
    siteId: row.site_id,
    personId: row.person_id,
    groupId: row.group_id,
    targetIds: ids("target"),
    machineIds: ids("machine"),
    siteIds: ids("site"),
    accountIds: ids("account"),
    policyId: row.policy_id,
    validFromMs: row.valid_from_ms,
    validToMs: row.valid_to_ms,
    note: row.note,
    isDisabled: row.is_disabled !== 0,
  };
}

/** Reads one grant's fields. */
export async function readGrantFields(store: Store, row: AccessGrantTableRow): Promise<GrantFields> {
  return toGrantFields(row, (await grantObjects(store, [row.id])).get(row.id) ?? []);
}

/** Grants as the API shows them, with names. At most one page of them. */
export async function showGrants(
  store: Store,
  rows: readonly AccessGrantTableRow[],
  nowMs: number,
): Promise<readonly GrantRow[]> {
  const objects = await grantObjects(
    store,
    rows.map((row) => row.id),
  );
  const all = rows.map((row) => ({ row, fields: toGrantFields(row, objects.get(row.id) ?? []) }));
  const names = await readNames(
    store,
    all.map(({ fields }) => fields),
  );
  return all.map(({ row, fields }) => toGrantRow(row, fields, { names, nowMs }));
}

function toGrantRow(
  row: AccessGrantTableRow,
  fields: GrantFields,
  world: { readonly names: ObjectNames; readonly nowMs: number },
): GrantRow {
  const { names, nowMs } = world;
  const named = (ids: readonly string[], all: ReadonlyMap<string, NamedObject>) =>
    ids.map((id) => all.get(id) ?? { id, name: "", isDeleted: true });
  const kind = fields.personId === null ? "group" : "person";
  const subjectId = fields.personId ?? fields.groupId ?? "";
  const [subject] = named([subjectId], kind === "person" ? names.people : names.groups);
  return {
    grantId: row.id,
    ...fields,
    targetIds: [...fields.targetIds],
    machineIds: [...fields.machineIds],
    siteIds: [...fields.siteIds],
    accountIds: [...fields.accountIds],
    subject: { kind, ...(subject ?? { id: subjectId, name: "", isDeleted: true }) },
    targets: named(fields.targetIds, names.targets),
    machines: named(fields.machineIds, names.machines),
    sites: named(fields.siteIds, names.sites),
    accounts: fields.accountIds.map(
      (id) => names.accounts.get(id) ?? { id, name: "", isDeleted: true, kind: "ask" as const },
    ),
    policyName: names.policies.get(fields.policyId)?.name ?? "",
    state: stateOf(fields, nowMs),
    version: row.version,
    createdAtMs: row.created_at_ms,
    changedAtMs: row.changed_at_ms,
    deletedAtMs: row.deleted_at_ms,
  };
}

/** Whether a grant is in force at a moment. */
function stateOf(
  fields: Pick<GrantFields, "isDisabled" | "validFromMs" | "validToMs">,
  nowMs: number,
): GrantRow["state"] {
  if (fields.isDisabled) return "disabled";
  if (fields.validToMs !== null && nowMs >= fields.validToMs) return "expired";
  if (fields.validFromMs !== null && nowMs < fields.validFromMs) return "future";
  return "active";
}
