import {
  Failure,
  listPolicyVersions,
  type Policy,
  type PolicyVersion,
  revertPolicy,
} from "@poterne/contract";
import type { RequestContext } from "../http/context.ts";
import { type Handler, type HandlerInput, handle } from "../http/handlers.ts";
import { cutPage, decodeCursor } from "../store/cursor.ts";
import type { PolicyVersionTableRow } from "./access-tables.ts";
import type { AccessNounDependencies } from "./dependencies.ts";
import { readRules } from "./facts-cache.ts";
import { publishChange } from "./policy-handlers.ts";
import { findPolicy, requireUsable, toPolicyFields } from "./policy-rows.ts";

/** Handlers of a policy's history: look, and publish an earlier version again. */
export function policyHistoryHandlers(dependencies: AccessNounDependencies): Handler[] {
  return [
    handle(listPolicyVersions, (input, context) => list(dependencies, input, context)),
    handle(revertPolicy, (input, context) => revert(dependencies, input, context)),
  ];
}

async function list(
  dependencies: AccessNounDependencies,
  { params, query }: HandlerInput<typeof listPolicyVersions>,
  context: RequestContext,
) {
  const policy = await findPolicy(dependencies.store, params.policyId);
  await requireUsable(dependencies, policy.site_id, context);
  let rows = dependencies.store.db.selectFrom("policy_version").where("policy_id", "=", policy.id);
  const { total } = await rows
    .select((select) => select.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  if (query.cursor !== undefined) {
    rows = rows.where("version", "<", decodeCursor(query.cursor, "number").key);
  }
  // One row more tells whether there is a next page, and is what the page's last version is compared with.
  const found = await rows
    .selectAll()
    .orderBy("version", "desc")
    .limit(query.limit + 1)
    .execute();
  const { page, nextCursor } = cutPage(found, query.limit, (row) => [row.version, row.policy_id]);
  const items = page.map((row, index) => toVersion(row, found[index + 1]));
  return { items, nextCursor, total: Number(total) };
}

async function revert(
  dependencies: AccessNounDependencies,
  { params, body }: HandlerInput<typeof revertPolicy>,
  context: RequestContext,
) {
  const row = await findPolicy(dependencies.store, params.policyId);
  await context.requireAt("access:write", row.site_id);
  if (row.deleted_at_ms !== null) throw new Failure("not-found");
  const toVersionNumber = body.toVersion ?? row.version - 1;
  const earlier = await dependencies.store.db
    .selectFrom("policy_version")
    .selectAll()
    .where("policy_id", "=", row.id)
    .where("version", "=", toVersionNumber)
    .where("version", "<", row.version)
    .executeTakeFirst();
  if (earlier === undefined) throw new Failure("policy-no-earlier");
  const after = { ...toPolicyFields(row), name: earlier.name, rules: readRules(earlier.rules) };
  const comment = `↶ ${earlier.version}`;
  return publishChange(dependencies, context, { row, after, seen: body.version, comment });
}

function toVersion(row: PolicyVersionTableRow, before: PolicyVersionTableRow | undefined): PolicyVersion {
  const rules = readRules(row.rules);
  return {
    version: row.version,
    name: row.name,
    rules,
    comment: row.comment,
    publishedBy: row.published_by,
    publishedAtMs: row.published_at_ms,
    changedRules: before === undefined ? [] : changedRules(readRules(before.rules), rules),
  };
}

function changedRules(before: Policy, after: Policy): string[] {
  return (Object.keys(after) as (keyof Policy)[]).filter(
    (rule) => JSON.stringify(before[rule]) !== JSON.stringify(after[rule]),
  );
}
