import { Failure, type Policy, type PolicyRow } from "@poterne/contract";
import type { Kysely } from "kysely";
import type { RequestContext } from "../http/context.ts";
import { foldName, searchText } from "../store/fold-text.ts";
import type { Store } from "../store/store.ts";
import type { Tables } from "../store/tables.ts";
import type { PolicyTableRow } from "./access-tables.ts";
import type { AccessNounDependencies } from "./dependencies.ts";
import { readRules } from "./facts-cache.ts";

/** The fields of a policy. */
export interface PolicyFields {
  readonly name: string;
  readonly siteId: string | null;
  readonly notes: string;
  readonly rules: Policy;
}

/** The columns of a policy's fields; throws `purpose-missing` when input is to be recorded without a stated purpose. */
export function policyColumns(fields: PolicyFields) {
  const { rules } = fields;
  if (rules.recordInput && rules.recordInputPurpose.trim() === "") throw new Failure("purpose-missing");
  return {
    site_id: fields.siteId,
    name: fields.name,
    folded_name: foldName(fields.name),
    unique_key: `${fields.siteId ?? ""}/${foldName(fields.name)}`,
    notes: fields.notes,
    rules: JSON.stringify(rules),
    search_text: searchText([fields.name, fields.notes]),
  };
}

/** The fields of a row. */
export function toPolicyFields(row: PolicyTableRow): PolicyFields {
  return { name: row.name, siteId: row.site_id, notes: row.notes, rules: readRules(row.rules) };
}

/** One policy, deleted or not; throws `not-found`. */
export async function findPolicy(store: Store, policyId: string): Promise<PolicyTableRow> {
  const row = await store.db.selectFrom("policy").selectAll().where("id", "=", policyId).executeTakeFirst();
  if (row === undefined) throw new Failure("not-found");
  return row;
}

/** Living grants that use a policy. */
export async function grantCountOf(db: Kysely<Tables>, policyId: string): Promise<number> {
  const row = await db
    .selectFrom("access_grant")
    .select((select) => select.fn.countAll<number>().as("count"))
    .where("policy_id", "=", policyId)
    .where("deleted_at_ms", "is", null)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Sites whose policies the caller may read and use: where it holds `access:read` and all sites above. Null: everywhere. */
export async function usablePolicySites(
  dependencies: AccessNounDependencies,
  context: RequestContext,
): Promise<readonly string[] | null> {
  const held = await context.sitesWith("access:read");
  if (held === null) return null;
  const { tree } = await dependencies.facts.current();
  return [...new Set([...held, ...held.flatMap((siteId) => tree.ancestorsOf(siteId))])];
}

/** Throws `not-found` unless a policy of this site is usable; those of the whole organisation always are. */
export async function requireUsable(
  dependencies: AccessNounDependencies,
  siteId: string | null,
  context: RequestContext,
): Promise<void> {
  const sites = await usablePolicySites(dependencies, context);
  if (siteId !== null && sites !== null && !sites.includes(siteId)) throw new Failure("not-found");
}

/** Policies as the API shows them. At most one page of them. */
export async function showPolicies(
  dependencies: AccessNounDependencies,
  rows: readonly PolicyTableRow[],
  context: RequestContext,
): Promise<readonly PolicyRow[]> {
  const writable = await context.sitesWith("access:write");
  const counts = await grantCounts(
    dependencies.store,
    rows.map((row) => row.id),
  );
  return rows.map((row) => ({
    policyId: row.id,
    ...toPolicyFields(row),
    isDefault: row.is_default !== 0,
    grantCount: counts.get(row.id) ?? 0,
    canChange: writable === null || (row.site_id !== null && writable.includes(row.site_id)),
    version: row.version,
    createdAtMs: row.created_at_ms,
    changedAtMs: row.changed_at_ms,
    deletedAtMs: row.deleted_at_ms,
  }));
}

async function grantCounts(store: Store, policyIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (policyIds.length === 0) return new Map();
  const rows = await store.db
    .selectFrom("access_grant")
    .select((select) => ["policy_id", select.fn.countAll<number>().as("count")])
    .where("policy_id", "in", policyIds)
    .where("deleted_at_ms", "is", null)
    .groupBy("policy_id")
    .execute();
  return new Map(rows.map((row) => [row.policy_id, Number(row.count)]));
}
