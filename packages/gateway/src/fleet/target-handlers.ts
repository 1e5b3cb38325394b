import {
  createTarget,
  deleteTarget,
  Failure,
  getTarget,
  listTargets,
  restoreTarget,
  type TargetRow,
  updateTarget,
} from "@poterne/contract";
import type { AccessFacts, MachineFact, TargetFact } from "../access/facts.ts";
import type { RequestContext } from "../http/context.ts";
import { type Handler, type HandlerInput, handle } from "../http/handlers.ts";
import { cutPage, decodeCursor } from "../store/cursor.ts";
import { foldText } from "../store/fold-text.ts";
import {
  applyChange,
  describe,
  describeChange,
  freshColumns,
  type NounDependencies,
  newId,
  orElse,
  requireFreeName,
  requireRestorable,
  requireVersion,
  updateObject,
} from "./changes.ts";
import { findMachine } from "./machine-rows.ts";
import { requireAtAll } from "./scope.ts";
import { checkOptions, jumpSites } from "./target-options.ts";
import {
  completeTarget,
  findTarget,
  selectTargets,
  showTargets,
  type TargetFields,
  type TargetWithMachine,
  targetColumns,
  toTargetFields,
} from "./target-rows.ts";

/** Targets of one machine, at most. */
const MAX_TARGETS_OF_MACHINE = 50;

/** Handlers of the routes of targets, their identities aside. */
export function targetHandlers(dependencies: NounDependencies): Handler[] {
  const { store } = dependencies;
  return [
    handle(listTargets, ({ query }, context) => list(dependencies, query, context)),
    handle(getTarget, async ({ params }, context) => {
      const row = await findTarget(store, params.targetId);
      await context.requireAt("inventory:read", row.site_id);
      return showTarget(dependencies, row.id);
    }),
    handle(createTarget, (input, context) => create(dependencies, input, context)),
    handle(updateTarget, (input, context) => update(dependencies, input, context)),
    handle(deleteTarget, ({ params }, context) => remove(dependencies, params.targetId, context)),
    handle(restoreTarget, ({ params }, context) => restore(dependencies, params.targetId, context)),
  ];
}

async function list(
  dependencies: NounDependencies,
  query: HandlerInput<typeof listTargets>["query"],
  context: RequestContext,
) {
  const { store } = dependencies;
  const held = await context.sitesWith("inventory:read");
  const facts = await dependencies.facts.current();
  const under = query.siteId === undefined ? null : facts.tree.under(query.siteId);
  const matching = findTargets(facts, query, (siteId) => {
    return (held === null || held.includes(siteId)) && (under === null || under.has(siteId));
  });
  const start = query.cursor === undefined ? 0 : startAfter(matching, query.cursor);
  const { page, nextCursor } = cutPage(
    matching.slice(start, start + query.limit + 1),
    query.limit,
    ({ machine, target }) => [machine.foldedName, target.targetId],
  );
  const ids = page.map(({ target }) => target.targetId);
  const rows = ids.length === 0 ? [] : await selectTargets(store).where("target.id", "in", ids).execute();
  const shown = new Map((await showTargets(store, rows)).map((target) => [target.targetId, target]));
  const items = ids.map((id) => shown.get(id)).filter((target) => target !== undefined);
  return { items, nextCursor, total: matching.length };
}

interface FoundTarget {
  readonly machine: MachineFact;
  readonly target: TargetFact;
}

/** Searches the facts in memory: the store would join and sort all targets for each page. */
function findTargets(
  facts: AccessFacts,
  query: HandlerInput<typeof listTargets>["query"],
  isVisible: (siteId: string) => boolean,
): readonly FoundTarget[] {
  const words = foldText(query.search ?? "").split(" ");
  const visible = new Set([...facts.tree.sites.keys()].filter(isVisible));
  const found: FoundTarget[] = [];
  for (const machine of facts.machinesByName()) {
    if (!visible.has(machine.siteId)) continue;
    if (query.machineId !== undefined && query.machineId !== machine.machineId) continue;
    for (const target of inIdOrder(facts.targetsOfMachine.get(machine.machineId))) {
      if (query.protocol !== undefined && query.protocol !== target.protocol) continue;
      if (words.every((word) => hasWord(word, machine, target))) found.push({ machine, target });
    }
  }
  return found;
}

function inIdOrder(targets: ReadonlySet<TargetFact>): Iterable<TargetFact> {
  if (targets.size < 2) return targets;
  return [...targets].sort((a, b) => (a.targetId < b.targetId ? -1 : 1));
}

function hasWord(word: string, machine: MachineFact, target: TargetFact): boolean {
  return (
    machine.searchText.includes(word) || target.foldedName.includes(word) || target.protocol.includes(word)
  );
}

function startAfter(found: readonly FoundTarget[], cursor: string): number {
  const { key, id } = decodeCursor(cursor, "text");
  const next = found.findIndex(({ machine, target }) => {
    return machine.foldedName > key || (machine.foldedName === key && target.targetId > id);
  });
  return next === -1 ? found.length : next;
}

