import { DELETED_KINDS, type DeletedKind, type DeletedObject, listDeleted } from "@poterne/contract";
import { showGrants } from "../access/grant-rows.ts";
import { type Handler, handle } from "../http/handlers.ts";
import type { Store } from "../store/store.ts";
import { type NounDependencies, RESTORABLE_MS } from "./changes.ts";
import type { SiteTree } from "./site-tree.ts";

/** What the list asks each table for. */
interface Question {
  readonly store: Store;
  /** Sites whose objects the caller administers, null for all. */
  readonly siteIds: readonly string[] | null;
  readonly afterMs: number;
  readonly limit: number;
  readonly nowMs: number;
}

/** A deleted row as the list shows it. */
interface Deleted {
  readonly id: string;
  readonly name: string;
  readonly site_id: string | null;
  readonly deleted_at_ms: number | null;
}

/** The handler of what was deleted and can come back. */
export function deletedHandlers({ store, environment, facts }: NounDependencies): Handler[] {
  return [
    handle(listDeleted, async ({ query }, context) => {
      const siteIds = await context.sitesWith("inventory:write");
      const nowMs = environment.now();
      const { tree } = await facts.current();
      const kinds = query.kind === undefined ? DELETED_KINDS : [query.kind];
      const question = { store, siteIds, afterMs: nowMs - RESTORABLE_MS, limit: query.limit + 1, nowMs };
      const found = await Promise.all(
        kinds.map(async (kind) => (await READ[kind](question)).map((row) => show(kind, row, tree))),
      );
      const items = found.flat().sort((one, other) => other.deletedAtMs - one.deletedAtMs);
      return { items: items.slice(0, query.limit), isCut: items.length > query.limit };
    }),
  ];
}

const READ: Readonly<Record<DeletedKind, (question: Question) => Promise<readonly Deleted[]>>> = {
  // A site is administered from the one above: its own is not in the tree any more.
  site: ({ store, ...asked }) => {
    let query = store.db
      .selectFrom("site")
      .select(["id", "name", "parent_id as site_id", "deleted_at_ms"])
      .where("deleted_at_ms", ">=", asked.afterMs);
    if (asked.siteIds !== null) query = query.where("parent_id", "in", some(asked.siteIds));
    return query.orderBy("deleted_at_ms", "desc").limit(asked.limit).execute();
  },
  machine: (question) => readNamed("machine", question),
  account: (question) => readNamed("account", question),
  policy: (question) => readNamed("policy", question),
  target: async ({ store, ...asked }) => {
    let query = store.db
      .selectFrom("target")
      .innerJoin("machine", "machine.id", "target.machine_id")
      .select([
        "target.id",
        "target.name",
        "machine.name as machine",
        "machine.site_id",
        "target.deleted_at_ms",
      ])
      .where("target.deleted_at_ms", ">=", asked.afterMs)
      // With its machine away it comes back with that one.
      .where("machine.deleted_at_ms", "is", null);
    if (asked.siteIds !== null) query = query.where("machine.site_id", "in", some(asked.siteIds));
    const rows = await query.orderBy("target.deleted_at_ms", "desc").limit(asked.limit).execute();
    return rows.map(({ machine, name, ...row }) => ({ ...row, name: `${machine} · ${name}` }));
  },
  grant: async ({ store, nowMs, ...asked }) => {
    let query = store.db
      .selectFrom("access_grant")
      .selectAll()
      .where("deleted_at_ms", ">=", asked.afterMs)
      .where("pass_id", "is", null)
      // What a request gave comes back only while that request stands.
      .where(({ or, eb, selectFrom }) =>
        or([
          eb("request_id", "is", null),
          eb("request_id", "in", selectFrom("access_request").select("id").where("state", "=", "approved")),
        ]),
      );
    if (asked.siteIds !== null) query = query.where("site_id", "in", some(asked.siteIds));
    const rows = await query.orderBy("deleted_at_ms", "desc").limit(asked.limit).execute();
    const shown = await showGrants(store, rows, nowMs);
    return shown.map(({ grantId, siteId, subject, policyName, deletedAtMs }) => ({
      id: grantId,
      name: `${subject.name} · ${policyName}`,
      site_id: siteId,
      deleted_at_ms: deletedAtMs,
    }));
  },
};

function readNamed(
  table: "machine" | "account" | "policy",
  { store, ...asked }: Question,
): Promise<readonly Deleted[]> {
  let query = store.db
    .selectFrom(table as "account")
    .select(["id", "name", "site_id", "deleted_at_ms"])
    .where("deleted_at_ms", ">=", asked.afterMs);
  if (asked.siteIds !== null) query = query.where("site_id", "in", some(asked.siteIds));
  return query.orderBy("deleted_at_ms", "desc").limit(asked.limit).execute();
}

/** An empty list is no SQL everywhere; no object has the empty id. */
function some(siteIds: readonly string[]): readonly string[] {
  return siteIds.length === 0 ? [""] : siteIds;
}

function show(kind: DeletedKind, row: Deleted, tree: SiteTree): DeletedObject {
  const deletedAtMs = row.deleted_at_ms ?? 0;
  return {
    kind,
    id: row.id,
    name: row.name,
    sitePath: row.site_id === null ? [] : tree.pathOf(row.site_id),
    deletedAtMs,
    restorableUntilMs: deletedAtMs + RESTORABLE_MS,
  };
}
