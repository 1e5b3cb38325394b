import {
  createAccount,
  deleteAccount,
  Failure,
  getAccount,
  listAccounts,
  restoreAccount,
  updateAccount,
} from "@poterne/contract";
import {
  applyChange,
  describe,
  describeChange,
  freshColumns,
  newId,
  requireFreeName,
  requireRestorable,
  requireVersion,
  updateObject,
} from "../fleet/changes.ts";
import { visibleSites } from "../fleet/scope.ts";
import type { RequestContext } from "../http/context.ts";
import { type Handler, type HandlerInput, handle } from "../http/handlers.ts";
import { isOwnNamePattern, OWN_NAME_LOGIN } from "../session/own-name.ts";
import { cutPage, decodeCursor } from "../store/cursor.ts";
import { searchCondition } from "../store/search.ts";
import type { AccountTableRow } from "./access-tables.ts";
import {
  type AccountFields,
  accountColumns,
  findAccount,
  showAccounts,
  toAccountFields,
} from "./account-rows.ts";
import type { AccessNounDependencies } from "./dependencies.ts";

/** Handlers of the routes of accounts, their secrets aside. */
export function accountHandlers(dependencies: AccessNounDependencies): Handler[] {
  return [
    handle(listAccounts, ({ query }, context) => list(dependencies, query, context)),
    handle(getAccount, async ({ params }, context) => {
      const row = await findAccount(dependencies.store, params.accountId);
      await context.requireAt("access:read", row.site_id);
      return showAccount(dependencies, row.id);
    }),
    handle(createAccount, ({ body }, context) => create(dependencies, body, context)),
    handle(updateAccount, (input, context) => update(dependencies, input, context)),
    handle(deleteAccount, ({ params }, context) => remove(dependencies, params.accountId, context)),
    handle(restoreAccount, ({ params }, context) => restore(dependencies, params.accountId, context)),
  ];
}

