import { makeUuidV7 } from "@poterne/bytes";
import { type ErrorCode, Failure } from "@poterne/contract";
import type { Transaction } from "kysely";
import type { FactsCache } from "../access/facts-cache.ts";
import type { Environment } from "../environment.ts";
import type { RequestContext } from "../http/context.ts";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import type { Store } from "../store/store.ts";
import { isDuplicate } from "../store/store-errors.ts";
import type { Tables } from "../store/tables.ts";

/** What the nouns of the inventory and of access work with. */
export interface NounDependencies {
  readonly store: Store;
  readonly journal: Journal;
  readonly environment: Environment;
  readonly facts: FactsCache;
}

/** How long a deleted object can be restored. */
export const RESTORABLE_MS = 30 * 86_400_000;

/** Longest value of one journal detail. */
const MAX_DETAIL = 1000;

/** What of a long value is shown before the place where it changed. */
const SHOWN_BEFORE_CHANGE = 100;

/** A change as the journal tells it. `name` fills the words of `name-taken`. */
export interface ChangeNote {
  readonly kind: string;
  readonly level?: JournalEntry["level"];
  readonly subject: JournalEntry["subject"];
  readonly details: JournalEntry["details"];
  readonly name?: string;
}

/** What a write puts on the rows it touches. */
export interface Stamp {
  readonly revision: number;
  readonly nowMs: number;
}

/**
 * Journals a change, then makes it in one transaction. The entry comes first: what cannot be journaled is not done. A
 * change that then fails (somebody was quicker) is followed by `change.not-done` with the first entry's id.
 */
export async function applyChange(
  dependencies: NounDependencies,
  context: RequestContext,
  note: ChangeNote,
  write: (transaction: Transaction<Tables>, stamp: Stamp) => Promise<void>,
): Promise<void> {
  const { journal, store, environment } = dependencies;
  const caller = context.person();
  const base = {
    actor: { personId: caller.personId, name: caller.name },
    sourceAddress: context.sourceAddress,
    subject: note.subject,
  };
  const entryId = await journal.append({
    ...base,
    kind: note.kind,
    level: note.level ?? "notice",
    details: note.details,
  });
  try {
    await store.db.transaction().execute(async (transaction) => {
      const revision = await takeRevision(transaction);
      await write(transaction, { revision, nowMs: environment.now() });
    });
  } catch (error) {
    const failure = isDuplicate(error) ? new Failure("name-taken", { name: note.name ?? "" }, error) : error;
    await journal.append({
      ...base,
      kind: "change.not-done",
      level: "notice",
      details: { entryId, change: note.kind, code: failure instanceof Failure ? failure.code : "internal" },
    });
    throw failure;
  }
}

/** Takes the store's next revision; the row's lock puts the changes of all nodes in order until they commit. */
export async function takeRevision(transaction: Transaction<Tables>): Promise<number> {
  await transaction
    .updateTable("store_revision")
    .set((update) => ({ revision: update("revision", "+", 1) }))
    .where("id", "=", 1)
    .execute();
  const row = await transaction
    .selectFrom("store_revision")
    .select("revision")
    .where("id", "=", 1)
    .executeTakeFirstOrThrow();
  return row.revision;
}

/** A new object's id. */
export function newId(environment: Environment): string {
  return makeUuidV7(environment.now(), environment.randomBytes(10));
}

/** The columns of an object that begins now. */
export function freshColumns(id: string, stamp: Stamp) {
  return {
    id,
    version: 1,
    revision: stamp.revision,
    created_at_ms: stamp.nowMs,
    changed_at_ms: stamp.nowMs,
    deleted_at_ms: null,
  };
}

/** Tables of objects, whose rows carry `ObjectColumns`. */
export type ObjectTable = "site" | "machine" | "target" | "account" | "policy" | "access_grant";

/**
 * Changes one living object if it still has the version the caller saw; throws `conflict` otherwise. `values` hold
 * columns of that table.
 */
