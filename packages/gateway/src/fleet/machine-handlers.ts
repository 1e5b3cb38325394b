import {
  createMachine,
  deleteMachine,
  Failure,
  getMachine,
  listMachines,
  type MachineRow,
  restoreMachine,
  updateMachine,
} from "@poterne/contract";
import type { RequestContext } from "../http/context.ts";
import { type Handler, type HandlerInput, handle } from "../http/handlers.ts";
import { cutPage, decodeCursor } from "../store/cursor.ts";
import {
  applyChange,
  describe,
  describeChange,
  freshColumns,
  type NounDependencies,
  newId,
  requireFreeName,
  requireRestorable,
  requireVersion,
  updateObject,
} from "./changes.ts";
import type { MachineTableRow } from "./fleet-tables.ts";
import {
  findMachine,
  type MachineFields,
  machineColumns,
  selectMachines,
  showMachines,
  toMachineFields,
  toMachineRow,
} from "./machine-rows.ts";
import { deleteMachines, restoreMachines } from "./machine-writes.ts";
import { visibleSites } from "./scope.ts";
import { requireLivingSite } from "./site-handlers.ts";
import { checkedOptions } from "./target-handlers.ts";
import { completeTarget, selectTargets, showTargets, targetColumns } from "./target-rows.ts";

/** Handlers of the routes of machines, one at a time. */
export function machineHandlers(dependencies: NounDependencies): Handler[] {
  return [
    handle(listMachines, ({ query }, context) => list(dependencies, query, context)),
    handle(getMachine, async ({ params }, context) => {
      const row = await findMachine(dependencies.store, params.machineId);
      await context.requireAt("inventory:read", row.site_id);
      return showWithTargets(dependencies, row);
    }),
    handle(createMachine, ({ body }, context) => create(dependencies, body, context)),
    handle(updateMachine, (input, context) => update(dependencies, input, context)),
    handle(deleteMachine, ({ params }, context) => remove(dependencies, params.machineId, context)),
    handle(restoreMachine, ({ params }, context) => restore(dependencies, params.machineId, context)),
  ];
}

async function list(
  dependencies: NounDependencies,
  query: HandlerInput<typeof listMachines>["query"],
  context: RequestContext,
) {
  const { store } = dependencies;
  const { tree } = await dependencies.facts.current();
  const siteIds = await visibleSites(context, "inventory:read", { tree, underSiteId: query.siteId });
  if (siteIds?.length === 0) return { items: [], nextCursor: null, total: 0 };
  const filter = {
    siteIds,
    search: query.search,
    protocol: query.protocol,
    isDisabled: query.isDisabled,
    isDeleted: query.deleted === true,
  };
  const { rows: matching } = await selectMachines(store, filter);
  const { total } = await matching
    .select((select) => select.fn.countAll<number>().as("total"))
    .executeTakeFirstOrThrow();
  let rows = matching.selectAll("machine");
  if (query.cursor !== undefined) {
    const { key, id } = decodeCursor(query.cursor, "text");
    rows = rows.where((where) =>
      where.or([
        where("machine.folded_name", ">", key),
        where.and([where("machine.folded_name", "=", key), where("machine.id", ">", id)]),
      ]),
    );
  }
  const found = await rows
    .orderBy("machine.folded_name")
    .orderBy("machine.id")
    .limit(query.limit + 1)
    .execute();
  const { page, nextCursor } = cutPage(found, query.limit, (row) => [row.folded_name, row.id]);
  return { items: [...(await showMachines(store, tree, page))], nextCursor, total: Number(total) };
}

async function create(
  dependencies: NounDependencies,
  body: HandlerInput<typeof createMachine>["body"],
  context: RequestContext,
) {
  const { store, environment } = dependencies;
  await requireWritableSite(dependencies, context, body.siteId);
  const { targets: newTargets, ...fields } = body;
  const columns = machineColumns(fields);
  await requireFreeName(store, "machine", { key: columns.unique_key, name: body.name, exceptId: null });
  const id = newId(environment);
  const targets: { id: string; columns: ReturnType<typeof targetColumns> }[] = [];
  for (const target of newTargets) {
    const options = await checkedOptions(dependencies, context, { ...target, ownTargetId: null });
    targets.push({ id: newId(environment), columns: targetColumns(id, completeTarget(target, options)) });
  }
  const twin = findTwin(targets.map((target) => target.columns.unique_key));
  if (twin !== null) throw new Failure("name-taken", { name: twin.slice(twin.indexOf("/") + 1) });
  const note = {
    kind: "machine.created",
    subject: { machineId: id, siteId: body.siteId },
    details: describe("after", { ...fields, targets: targets.map((target) => target.columns.name) }),
    name: body.name,
  };
  await applyChange(dependencies, context, note, async (transaction, stamp) => {
    await requireLivingSite(transaction, fields.siteId);
    await transaction
      .insertInto("machine")
      .values({ ...freshColumns(id, stamp), ...columns })
      .execute();
    for (const target of targets) {
      await transaction
        .insertInto("target")
        .values({ ...freshColumns(target.id, stamp), ...target.columns })
        .execute();
    }
  });
  return showMachine(dependencies, id);
}

