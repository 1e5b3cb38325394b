import { bulkGrants, Failure, listGrants } from "@poterne/contract";
import type { Transaction } from "kysely";
import { applyChange, requireRestorable, type Stamp, updateObject } from "../fleet/changes.ts";
import { requireAtAll, visibleSites } from "../fleet/scope.ts";
import type { RequestContext } from "../http/context.ts";
import { type Handler, type HandlerInput, handle } from "../http/handlers.ts";
import { cutPage, decodeCursor } from "../store/cursor.ts";
import { hasWords, searchCondition } from "../store/search.ts";
import type { Tables } from "../store/tables.ts";
import type { AccessGrantTableRow } from "./access-tables.ts";
import type { AccessNounDependencies } from "./dependencies.ts";
import type { AccessFacts } from "./facts.ts";
import { showGrants } from "./grant-rows.ts";
import { inPages } from "./object-names.ts";

type ListQuery = HandlerInput<typeof listGrants>["query"];
type BulkAction = HandlerInput<typeof bulkGrants>["body"]["action"];

/** Handlers of the routes of many grants: the list and the bulk edit. */
export function grantListHandlers(dependencies: AccessNounDependencies): Handler[] {
  return [
    handle(listGrants, ({ query }, context) => list(dependencies, query, context)),
    handle(bulkGrants, ({ body }, context) => bulk(dependencies, body, context)),
  ];
}

