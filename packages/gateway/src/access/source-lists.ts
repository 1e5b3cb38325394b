import { Failure, getSourceList, type SourceListKind, setSourceList } from "@poterne/contract";
import { applyChange } from "../fleet/changes.ts";
import { findTarget } from "../fleet/target-rows.ts";
import type { RequestContext } from "../http/context.ts";
import { type Handler, handle } from "../http/handlers.ts";
import type { JournalEntry } from "../journal/journal.ts";
import type { AccessNounDependencies } from "./dependencies.ts";
import type { FactsCache } from "./facts-cache.ts";
import { isSourceAdmitted } from "./grant-conditions.ts";
import { findGrant } from "./grant-rows.ts";
import { isAdmitted, parseAddress, readNetworks } from "./networks.ts";
import { loadSubject } from "./subject.ts";

/** Handlers of the lists of source addresses of people, groups, targets and grants. */
export function sourceListHandlers(dependencies: AccessNounDependencies): Handler[] {
  return [
    handle(getSourceList, async ({ params }, context) => {
      await requireObject(dependencies, params, { context, right: "access:read" });
      return { networks: await readList(dependencies, params.objectId) };
    }),
    handle(setSourceList, async ({ params, body }, context) => {
      const subject = await requireObject(dependencies, params, { context, right: "access:write" });
      await refuseLockOut(dependencies, { ...params, networks: body.networks }, context);
      await writeList(dependencies, { ...params, networks: body.networks, subject }, context);
      return { networks: await readList(dependencies, params.objectId) };
    }),
  ];
}

interface ListOf {
  readonly kind: SourceListKind;
  readonly objectId: string;
}

/** The journal's subject of the object a list belongs to; throws `not-found` unless the caller holds the right there. */
async function requireObject(
  { store }: AccessNounDependencies,
  { kind, objectId }: ListOf,
  by: { readonly context: RequestContext; readonly right: "access:read" | "access:write" },
): Promise<JournalEntry["subject"]> {
  const { context, right } = by;
  if (kind === "target") {
    const target = await findTarget(store, objectId);
    await context.requireAt(right, target.site_id);
    return { targetId: objectId, siteId: target.site_id };
  }
  const row =
    kind === "grant"
      ? await findGrant(store, objectId)
      : await store.db
          .selectFrom(kind === "person" ? "person" : "person_group")
          .select("site_id")
          .where("id", "=", objectId)
          .executeTakeFirst();
  if (row === undefined) throw new Failure("not-found");
  await context.requireAt(right, row.site_id);
  return kind === "person" ? { personId: objectId } : {};
}

async function readList({ store }: AccessNounDependencies, objectId: string): Promise<string[]> {
  const row = await store.db
    .selectFrom("source_list")
    .select("networks")
    .where("object_id", "=", objectId)
    .executeTakeFirst();
  return row === undefined ? [] : (JSON.parse(row.networks) as string[]);
}

/** Throws `source-locks-you-out` when the list would leave out the person who writes it. */
async function refuseLockOut(
  { store }: AccessNounDependencies,
  { kind, objectId, networks }: ListOf & { readonly networks: readonly string[] },
  context: RequestContext,
): Promise<void> {
  if (kind !== "person" && kind !== "group") return;
  const { personId } = context.person();
  const subject = await loadSubject(store, personId);
  const isOwn = objectId === personId || subject?.groupIds.includes(objectId) === true;
  const address = context.sourceAddress;
  if (isOwn && !isAdmitted(readNetworks(networks), parseAddress(address)))
    throw new Failure("source-locks-you-out", { address });
}

async function writeList(
  dependencies: AccessNounDependencies,
  list: ListOf & { readonly networks: readonly string[]; readonly subject: JournalEntry["subject"] },
  context: RequestContext,
): Promise<void> {
  const { kind, objectId, networks } = list;
  const before = await readList(dependencies, objectId);
  const details = {
    kind,
    objectId,
    "before.networks": before.join(", ").slice(0, 1000),
    "after.networks": networks.join(", ").slice(0, 1000),
  };
  const note = { kind: "source-list.changed", subject: list.subject, details };
  await applyChange(dependencies, context, note, async (transaction, { revision }) => {
    await transaction.deleteFrom("source_list").where("object_id", "=", objectId).execute();
    // An empty list stays as a row: the caches of other nodes must hear of it.
    const row = { object_id: objectId, kind, networks: JSON.stringify(networks), revision };
    await transaction.insertInto("source_list").values(row).execute();
  });
}

/** Whether the lists of a person and of its groups admit an address: at sign-in and with every request. */
export function makeSourceCheck(dependencies: {
  readonly facts: FactsCache;
  readonly store: AccessNounDependencies["store"];
}): (personId: string, sourceAddress: string) => Promise<boolean> {
  return async (personId, sourceAddress) => {
    const facts = await dependencies.facts.current();
    if (facts.sources.size === 0) return true;
    const subject = await loadSubject(dependencies.store, personId);
    const source = parseAddress(sourceAddress);
    // A group may have changed while the person was read: the facts are those of now.
    const ids = [personId, ...(subject?.groupIds ?? [])];
    return ids.every((id) => isSourceAdmitted(facts, id, source));
  };
}