export async function updateObject<Table extends ObjectTable>(
  transaction: Transaction<Tables>,
  table: Table,
  seen: { readonly id: string; readonly version: number },
  change: { readonly values: Partial<Tables[Table]>; readonly stamp: Stamp },
): Promise<void> {
  const result = await transaction
    // One statement serves six tables; the columns used here are common to all of them.
    .updateTable(table as "site")
    .set({
      ...(change.values as Partial<Tables["site"]>),
      version: seen.version + 1,
      revision: change.stamp.revision,
      changed_at_ms: change.stamp.nowMs,
    })
    .where("id", "=", seen.id)
    .where("version", "=", seen.version)
    .executeTakeFirst();
  if (result.numUpdatedRows !== 1n) throw new Failure("conflict", { detail: `version ≠ ${seen.version}` });
}

/** Throws `conflict` unless the object still has the version the caller saw. */
export function requireVersion(row: { readonly version: number }, seen: number): void {
  if (row.version !== seen) {
    throw new Failure("conflict", { detail: `version ${row.version} ≠ ${seen}` });
  }
}

/** Throws `name-taken` when another living object has this name at this place. */
export async function requireFreeName(
  store: Store,
  table: Exclude<ObjectTable, "access_grant">,
  wanted: { readonly key: string; readonly name: string; readonly exceptId: string | null },
): Promise<void> {
  const twin = await store.db
    .selectFrom(table as "site")
    .select("id")
    .where("unique_key", "=", wanted.key)
    .executeTakeFirst();
  if (twin !== undefined && twin.id !== wanted.exceptId)
    throw new Failure("name-taken", { name: wanted.name });
}

/** Throws `not-restorable` unless the object was deleted within the last 30 days. */
export function requireRestorable(
  row: { readonly deleted_at_ms: number | null },
  environment: Environment,
): number {
  if (row.deleted_at_ms === null || row.deleted_at_ms < environment.now() - RESTORABLE_MS) {
    throw new Failure("not-restorable");
  }
  return row.deleted_at_ms;
}

/** Runs a check whose `not-found` means something more precise here. */
export async function orElse<T>(code: ErrorCode, check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof Failure && error.code === "not-found") throw new Failure(code, {}, error);
    throw error;
  }
}

/** Facts for the journal: every field of a new or deleted object under `before.` or `after.`. */
export function describe(
  side: "before" | "after",
  fields: Readonly<Record<string, unknown>>,
): JournalEntry["details"] {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [`${side}.${key}`, toDetail(value)]),
  );
}

/**
 * Facts for the journal: the fields that differ, before and after. Of long values the part from their first difference
 * on, so that no change hides behind a beginning that stayed.
 */
export function describeChange(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): JournalEntry["details"] {
  const details: Record<string, string | number | boolean | null> = {};
  for (const [key, value] of Object.entries(after)) {
    const was = toWholeDetail(before[key]);
    const is = toWholeDetail(value);
    if (was === is) continue;
    const start = firstShown(was, is);
    details[`before.${key}`] = cut(was, start);
    details[`after.${key}`] = cut(is, start);
  }
  return details;
}

type Detail = string | number | boolean | null;

function toDetail(value: unknown): Detail {
  return cut(toWholeDetail(value), 0);
}

function toWholeDetail(value: unknown): Detail {
  if (value === undefined || value === null) return null;
  if (typeof value === "number" || typeof value === "boolean") return value;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Where two values begin to be shown: at their beginning, or shortly before a difference that lies beyond the limit. */
function firstShown(was: Detail, is: Detail): number {
  if (typeof was !== "string" || typeof is !== "string") return 0;
  if (was.length <= MAX_DETAIL && is.length <= MAX_DETAIL) return 0;
  let same = 0;
  while (same < was.length && was[same] === is[same]) same++;
  return Math.max(0, same - SHOWN_BEFORE_CHANGE);
}

function cut(value: Detail, start: number): Detail {
  if (typeof value !== "string" || (start === 0 && value.length <= MAX_DETAIL)) return value;
  const end = start + MAX_DETAIL;
  return `${start > 0 ? "…" : ""}${value.slice(start, end)}${value.length > end ? "…" : ""}`;
}
