import {
  createPolicy,
  deletePolicy,
  Failure,
  getPolicy,
  listPolicies,
  makePolicyDefault,
  restorePolicy,
  updatePolicy,
} from "@poterne/contract";
import type { Transaction } from "kysely";
import {
  applyChange,
  describe,
  describeChange,
  freshColumns,
  newId,
  requireFreeName,
  requireRestorable,
  requireVersion,
  type Stamp,
  updateObject,
} from "../fleet/changes.ts";
import type { RequestContext } from "../http/context.ts";
import { type Handler, type HandlerInput, handle } from "../http/handlers.ts";
import { cutPage, decodeCursor } from "../store/cursor.ts";
import { searchCondition } from "../store/search.ts";
import type { Tables } from "../store/tables.ts";
import { siteSubject } from "./account-handlers.ts";
import type { AccessNounDependencies } from "./dependencies.ts";
import {
  findPolicy,
  grantCountOf,
  type PolicyFields,
  policyColumns,
  requireUsable,
  showPolicies,
  toPolicyFields,
  usablePolicySites,
} from "./policy-rows.ts";

/** Handlers of the routes of policies, their history aside. */
export function policyHandlers(dependencies: AccessNounDependencies): Handler[] {
  return [
    handle(listPolicies, ({ query }, context) => list(dependencies, query, context)),
    handle(getPolicy, async ({ params }, context) => {
      const row = await findPolicy(dependencies.store, params.policyId);
      await requireUsable(dependencies, row.site_id, context);
      return showPolicy(dependencies, row.id, context);
    }),
    handle(createPolicy, ({ body }, context) => create(dependencies, body, context)),
    handle(updatePolicy, (input, context) => update(dependencies, input, context)),
    handle(makePolicyDefault, ({ params }, context) => makeDefault(dependencies, params.policyId, context)),
    handle(deletePolicy, ({ params }, context) => remove(dependencies, params.policyId, context)),
    handle(restorePolicy, ({ params }, context) => restore(dependencies, params.policyId, context)),
  ];
}

