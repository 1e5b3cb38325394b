import {
  createSite,
  deleteSite,
  Failure,
  getSite,
  listSites,
  MAX_SITE_DEPTH,
  MAX_SITES,
  restoreSite,
  type SiteRow,
  updateSite,
} from "@poterne/contract";
import type { Transaction } from "kysely";
import type { RequestContext } from "../http/context.ts";
import { type Handler, type HandlerInput, handle } from "../http/handlers.ts";
import { foldName, foldText, searchText } from "../store/fold-text.ts";
import type { Tables } from "../store/tables.ts";
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
import type { SiteTableRow } from "./fleet-tables.ts";
import { visibleSites } from "./scope.ts";
import type { SiteTree } from "./site-tree.ts";

interface SiteFields {
  readonly name: string;
  readonly parentId: string | null;
  readonly priority: number;
  readonly code: string;
  readonly notes: string;
}

/** Handlers of the routes of sites. */
export function siteHandlers(dependencies: NounDependencies): Handler[] {
  return [
    handle(listSites, ({ query }, context) => list(dependencies, query, context)),
    handle(getSite, async ({ params }, context) => {
      const row = await findSite(dependencies, params.siteId);
      await context.requireAt("inventory:read", row.id);
      return show(dependencies, row);
    }),
    handle(createSite, ({ body }, context) => create(dependencies, body, context)),
    handle(updateSite, (input, context) => update(dependencies, input, context)),
    handle(deleteSite, ({ params }, context) => remove(dependencies, params.siteId, context)),
    handle(restoreSite, ({ params }, context) => restore(dependencies, params.siteId, context)),
  ];
}

async function list(
  dependencies: NounDependencies,
  query: HandlerInput<typeof listSites>["query"],
  context: RequestContext,
) {
  const { tree } = await dependencies.facts.current();
  const held = await visibleSites(context, "inventory:read", { tree, underSiteId: query.underSiteId });
  const allowed = held === null ? null : new Set(held);
  const rows = await dependencies.store.db
    .selectFrom("site")
    .selectAll()
    .where("deleted_at_ms", query.deleted === "true" ? "is not" : "is", null)
    .orderBy("folded_name")
    .limit(MAX_SITES * 2)
    .execute();
  const words = foldText(query.search ?? "").split(" ");
  const matching = rows.filter(
    (row) =>
      (allowed === null || allowed.has(row.id)) && words.every((word) => row.search_text.includes(word)),
  );
  const ordered = inTreeOrder(tree, matching);
  const start = query.cursor === undefined ? 0 : ordered.findIndex((row) => row.id === query.cursor) + 1;
  const page = ordered.slice(start, start + query.limit);
  const counts = await machineCounts(dependencies);
  const hasMore = start + page.length < ordered.length;
  return {
    items: page.map((row) => toSiteRow(row, tree, counts)),
    nextCursor: hasMore ? (page.at(-1)?.id ?? null) : null,
    total: ordered.length,
  };
}

function inTreeOrder(tree: SiteTree, rows: readonly SiteTableRow[]): readonly SiteTableRow[] {
  const place = new Map(tree.inOrder().map((site, index) => [site.siteId, index]));
  return [...rows].sort(
    (a, b) => (place.get(a.id) ?? MAX_SITES) - (place.get(b.id) ?? MAX_SITES) || (a.id < b.id ? -1 : 1),
  );
}

async function create(dependencies: NounDependencies, body: SiteFields, context: RequestContext) {
  const { store, environment } = dependencies;
  await context.requireAt("inventory:write", body.parentId);
  const { tree } = await dependencies.facts.current();
  if (tree.sites.size >= MAX_SITES) throw new Failure("too-many-objects", { limit: MAX_SITES });
  checkPlace(tree, { siteId: null, parentId: body.parentId });
  const columns = siteColumns(body);
  await requireFreeName(store, "site", { key: columns.unique_key, name: body.name, exceptId: null });
  const id = newId(environment);
  const note = {
    kind: "site.created",
    subject: { siteId: id },
    details: describe("after", { ...body }),
    name: body.name,
  };
  await applyChange(dependencies, context, note, async (transaction, stamp) => {
    await requireLivingSite(transaction, body.parentId);
    await transaction
      .insertInto("site")
      .values({ ...freshColumns(id, stamp), ...columns })
      .execute();
  });
  return show(dependencies, await findSite(dependencies, id));
}

