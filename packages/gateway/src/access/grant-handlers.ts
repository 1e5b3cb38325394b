import {
  createGrant,
  deleteGrant,
  Failure,
  type GrantRow,
  getGrant,
  restoreGrant,
  updateGrant,
} from "@poterne/contract";
import type { Transaction } from "kysely";
import {
  applyChange,
  describe,
  describeChange,
  freshColumns,
  newId,
  requireRestorable,
  requireVersion,
  type Stamp,
  updateObject,
} from "../fleet/changes.ts";
import type { RequestContext } from "../http/context.ts";
import { type Handler, type HandlerInput, handle } from "../http/handlers.ts";
import type { Store } from "../store/store.ts";
import type { Tables } from "../store/tables.ts";
import type { AccessGrantTableRow } from "./access-tables.ts";
import type { AccessNounDependencies } from "./dependencies.ts";
import {
  findGrant,
  type GrantFields,
  grantColumns,
  readGrantFields,
  showGrants,
  writeObjects,
} from "./grant-rows.ts";
import { requireGrantable } from "./grant-rules.ts";

/** Handlers of the routes of grants, one at a time. */
export function grantHandlers(dependencies: AccessNounDependencies): Handler[] {
  return [
    handle(getGrant, async ({ params }, context) => {
      const row = await findGrant(dependencies.store, params.grantId);
      await context.requireAt("access:read", row.site_id);
      return showGrant(dependencies, row.id);
    }),
    handle(createGrant, ({ body }, context) => create(dependencies, body, context)),
    handle(updateGrant, (input, context) => update(dependencies, input, context)),
    handle(deleteGrant, ({ params }, context) => remove(dependencies, params.grantId, context)),
    handle(restoreGrant, ({ params }, context) => restore(dependencies, params.grantId, context)),
  ];
}

async function create(dependencies: AccessNounDependencies, fields: GrantFields, context: RequestContext) {
  await requireGrantable(dependencies, fields, context);
  const id = newId(dependencies.environment);
  const note = {
    kind: "grant.created",
    subject: grantSubject(id, fields),
    details: describe("after", { ...fields }),
  };
  await applyChange(dependencies, context, note, (transaction, stamp) =>
    insertGrant(transaction, { id, fields }, stamp),
  );
  return showGrant(dependencies, id);
}

/** Writes a new grant that `requireGrantable` has let pass. */
export async function insertGrant(
  transaction: Transaction<Tables>,
  grant: { readonly id: string; readonly fields: GrantFields },
  stamp: Stamp,
): Promise<void> {
  await transaction
    .insertInto("access_grant")
    .values({ ...freshColumns(grant.id, stamp), ...grantColumns(grant.fields) })
    .execute();
  await writeObjects(transaction, grant.id, grant.fields);
}

async function update(
  dependencies: AccessNounDependencies,
  { params, body }: HandlerInput<typeof updateGrant>,
  context: RequestContext,
) {
  const row = await findLivingGrant(dependencies, params.grantId, context);
  requireVersion(row, body.version);
  const before = await readGrantFields(dependencies.store, row);
  const { version, ...given } = body;
  const after = { ...before, ...dropUndefined(given) } as GrantFields;
  await requireGrantable(dependencies, after, context);
  const note = {
    kind: "grant.changed",
    subject: grantSubject(row.id, after),
    details: describeChange({ ...before }, { ...after }),
  };
  await applyChange(dependencies, context, note, async (transaction, stamp) => {
    const values = grantColumns(after);
    await updateObject(transaction, "access_grant", { id: row.id, version }, { values, stamp });
    await writeObjects(transaction, row.id, after);
  });
  return showGrant(dependencies, row.id);
}

async function remove(dependencies: AccessNounDependencies, grantId: string, context: RequestContext) {
  const row = await findLivingGrant(dependencies, grantId, context);
  const fields = await readGrantFields(dependencies.store, row);
  const note = {
    kind: "grant.deleted",
    subject: grantSubject(grantId, fields),
    details: describe("before", { ...fields }),
  };
  await applyChange(dependencies, context, note, (transaction, stamp) =>
    updateObject(transaction, "access_grant", row, { values: { deleted_at_ms: stamp.nowMs }, stamp }),
  );
  return showGrant(dependencies, grantId);
}

async function restore(dependencies: AccessNounDependencies, grantId: string, context: RequestContext) {
  const row = await findGrant(dependencies.store, grantId);
  await context.requireAt("access:write", row.site_id);
  requireRestorable(row, dependencies.environment);
  if (row.pass_id !== null) throw new Failure("grant-of-pass");
  if (row.request_id !== null) await requireApproved(dependencies.store, row.request_id);
  const policy = await dependencies.store.db
    .selectFrom("policy")
    .select("deleted_at_ms")
    .where("id", "=", row.policy_id)
    .executeTakeFirst();
  if (policy === undefined || policy.deleted_at_ms !== null) throw new Failure("not-restorable");
  const fields = await readGrantFields(dependencies.store, row);
  const note = {
    kind: "grant.restored",
    subject: grantSubject(grantId, fields),
    details: describe("after", { ...fields }),
  };
  await applyChange(dependencies, context, note, (transaction, stamp) =>
    updateObject(transaction, "access_grant", row, { values: { deleted_at_ms: null }, stamp }),
  );
  return showGrant(dependencies, grantId);
}

/** What a request gave comes back only while that request stands. */
async function requireApproved({ db }: Store, requestId: string): Promise<void> {
  const request = await db
    .selectFrom("access_request")
    .select("state")
    .where("id", "=", requestId)
    .executeTakeFirst();
  if (request?.state !== "approved") throw new Failure("not-restorable");
}

async function findLivingGrant(
  dependencies: AccessNounDependencies,
  grantId: string,
  context: RequestContext,
): Promise<AccessGrantTableRow> {
  const row = await findGrant(dependencies.store, grantId);
  await context.requireAt("access:write", row.site_id);
  if (row.deleted_at_ms !== null) throw new Failure("not-found");
  if (row.pass_id !== null) throw new Failure("grant-of-pass");
  return row;
}

async function showGrant(dependencies: AccessNounDependencies, grantId: string): Promise<GrantRow> {
  const row = await findGrant(dependencies.store, grantId);
  const [shown] = await showGrants(dependencies.store, [row], dependencies.environment.now());
  if (shown === undefined) throw new Failure("not-found");
  return shown;
}

/** The journal's subject of a grant's entries. */
export function grantSubject(grantId: string, fields: Pick<GrantFields, "personId" | "siteId">) {
  const { personId, siteId } = fields;
  return { grantId, ...(personId === null ? {} : { personId }), ...(siteId === null ? {} : { siteId }) };
}

function dropUndefined(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