async function list(dependencies: AccessNounDependencies, query: ListQuery, context: RequestContext) {
  const { store, environment } = dependencies;
  const facts = await dependencies.facts.current();
  const sites = await visibleSites(context, "access:read", { tree: facts.tree, underSiteId: query.siteId });
  if (sites?.length === 0) return { items: [], nextCursor: null, total: 0 };
  let { rows } = await filtered(dependencies, query, facts);
  if (sites !== null) rows = rows.where("access_grant.site_id", "in", sites);
  const { total } = await rows
    .select((select) => select.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  if (query.cursor !== undefined) {
    const { key, id } = decodeCursor(query.cursor, "number");
    rows = rows.where((where) =>
      where.or([
        where("access_grant.created_at_ms", "<", key),
        where.and([where("access_grant.created_at_ms", "=", key), where("access_grant.id", "<", id)]),
      ]),
    );
  }
  const found = await rows
    .selectAll("access_grant")
    .orderBy("access_grant.created_at_ms", "desc")
    .orderBy("access_grant.id", "desc")
    .limit(query.limit + 1)
    .execute();
  const { page, nextCursor } = cutPage(found, query.limit, (row) => [row.created_at_ms, row.id]);
  return { items: [...(await showGrants(store, page, environment.now()))], nextCursor, total: Number(total) };
}

async function filtered(dependencies: AccessNounDependencies, query: ListQuery, facts: AccessFacts) {
  const { store } = dependencies;
  let rows = store.db
    .selectFrom("access_grant")
    .where("access_grant.deleted_at_ms", query.deleted === true ? "is not" : "is", null);
  for (const [column, value] of [
    ["person_id", query.personId],
    ["group_id", query.groupId],
    ["policy_id", query.policyId],
  ] as const) {
    if (value !== undefined) rows = rows.where(`access_grant.${column}`, "=", value);
  }
  for (const objectIds of namedBy(query, facts)) {
    rows = rows.where((where) =>
      where(
        "access_grant.id",
        "in",
        where.selectFrom("grant_object").select("grant_id").where("object_id", "in", objectIds),
      ),
    );
  }
  const { search } = query;
  if (search !== undefined && search !== "") {
    const inNote = await searchCondition(store, "access_grant", search);
    rows = rows.where((where) =>
      where.or([
        inNote,
        where(
          "access_grant.person_id",
          "in",
          where.selectFrom("person").select("person.id").where(hasWords("person.search_text", search)),
        ),
        where(
          "access_grant.group_id",
          "in",
          where
            .selectFrom("person_group")
            .select("person_group.id")
            .where(hasWords("person_group.name_key", search)),
        ),
      ]),
    );
  }
  const nowMs = dependencies.environment.now();
  if (query.state !== undefined) {
    rows = rows.where("access_grant.is_disabled", "=", query.state === "disabled" ? 1 : 0);
  }
  if (query.state === "expired") rows = rows.where("access_grant.valid_to_ms", "<=", nowMs);
  if (query.state === "future") rows = rows.where("access_grant.valid_from_ms", ">", nowMs);
  if (query.state === "active") {
    rows = rows.where((where) =>
      where.and([
        where.or([where("valid_from_ms", "is", null), where("valid_from_ms", "<=", nowMs)]),
        where.or([where("valid_to_ms", "is", null), where("valid_to_ms", ">", nowMs)]),
      ]),
    );
  }
  return { rows };
}

/** For each filter by object, the ids by which a grant may reach it: itself, its machine, the sites above. */
function namedBy(query: ListQuery, facts: AccessFacts): readonly string[][] {
  const wanted: string[][] = [];
  const aboveMachine = (machineId: string) => {
    const machine = facts.machines.get(machineId);
    return machine === undefined ? [machineId] : [machineId, ...facts.tree.ancestorsOf(machine.siteId)];
  };
  if (query.targetId !== undefined) {
    const machineId = facts.targets.get(query.targetId)?.machineId;
    wanted.push([query.targetId, ...(machineId === undefined ? [] : aboveMachine(machineId))]);
  }
  if (query.machineId !== undefined) {
    const targets = [...facts.targetsOfMachine.get(query.machineId)].map((target) => target.targetId);
    wanted.push([...aboveMachine(query.machineId), ...targets]);
  }
  if (query.accountId !== undefined) wanted.push([query.accountId]);
  return wanted;
}

async function bulk(
  dependencies: AccessNounDependencies,
  body: HandlerInput<typeof bulkGrants>["body"],
  context: RequestContext,
) {
  const { action } = body;
  const ids = [...new Set(body.grantIds)];
  const rows = await inPages(ids, (some) =>
    dependencies.store.db.selectFrom("access_grant").selectAll().where("id", "in", some).execute(),
  );
  if (rows.length !== ids.length) throw new Failure("not-found");
  await requireAtAll(
    context,
    "access:write",
    rows.map((row) => row.site_id),
  );
  for (const row of rows) requireFitting(dependencies, action, row);
  const note = {
    kind: `grant.bulk-${action.kind}`,
    subject: {},
    details: {
      count: rows.length,
      grantIds: ids.join(" ").slice(0, 40_000),
      ...(action.kind === "end-at" ? { validToMs: action.validToMs } : {}),
    },
  };
  await applyChange(dependencies, context, note, async (transaction, stamp) => {
    for (const row of rows) await applyAction(transaction, { row, action }, stamp);
  });
  return { changedCount: rows.length };
}

function requireFitting(
  dependencies: AccessNounDependencies,
  action: BulkAction,
  row: AccessGrantTableRow,
): void {
  if (action.kind === "restore") {
    requireRestorable(row, dependencies.environment);
    return;
  }
  if (row.deleted_at_ms !== null) throw new Failure("not-found");
  if (action.kind !== "end-at" || action.validToMs === null || row.valid_from_ms === null) return;
  if (action.validToMs <= row.valid_from_ms) throw new Failure("grant-times-wrong");
}

async function applyAction(
  transaction: Transaction<Tables>,
  change: { readonly row: AccessGrantTableRow; readonly action: BulkAction },
  stamp: Stamp,
): Promise<void> {
  const { row, action } = change;
  const values = {
    disable: { is_disabled: 1 },
    enable: { is_disabled: 0 },
    delete: { deleted_at_ms: stamp.nowMs },
    restore: { deleted_at_ms: null },
    "end-at": { valid_to_ms: action.kind === "end-at" ? action.validToMs : null },
  }[action.kind];
  await updateObject(transaction, "access_grant", row, { values, stamp });
}