async function list(
  dependencies: AccessNounDependencies,
  query: HandlerInput<typeof listPolicies>["query"],
  context: RequestContext,
) {
  const { store } = dependencies;
  const sites = await usablePolicySites(dependencies, context);
  let rows = store.db
    .selectFrom("policy")
    .where("policy.deleted_at_ms", query.deleted === true ? "is not" : "is", null);
  if (sites !== null) {
    rows = rows.where((where) =>
      where.or([
        where("policy.site_id", "is", null),
        ...(sites.length > 0 ? [where("policy.site_id", "in", [...sites])] : []),
      ]),
    );
  }
  if (query.siteId !== undefined) rows = rows.where("policy.site_id", "=", query.siteId);
  if (query.search !== undefined) rows = rows.where(await searchCondition(store, "policy", query.search));
  const { total } = await rows
    .select((select) => select.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  if (query.cursor !== undefined) {
    const { key, id } = decodeCursor(query.cursor, "text");
    rows = rows.where((where) =>
      where.or([
        where("policy.folded_name", ">", key),
        where.and([where("policy.folded_name", "=", key), where("policy.id", ">", id)]),
      ]),
    );
  }
  const found = await rows
    .selectAll("policy")
    .orderBy("policy.folded_name")
    .orderBy("policy.id")
    .limit(query.limit + 1)
    .execute();
  const { page, nextCursor } = cutPage(found, query.limit, (row) => [row.folded_name, row.id]);
  return { items: [...(await showPolicies(dependencies, page, context))], nextCursor, total: Number(total) };
}

async function create(dependencies: AccessNounDependencies, body: PolicyFields, context: RequestContext) {
  await context.requireAt("access:write", body.siteId);
  const columns = policyColumns(body);
  await requireFreeName(dependencies.store, "policy", {
    key: columns.unique_key,
    name: body.name,
    exceptId: null,
  });
  const id = newId(dependencies.environment);
  const note = {
    kind: "policy.created",
    subject: siteSubject(body.siteId),
    details: { policyId: id, ...describe("after", flat(body)) },
    name: body.name,
  };
  await applyChange(dependencies, context, note, async (transaction, stamp) => {
    await transaction
      .insertInto("policy")
      .values({ ...freshColumns(id, stamp), ...columns, is_default: 0 })
      .execute();
    await publish(transaction, { policyId: id, version: 1, fields: body, comment: "" }, { context, stamp });
  });
  return showPolicy(dependencies, id, context);
}

async function update(
  dependencies: AccessNounDependencies,
  { params, body }: HandlerInput<typeof updatePolicy>,
  context: RequestContext,
) {
  const row = await findPolicy(dependencies.store, params.policyId);
  await context.requireAt("access:write", row.site_id);
  if (row.deleted_at_ms !== null) throw new Failure("not-found");
  const before = toPolicyFields(row);
  const after: PolicyFields = {
    name: body.name ?? before.name,
    siteId: body.siteId === undefined ? before.siteId : body.siteId,
    notes: body.notes ?? before.notes,
    rules: body.rules ?? before.rules,
  };
  if (after.siteId !== before.siteId) {
    await context.requireAt("access:write", after.siteId);
    // Grants elsewhere would be left with a policy out of their reach.
    const count = await grantCountOf(dependencies.store.db, row.id);
    if (count > 0 && after.siteId !== null) throw new Failure("policy-in-use", { count });
  }
  return publishChange(dependencies, context, { row, after, seen: body.version, comment: body.comment });
}

/** Publishes changed fields as the policy's next version; `seen` is the version the caller saw. */
export async function publishChange(
  dependencies: AccessNounDependencies,
  context: RequestContext,
  change: {
    readonly row: Tables["policy"];
    readonly after: PolicyFields;
    readonly seen: number;
    readonly comment: string;
  },
) {
  const { row, after, seen, comment } = change;
  requireVersion(row, seen);
  const values = policyColumns(after);
  await requireFreeName(dependencies.store, "policy", {
    key: values.unique_key,
    name: after.name,
    exceptId: row.id,
  });
  const note = {
    kind: "policy.changed",
    subject: siteSubject(after.siteId),
    details: {
      policyId: row.id,
      version: seen + 1,
      comment,
      ...describeChange(flat(toPolicyFields(row)), flat(after)),
    },
    name: after.name,
  };
  await applyChange(dependencies, context, note, async (transaction, stamp) => {
    await updateObject(transaction, "policy", { id: row.id, version: seen }, { values, stamp });
    const published = { policyId: row.id, version: seen + 1, fields: after, comment };
    await publish(transaction, published, { context, stamp });
  });
  return showPolicy(dependencies, row.id, context);
}

async function makeDefault(dependencies: AccessNounDependencies, policyId: string, context: RequestContext) {
  const row = await findPolicy(dependencies.store, policyId);
  await context.requireAt("access:write", null);
  if (row.deleted_at_ms !== null || row.site_id !== null) throw new Failure("not-found");
  const note = { kind: "policy.made-default", subject: {}, details: { policyId, name: row.name } };
  await applyChange(dependencies, context, note, async (transaction) => {
    await transaction.updateTable("policy").set({ is_default: 0 }).where("is_default", "=", 1).execute();
    await transaction.updateTable("policy").set({ is_default: 1 }).where("id", "=", policyId).execute();
  });
  return showPolicy(dependencies, policyId, context);
}

async function remove(dependencies: AccessNounDependencies, policyId: string, context: RequestContext) {
  const { store } = dependencies;
  const row = await findPolicy(store, policyId);
  await context.requireAt("access:write", row.site_id);
  if (row.deleted_at_ms !== null) throw new Failure("not-found");
  if (row.is_default !== 0) throw new Failure("policy-is-default");
  const count = await grantCountOf(store.db, policyId);
  if (count > 0) throw new Failure("policy-in-use", { count });
  const note = {
    kind: "policy.deleted",
    subject: siteSubject(row.site_id),
    details: { policyId, ...describe("before", flat(toPolicyFields(row))) },
  };
  await applyChange(dependencies, context, note, async (transaction, stamp) => {
    // The revision's lock is held: a grant given in the meantime is seen now.
    const countNow = await grantCountOf(transaction, policyId);
    if (countNow > 0) throw new Failure("policy-in-use", { count: countNow });
    await changeAlone(transaction, row, { values: { deleted_at_ms: stamp.nowMs, unique_key: null }, stamp });
  });
  return showPolicy(dependencies, policyId, context);
}

async function restore(dependencies: AccessNounDependencies, policyId: string, context: RequestContext) {
  const row = await findPolicy(dependencies.store, policyId);
  await context.requireAt("access:write", row.site_id);
  requireRestorable(row, dependencies.environment);
  const fields = toPolicyFields(row);
  const values = { deleted_at_ms: null, unique_key: policyColumns(fields).unique_key };
  const note = {
    kind: "policy.restored",
    subject: siteSubject(row.site_id),
    details: { policyId, ...describe("after", flat(fields)) },
    name: row.name,
  };
  await applyChange(dependencies, context, note, (transaction, stamp) =>
    changeAlone(transaction, row, { values, stamp }),
  );
  return showPolicy(dependencies, policyId, context);
}

/** Deleting and restoring publish nothing: the version stays that of the newest published rules. */
async function changeAlone(
  transaction: Transaction<Tables>,
  row: Tables["policy"],
  change: { readonly values: Partial<Tables["policy"]>; readonly stamp: Stamp },
): Promise<void> {
  const { revision, nowMs } = change.stamp;
  const result = await transaction
    .updateTable("policy")
    .set({ ...change.values, revision, changed_at_ms: nowMs })
    .where("id", "=", row.id)
    .where("version", "=", row.version)
    .executeTakeFirst();
  if (result.numUpdatedRows !== 1n) throw new Failure("conflict", { detail: `version ≠ ${row.version}` });
}

async function publish(
  transaction: Transaction<Tables>,
  published: {
    readonly policyId: string;
    readonly version: number;
    readonly fields: PolicyFields;
    readonly comment: string;
  },
  by: { readonly context: RequestContext; readonly stamp: Stamp },
): Promise<void> {
  await transaction
    .insertInto("policy_version")
    .values({
      policy_id: published.policyId,
      version: published.version,
      name: published.fields.name,
      rules: JSON.stringify(published.fields.rules),
      comment: published.comment,
      published_by: by.context.person().name,
      published_at_ms: by.stamp.nowMs,
    })
    .execute();
}

async function showPolicy(dependencies: AccessNounDependencies, policyId: string, context: RequestContext) {
  const row = await findPolicy(dependencies.store, policyId);
  const [shown] = await showPolicies(dependencies, [row], context);
  if (shown === undefined) throw new Failure("not-found");
  return shown;
}

function flat(fields: PolicyFields): Readonly<Record<string, unknown>> {
  const { rules, ...rest } = fields;
  return { ...rest, ...rules };
}