async function list(
  dependencies: AccessNounDependencies,
  query: HandlerInput<typeof listAccounts>["query"],
  context: RequestContext,
) {
  const { store } = dependencies;
  const { tree } = await dependencies.facts.current();
  const sites = await visibleSites(context, "access:read", { tree, underSiteId: query.siteId });
  if (sites?.length === 0) return { items: [], nextCursor: null, total: 0 };
  let rows = store.db
    .selectFrom("account")
    .where("account.deleted_at_ms", query.deleted === true ? "is not" : "is", null);
  if (sites !== null) rows = rows.where("account.site_id", "in", sites);
  if (query.kind !== undefined) rows = rows.where("account.kind", "=", query.kind);
  if (query.search !== undefined) rows = rows.where(await searchCondition(store, "account", query.search));
  const { total } = await rows
    .select((select) => select.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  if (query.cursor !== undefined) {
    const { key, id } = decodeCursor(query.cursor, "text");
    rows = rows.where((where) =>
      where.or([
        where("account.folded_name", ">", key),
        where.and([where("account.folded_name", "=", key), where("account.id", ">", id)]),
      ]),
    );
  }
  const found = await rows
    .selectAll("account")
    .orderBy("account.folded_name")
    .orderBy("account.id")
    .limit(query.limit + 1)
    .execute();
  const { page, nextCursor } = cutPage(found, query.limit, (row) => [row.folded_name, row.id]);
  return { items: [...(await showAccounts(store, page))], nextCursor, total: Number(total) };
}

async function create(
  dependencies: AccessNounDependencies,
  body: HandlerInput<typeof createAccount>["body"],
  context: RequestContext,
) {
  await context.requireAt("vault:write", body.siteId);
  const { kind, ...fields } = body;
  requireOwnName(kind, fields.username);
  const columns = accountColumns(fields);
  await requireFreeName(dependencies.store, "account", {
    key: columns.unique_key,
    name: body.name,
    exceptId: null,
  });
  const id = newId(dependencies.environment);
  const secret = { kind, envelope: null, secret_changed_at_ms: null, public_key: null, certificate: null };
  const checkout = { checkout_minutes: null, changes_after_return: 0, is_change_due: 0 };
  const note = {
    kind: "account.created",
    subject: siteSubject(body.siteId),
    details: { accountId: id, ...describe("after", { ...body }) },
    name: body.name,
  };
  await applyChange(dependencies, context, note, async (transaction, stamp) => {
    await transaction
      .insertInto("account")
      .values({ ...freshColumns(id, stamp), ...columns, ...secret, ...checkout })
      .execute();
  });
  return showAccount(dependencies, id);
}

async function update(
  dependencies: AccessNounDependencies,
  { params, body }: HandlerInput<typeof updateAccount>,
  context: RequestContext,
) {
  const row = await findLivingAccount(dependencies, params.accountId, context);
  requireVersion(row, body.version);
  const before = toAccountFields(row);
  const after: AccountFields = {
    name: body.name ?? before.name,
    siteId: body.siteId === undefined ? before.siteId : body.siteId,
    username: body.username ?? before.username,
    notes: body.notes ?? before.notes,
    isDisabled: body.isDisabled ?? before.isDisabled,
  };
  requireOwnName(row.kind, after.username);
  if (after.siteId !== before.siteId) await context.requireAt("vault:write", after.siteId);
  const values = accountColumns(after);
  await requireFreeName(dependencies.store, "account", {
    key: values.unique_key,
    name: after.name,
    exceptId: row.id,
  });
  const note = {
    kind: "account.changed",
    subject: siteSubject(after.siteId),
    details: { accountId: row.id, ...describeChange({ ...before }, { ...after }) },
    name: after.name,
  };
  await applyChange(dependencies, context, note, (transaction, stamp) =>
    updateObject(transaction, "account", { id: row.id, version: body.version }, { values, stamp }),
  );
  return showAccount(dependencies, row.id);
}

/** An account "as me" writes the person's name: one name for everybody would be no "as me". */
function requireOwnName(kind: AccountTableRow["kind"], username: string): void {
  if (kind === "as-me" && !isOwnNamePattern(username))
    throw new Failure("bad-request", { detail: `the log-in of an account "as me" needs ${OWN_NAME_LOGIN}` });
}

async function remove(dependencies: AccessNounDependencies, accountId: string, context: RequestContext) {
  const row = await findLivingAccount(dependencies, accountId, context);
  const note = {
    kind: "account.deleted",
    subject: siteSubject(row.site_id),
    details: { accountId, ...describe("before", { ...toAccountFields(row), kind: row.kind }) },
  };
  await applyChange(dependencies, context, note, (transaction, stamp) => {
    const values = { deleted_at_ms: stamp.nowMs, unique_key: null };
    return updateObject(transaction, "account", row, { values, stamp });
  });
  return showAccount(dependencies, accountId);
}

async function restore(dependencies: AccessNounDependencies, accountId: string, context: RequestContext) {
  const row = await findAccount(dependencies.store, accountId);
  await context.requireAt("vault:write", row.site_id);
  requireRestorable(row, dependencies.environment);
  const fields = toAccountFields(row);
  const values = { deleted_at_ms: null, unique_key: accountColumns(fields).unique_key };
  const note = {
    kind: "account.restored",
    subject: siteSubject(row.site_id),
    details: { accountId, ...describe("after", { ...fields, kind: row.kind }) },
    name: row.name,
  };
  await applyChange(dependencies, context, note, (transaction, stamp) =>
    updateObject(transaction, "account", row, { values, stamp }),
  );
  return showAccount(dependencies, accountId);
}

/** A living account that the caller may change; throws `not-found`. */
export async function findLivingAccount(
  dependencies: AccessNounDependencies,
  accountId: string,
  context: RequestContext,
): Promise<AccountTableRow> {
  const row = await findAccount(dependencies.store, accountId);
  await context.requireAt("vault:write", row.site_id);
  if (row.deleted_at_ms !== null) throw new Failure("not-found");
  return row;
}

/** One account as the API shows it. */
export async function showAccount(dependencies: AccessNounDependencies, accountId: string) {
  const [shown] = await showAccounts(dependencies.store, [await findAccount(dependencies.store, accountId)]);
  if (shown === undefined) throw new Failure("not-found");
  return shown;
}

/** The journal's subject for an object that a site administers, or nobody in particular. */
export function siteSubject(siteId: string | null): { readonly siteId?: string } {
  return siteId === null ? {} : { siteId };
}