function findTwin(keys: readonly string[]): string | null {
  return keys.find((key, index) => keys.indexOf(key) !== index) ?? null;
}

async function update(
  dependencies: NounDependencies,
  { params, body }: HandlerInput<typeof updateMachine>,
  context: RequestContext,
) {
  const row = await findLiving(dependencies, params.machineId, context);
  requireVersion(row, body.version);
  const before = toMachineFields(row);
  const after: MachineFields = {
    name: body.name ?? before.name,
    siteId: body.siteId ?? before.siteId,
    addresses: body.addresses ?? before.addresses,
    facts: body.facts ?? before.facts,
    kerberosName: body.kerberosName ?? before.kerberosName,
    notes: body.notes ?? before.notes,
    isDisabled: body.isDisabled ?? before.isDisabled,
  };
  if (after.siteId !== before.siteId) await requireWritableSite(dependencies, context, after.siteId);
  const values = machineColumns(after);
  await requireFreeName(dependencies.store, "machine", {
    key: values.unique_key,
    name: after.name,
    exceptId: row.id,
  });
  const note = {
    kind: "machine.changed",
    subject: { machineId: row.id, siteId: after.siteId },
    details: describeChange({ ...before }, { ...after }),
    name: after.name,
  };
  await applyChange(dependencies, context, note, async (transaction, stamp) => {
    await requireLivingSite(transaction, after.siteId);
    await updateObject(transaction, "machine", { id: row.id, version: body.version }, { values, stamp });
  });
  return showMachine(dependencies, row.id);
}

async function remove(dependencies: NounDependencies, machineId: string, context: RequestContext) {
  const row = await findLiving(dependencies, machineId, context);
  const note = {
    kind: "machine.deleted",
    subject: { machineId: row.id, siteId: row.site_id },
    details: describe("before", { ...toMachineFields(row) }),
  };
  await applyChange(dependencies, context, note, (transaction, stamp) =>
    deleteMachines(transaction, [row], stamp),
  );
  return showMachine(dependencies, machineId);
}

async function restore(dependencies: NounDependencies, machineId: string, context: RequestContext) {
  const row = await findMachine(dependencies.store, machineId);
  await context.requireAt("inventory:write", row.site_id);
  requireRestorable(row, dependencies.environment);
  const { tree } = await dependencies.facts.current();
  if (!tree.sites.has(row.site_id)) throw new Failure("not-restorable");
  const note = {
    kind: "machine.restored",
    subject: { machineId: row.id, siteId: row.site_id },
    details: describe("after", { ...toMachineFields(row) }),
    name: row.name,
  };
  await applyChange(dependencies, context, note, (transaction, stamp) =>
    restoreMachines(transaction, [row], stamp),
  );
  return showMachine(dependencies, machineId);
}

async function requireWritableSite(
  dependencies: NounDependencies,
  context: RequestContext,
  siteId: string,
): Promise<void> {
  await context.requireAt("inventory:write", siteId);
  const { tree } = await dependencies.facts.current();
  if (!tree.sites.has(siteId)) throw new Failure("not-found");
}

async function findLiving(
  dependencies: NounDependencies,
  machineId: string,
  context: RequestContext,
): Promise<MachineTableRow> {
  const row = await findMachine(dependencies.store, machineId);
  await context.requireAt("inventory:write", row.site_id);
  if (row.deleted_at_ms !== null) throw new Failure("not-found");
  return row;
}

async function showMachine(dependencies: NounDependencies, machineId: string): Promise<MachineRow> {
  const row = await findMachine(dependencies.store, machineId);
  const { tree } = await dependencies.facts.current();
  const [shown] = await showMachines(dependencies.store, tree, [row]);
  if (shown === undefined) throw new Failure("not-found");
  return shown;
}

async function showWithTargets(dependencies: NounDependencies, row: MachineTableRow) {
  const { tree } = await dependencies.facts.current();
  const targets = await selectTargets(dependencies.store)
    .where("target.machine_id", "=", row.id)
    .where("target.deleted_at_ms", row.deleted_at_ms === null ? "is" : "=", row.deleted_at_ms)
    .orderBy("target.folded_name")
    .execute();
  return {
    ...toMachineRow(row, tree),
    targets: [...(await showTargets(dependencies.store, targets))],
  };
}