async function update(
  dependencies: NounDependencies,
  { params, body }: HandlerInput<typeof updateSite>,
  context: RequestContext,
) {
  const row = await findSite(dependencies, params.siteId);
  await context.requireAt("inventory:write", row.id);
  if (row.deleted_at_ms !== null) throw new Failure("not-found");
  requireVersion(row, body.version);
  const before = toFields(row);
  const after: SiteFields = {
    name: body.name ?? before.name,
    parentId: body.parentId === undefined ? before.parentId : body.parentId,
    priority: body.priority ?? before.priority,
    code: body.code ?? before.code,
    notes: body.notes ?? before.notes,
  };
  if (after.parentId !== before.parentId) {
    // Moving takes the site out of one administration and into another: both must be the caller's.
    await context.requireAt("inventory:write", before.parentId);
    await context.requireAt("inventory:write", after.parentId);
    checkPlace((await dependencies.facts.current()).tree, { siteId: row.id, parentId: after.parentId });
  }
  const values = siteColumns(after);
  await requireFreeName(dependencies.store, "site", {
    key: values.unique_key,
    name: after.name,
    exceptId: row.id,
  });
  const note = {
    kind: "site.changed",
    subject: { siteId: row.id },
    details: describeChange({ ...before }, { ...after }),
    name: after.name,
  };
  await applyChange(dependencies, context, note, async (transaction, stamp) => {
    if (after.parentId !== before.parentId) {
      await requireLivingSite(transaction, after.parentId);
      // Two moves at once could close a circle that neither sees: the revision's lock makes them follow each other.
      for (let above = after.parentId; above !== null; ) {
        if (above === row.id) throw new Failure("site-cycle");
        const next = await transaction
          .selectFrom("site")
          .select("parent_id")
          .where("id", "=", above)
          .executeTakeFirst();
        above = next?.parent_id ?? null;
      }
    }
    await updateObject(transaction, "site", { id: row.id, version: body.version }, { values, stamp });
  });
  return show(dependencies, await findSite(dependencies, row.id));
}

async function remove(dependencies: NounDependencies, siteId: string, context: RequestContext) {
  const row = await findSite(dependencies, siteId);
  await context.requireAt("inventory:write", row.id);
  if (row.deleted_at_ms !== null) throw new Failure("not-found");
  const facts = await dependencies.facts.current();
  const sites = facts.tree.childrenOf(row.id).length;
  const machines = facts.machinesOfSite.get(row.id).size;
  if (sites + machines > 0) throw new Failure("site-not-empty", { sites, machines });
  const note = {
    kind: "site.deleted",
    subject: { siteId },
    details: describe("before", { ...toFields(row) }),
  };
  await applyChange(dependencies, context, note, async (transaction, stamp) => {
    // The revision's lock is held: what was put here in the meantime is seen now.
    await requireEmpty(transaction, row.id);
    const values = { deleted_at_ms: stamp.nowMs, unique_key: null };
    await updateObject(transaction, "site", row, { values, stamp });
  });
  return show(dependencies, await findSite(dependencies, siteId));
}

async function requireEmpty(transaction: Transaction<Tables>, siteId: string): Promise<void> {
  const count = async (table: "site" | "machine", column: "parent_id" | "site_id") => {
    const row = await transaction
      .selectFrom(table as "machine")
      .select((select) => select.fn.countAll<number>().as("count"))
      .where(column as "site_id", "=", siteId)
      .where("deleted_at_ms", "is", null)
      .executeTakeFirstOrThrow();
    return Number(row.count);
  };
  const sites = await count("site", "parent_id");
  const machines = await count("machine", "site_id");
  if (sites + machines > 0) throw new Failure("site-not-empty", { sites, machines });
}