async function create(
  dependencies: NounDependencies,
  { params, body }: HandlerInput<typeof createTarget>,
  context: RequestContext,
) {
  const { store } = dependencies;
  const machine = await findMachine(store, params.machineId);
  await context.requireAt("inventory:write", machine.site_id);
  if (machine.deleted_at_ms !== null) throw new Failure("not-found");
  const facts = await dependencies.facts.current();
  if (facts.targetsOfMachine.get(machine.id).size >= MAX_TARGETS_OF_MACHINE) {
    throw new Failure("too-many-objects", { limit: MAX_TARGETS_OF_MACHINE });
  }
  const options = await checkedOptions(dependencies, context, { ...body, ownTargetId: null });
  const fields = completeTarget(body, options);
  const columns = targetColumns(machine.id, fields);
  await requireFreeName(store, "target", { key: columns.unique_key, name: fields.name, exceptId: null });
  const id = newId(dependencies.environment);
  const note = {
    kind: "target.created",
    subject: { targetId: id, machineId: machine.id, siteId: machine.site_id },
    details: describe("after", { ...fields }),
    name: fields.name,
  };
  await applyChange(dependencies, context, note, async (transaction, stamp) => {
    await transaction
      .insertInto("target")
      .values({ ...freshColumns(id, stamp), ...columns })
      .execute();
  });
  return showTarget(dependencies, id);
}

async function update(
  dependencies: NounDependencies,
  { params, body }: HandlerInput<typeof updateTarget>,
  context: RequestContext,
) {
  const row = await findLiving(dependencies, params.targetId, context);
  requireVersion(row, body.version);
  const before = toTargetFields(row);
  const after: TargetFields = {
    protocol: before.protocol,
    name: body.name ?? before.name,
    port: body.port ?? before.port,
    address: body.address === undefined ? before.address : body.address,
    isDisabled: body.isDisabled ?? before.isDisabled,
    options:
      body.options === undefined
        ? before.options
        : await checkedOptions(dependencies, context, {
            protocol: row.protocol,
            options: body.options,
            ownTargetId: row.id,
          }),
  };
  const values = targetColumns(row.machine_id, after);
  await requireFreeName(dependencies.store, "target", {
    key: values.unique_key,
    name: after.name,
    exceptId: row.id,
  });
  const note = {
    kind: "target.changed",
    subject: subjectOf(row),
    details: describeChange({ ...before }, { ...after }),
    name: after.name,
  };
  await applyChange(dependencies, context, note, (transaction, stamp) =>
    updateObject(transaction, "target", { id: row.id, version: body.version }, { values, stamp }),
  );
  return showTarget(dependencies, row.id);
}

async function remove(dependencies: NounDependencies, targetId: string, context: RequestContext) {
  const row = await findLiving(dependencies, targetId, context);
  const note = {
    kind: "target.deleted",
    subject: subjectOf(row),
    details: describe("before", { ...toTargetFields(row) }),
  };
  await applyChange(dependencies, context, note, (transaction, stamp) => {
    const values = { deleted_at_ms: stamp.nowMs, unique_key: null };
    return updateObject(transaction, "target", row, { values, stamp });
  });
  return showTarget(dependencies, targetId);
}

async function restore(dependencies: NounDependencies, targetId: string, context: RequestContext) {
  const row = await findTarget(dependencies.store, targetId);
  await context.requireAt("inventory:write", row.site_id);
  requireRestorable(row, dependencies.environment);
  if (row.machine_deleted_at_ms !== null) throw new Failure("not-restorable");
  const fields = toTargetFields(row);
  const values = { deleted_at_ms: null, unique_key: targetColumns(row.machine_id, fields).unique_key };
  const note = {
    kind: "target.restored",
    subject: subjectOf(row),
    details: describe("after", { ...fields }),
    name: row.name,
  };
  await applyChange(dependencies, context, note, (transaction, stamp) =>
    updateObject(transaction, "target", row, { values, stamp }),
  );
  return showTarget(dependencies, targetId);
}

/** Checks options; the caller must administer the sites of the jump hosts too. */
export async function checkedOptions(
  dependencies: NounDependencies,
  context: RequestContext,
  wanted: {
    readonly protocol: TargetFields["protocol"];
    readonly options: unknown;
    readonly ownTargetId: string | null;
  },
): Promise<Readonly<Record<string, unknown>>> {
  const facts = await dependencies.facts.current();
  const options = checkOptions(wanted.protocol, wanted.options, { facts, ownTargetId: wanted.ownTargetId });
  await orElse("jump-target-invalid", () =>
    requireAtAll(context, "inventory:write", jumpSites(options, facts)),
  );
  return options;
}

/** A living target that the caller may change; throws `not-found`. */
export async function findLiving(
  dependencies: NounDependencies,
  targetId: string,
  context: RequestContext,
): Promise<TargetWithMachine> {
  const row = await findTarget(dependencies.store, targetId);
  await context.requireAt("inventory:write", row.site_id);
  if (row.deleted_at_ms !== null || row.machine_deleted_at_ms !== null) throw new Failure("not-found");
  return row;
}

/** What the journal's entries on a target are about. */
export function subjectOf(row: TargetWithMachine) {
  return { targetId: row.id, machineId: row.machine_id, siteId: row.site_id };
}

/** One target as the API shows it. */
export async function showTarget(dependencies: NounDependencies, targetId: string): Promise<TargetRow> {
  const rows = await showTargets(dependencies.store, [await findTarget(dependencies.store, targetId)]);
  const [shown] = rows;
  if (shown === undefined) throw new Failure("not-found");
  return shown;
}
