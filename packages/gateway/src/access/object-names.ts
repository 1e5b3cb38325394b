import type { Store } from "../store/store.ts";
import type { AccountKind } from "./access.ts";
import type { GrantFields } from "./grant-rows.ts";

/** What an id is called. */
export interface NamedObject {
  readonly id: string;
  readonly name: string;
  readonly isDeleted: boolean;
}

/** Names of all that some grants point at. */
export interface ObjectNames {
  readonly people: ReadonlyMap<string, NamedObject>;
  readonly groups: ReadonlyMap<string, NamedObject>;
  readonly targets: ReadonlyMap<string, NamedObject>;
  readonly machines: ReadonlyMap<string, NamedObject>;
  readonly sites: ReadonlyMap<string, NamedObject>;
  readonly policies: ReadonlyMap<string, NamedObject>;
  readonly accounts: ReadonlyMap<string, NamedObject & { readonly kind: AccountKind }>;
}

/** Ids in one `in (…)`. */
const MAX_IDS = 500;

/** Reads the names of all that these grants point at, each once. */
export async function readNames(store: Store, grants: readonly GrantFields[]): Promise<ObjectNames> {
  const ids = (of: (grant: GrantFields) => readonly (string | null)[]) =>
    [...new Set(grants.flatMap(of))].filter((id) => id !== null);
  const plain = (table: "machine" | "site" | "policy", wanted: readonly string[]) =>
    inPages(wanted, (some) =>
      store.db
        .selectFrom(table as "site")
        .select(["id", "name", "deleted_at_ms"])
        .where("id", "in", some)
        .execute(),
    );
  const targets = await readTargets(
    store,
    ids((grant) => grant.targetIds),
  );
  const accounts = await readAccounts(
    store,
    ids((grant) => grant.accountIds),
  );
  return {
    people: byId(
      await readPeople(
        store,
        ids((grant) => [grant.personId]),
      ),
    ),
    groups: byId(
      await readGroups(
        store,
        ids((grant) => [grant.groupId]),
      ),
    ),
    targets: byId(targets.map((row) => ({ ...row, name: `${row.machine_name} · ${row.name}` }))),
    machines: byId(
      await plain(
        "machine",
        ids((grant) => grant.machineIds),
      ),
    ),
    sites: byId(
      await plain(
        "site",
        ids((grant) => grant.siteIds),
      ),
    ),
    policies: byId(
      await plain(
        "policy",
        ids((grant) => [grant.policyId]),
      ),
    ),
    accounts: new Map(accounts.map((row) => [row.id, { ...toNamed(row), kind: row.kind }])),
  };
}

function readPeople({ db }: Store, ids: readonly string[]) {
  return inPages(ids, (some) =>
    db
      .selectFrom("person")
      .select(["id", "name", "erased_at_ms as deleted_at_ms"])
      .where("id", "in", some)
      .execute(),
  );
}

async function readGroups({ db }: Store, ids: readonly string[]): Promise<readonly NameRow[]> {
  const rows = await inPages(ids, (some) =>
    db.selectFrom("person_group").select(["id", "name"]).where("id", "in", some).execute(),
  );
  return rows.map((row) => ({ ...row, deleted_at_ms: null }));
}

function readTargets({ db }: Store, ids: readonly string[]) {
  return inPages(ids, (some) =>
    db
      .selectFrom("target")
      .innerJoin("machine", "machine.id", "target.machine_id")
      .select(["target.id", "target.name", "machine.name as machine_name", "target.deleted_at_ms"])
      .where("target.id", "in", some)
      .execute(),
  );
}

function readAccounts({ db }: Store, ids: readonly string[]) {
  return inPages(ids, (some) =>
    db
      .selectFrom("account")
      .select(["id", "name", "kind", "deleted_at_ms"])
      .where("id", "in", some)
      .execute(),
  );
}

interface NameRow {
  readonly id: string;
  readonly name: string;
  readonly deleted_at_ms: number | null;
}

function byId(rows: readonly NameRow[]): ReadonlyMap<string, NamedObject> {
  return new Map(rows.map((row) => [row.id, toNamed(row)]));
}

function toNamed(row: NameRow): NamedObject {
  return { id: row.id, name: row.name, isDeleted: row.deleted_at_ms !== null };
}

/** Reads rows for many ids, some hundred at a time. */
export async function inPages<Row>(
  ids: readonly string[],
  read: (some: readonly string[]) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let start = 0; start < ids.length; start += MAX_IDS) {
    rows.push(...(await read(ids.slice(start, start + MAX_IDS))));
  }
  return rows;
}