/** Throws `not-found` unless the site lives; inside a change nobody can delete it any more. */
export async function requireLivingSite(
  transaction: Transaction<Tables>,
  siteId: string | null,
): Promise<void> {
  if (siteId === null) return;
  const row = await transaction
    .selectFrom("site")
    .select("id")
    .where("id", "=", siteId)
    .where("deleted_at_ms", "is", null)
    .executeTakeFirst();
  if (row === undefined) throw new Failure("not-found");
}

async function restore(dependencies: NounDependencies, siteId: string, context: RequestContext) {
  const row = await findSite(dependencies, siteId);
  await context.requireAt("inventory:write", row.parent_id);
  requireRestorable(row, dependencies.environment);
  const { tree } = await dependencies.facts.current();
  if (row.parent_id !== null && !tree.sites.has(row.parent_id)) throw new Failure("not-restorable");
  const fields = toFields(row);
  const values = { deleted_at_ms: null, unique_key: siteColumns(fields).unique_key };
  const note = {
    kind: "site.restored",
    subject: { siteId },
    details: describe("after", { ...fields }),
    name: row.name,
  };
  await applyChange(dependencies, context, note, (transaction, stamp) =>
    updateObject(transaction, "site", row, { values, stamp }),
  );
  return show(dependencies, await findSite(dependencies, siteId));
}

/** Refuses a place under itself, under nothing known, or too deep. */
function checkPlace(
  tree: SiteTree,
  place: { readonly siteId: string | null; readonly parentId: string | null },
): void {
  const { siteId, parentId } = place;
  if (parentId === null) return;
  if (!tree.sites.has(parentId)) throw new Failure("not-found");
  if (siteId !== null && tree.under(siteId).has(parentId)) throw new Failure("site-cycle");
  const height = siteId === null ? 1 : tree.heightOf(siteId);
  if (tree.ancestorsOf(parentId).length + height > MAX_SITE_DEPTH) {
    throw new Failure("site-too-deep", { limit: MAX_SITE_DEPTH });
  }
}

/** The columns of a site's fields; the import makes sites with it too. */
export function siteColumns(fields: SiteFields) {
  return {
    parent_id: fields.parentId,
    name: fields.name,
    folded_name: foldName(fields.name),
    unique_key: `${fields.parentId ?? ""}/${foldName(fields.name)}`,
    priority: fields.priority,
    code: fields.code,
    notes: fields.notes,
    search_text: searchText([fields.name, fields.code, fields.notes]),
  };
}

function toFields(row: SiteTableRow): SiteFields {
  return {
    name: row.name,
    parentId: row.parent_id,
    priority: row.priority,
    code: row.code,
    notes: row.notes,
  };
}

async function findSite({ store }: NounDependencies, siteId: string): Promise<SiteTableRow> {
  const row = await store.db.selectFrom("site").selectAll().where("id", "=", siteId).executeTakeFirst();
  if (row === undefined) throw new Failure("not-found");
  return row;
}

async function show(dependencies: NounDependencies, row: SiteTableRow): Promise<SiteRow> {
  const facts = await dependencies.facts.current();
  const count = facts.machinesOfSite.get(row.id).size;
  return toSiteRow(row, facts.tree, new Map([[row.id, count]]));
}

async function machineCounts(dependencies: NounDependencies): Promise<ReadonlyMap<string, number>> {
  const facts = await dependencies.facts.current();
  return new Map([...facts.tree.sites.keys()].map((id) => [id, facts.machinesOfSite.get(id).size]));
}

function toSiteRow(row: SiteTableRow, tree: SiteTree, counts: ReadonlyMap<string, number>): SiteRow {
  const path = tree.pathOf(row.id);
  return {
    siteId: row.id,
    ...toFields(row),
    path: path.length > 0 ? path : [row.name],
    machineCount: counts.get(row.id) ?? 0,
    version: row.version,
    createdAtMs: row.created_at_ms,
    changedAtMs: row.changed_at_ms,
    deletedAtMs: row.deleted_at_ms,
  };
}
