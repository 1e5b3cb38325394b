import { bulkMachines, Failure } from "@poterne/contract";
import { siteSubject } from "../access/account-handlers.ts";
import type { AccessNounDependencies } from "../access/dependencies.ts";
import { grantSubject, insertGrant } from "../access/grant-handlers.ts";
import type { GrantFields } from "../access/grant-rows.ts";
import { requireGrantable } from "../access/grant-rules.ts";
import { inPages } from "../access/object-names.ts";
import type { RequestContext } from "../http/context.ts";
import { type Handler, type HandlerInput, handle } from "../http/handlers.ts";
import { applyChange, describe, newId, requireRestorable, updateObject } from "./changes.ts";
import type { MachineTableRow } from "./fleet-tables.ts";
import { machineColumns, toMachineFields } from "./machine-rows.ts";
import { deleteMachines, restoreMachines } from "./machine-writes.ts";
import { requireAtAll } from "./scope.ts";
import { requireLivingSite } from "./site-handlers.ts";
import type { SiteTree } from "./site-tree.ts";

type Action = HandlerInput<typeof bulkMachines>["body"]["action"];

/** The handler of the bulk edit of machines. */
export function bulkHandlers(dependencies: AccessNounDependencies): Handler[] {
  return [handle(bulkMachines, ({ body }, context) => bulk(dependencies, body, context))];
}

async function bulk(
  dependencies: AccessNounDependencies,
  body: HandlerInput<typeof bulkMachines>["body"],
  context: RequestContext,
) {
  const ids = [...new Set(body.machineIds)];
  const rows = await inPages(ids, (some) =>
    dependencies.store.db.selectFrom("machine").selectAll().where("id", "in", some).execute(),
  );
  if (rows.length !== ids.length) throw new Failure("not-found");
  await requireAtAll(
    context,
    "inventory:write",
    rows.map((row) => row.site_id),
  );
  const { action } = body;
  const { tree } = await dependencies.facts.current();
  for (const row of rows) {
    if (action.kind !== "restore" && row.deleted_at_ms !== null) throw new Failure("not-found");
    if (action.kind !== "restore") continue;
    requireRestorable(row, dependencies.environment);
    if (!tree.sites.has(row.site_id)) throw new Failure("not-restorable");
  }
  if (action.kind === "grant") return grantAll(dependencies, { rows, action, tree }, context);
  if (action.kind === "move") {
    await context.requireAt("inventory:write", action.siteId);
    if (!tree.sites.has(action.siteId)) throw new Failure("not-found");
  }
  await changeAll(dependencies, { rows, action }, context);
  return { changedCount: rows.length, grantId: null };
}

async function changeAll(
  dependencies: AccessNounDependencies,
  work: { readonly rows: readonly MachineTableRow[]; readonly action: Exclude<Action, { kind: "grant" }> },
  context: RequestContext,
): Promise<void> {
  const { rows, action } = work;
  const note = {
    kind: `machine.bulk-${action.kind}`,
    subject: siteSubject(action.kind === "move" ? action.siteId : null),
    details: {
      count: rows.length,
      machineIds: rows
        .map((row) => row.id)
        .join(" ")
        .slice(0, 40_000),
    },
  };
  await applyChange(dependencies, context, note, async (transaction, stamp) => {
    if (action.kind === "move") await requireLivingSite(transaction, action.siteId);
    if (action.kind === "delete") return deleteMachines(transaction, rows, stamp);
    if (action.kind === "restore") return restoreMachines(transaction, rows, stamp);
    for (const row of rows) {
      const values =
        action.kind === "move"
          ? machineColumns({ ...toMachineFields(row), siteId: action.siteId })
          : { is_disabled: action.kind === "disable" ? 1 : 0 };
      await updateObject(transaction, "machine", row, { values, stamp });
    }
  });
}

async function grantAll(
  dependencies: AccessNounDependencies,
  work: {
    readonly rows: readonly MachineTableRow[];
    readonly action: Extract<Action, { kind: "grant" }>;
    readonly tree: SiteTree;
  },
  context: RequestContext,
) {
  const { kind, ...given } = work.action;
  const sites = work.rows.map((row) => row.site_id);
  const fields: GrantFields = {
    ...given,
    siteId: commonSite(work.tree, sites),
    targetIds: [],
    machineIds: work.rows.map((row) => row.id),
    siteIds: [],
    isDisabled: false,
  };
  await requireGrantable(dependencies, fields, context);
  const id = newId(dependencies.environment);
  const note = {
    kind: "grant.created",
    subject: grantSubject(id, fields),
    details: { by: kind, ...describe("after", { ...fields }) },
  };
  await applyChange(dependencies, context, note, (transaction, stamp) =>
    insertGrant(transaction, { id, fields }, stamp),
  );
  return { changedCount: work.rows.length, grantId: id };
}

/** The lowest site that all of these are in or under; null when there is none. */
function commonSite(tree: SiteTree, siteIds: readonly string[]): string | null {
  const [first, ...others] = [...new Set(siteIds)];
  if (first === undefined) return null;
  const shared = tree
    .ancestorsOf(first)
    .find((candidate) => others.every((other) => tree.ancestorsOf(other).includes(candidate)));
  return shared ?? null;
}
