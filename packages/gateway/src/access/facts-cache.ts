import { type Policy, policyRules } from "@poterne/contract";
import type { ObjectTable } from "../fleet/changes.ts";
import { foldText } from "../store/fold-text.ts";
import type { Store } from "../store/store.ts";
import type { Tables } from "../store/tables.ts";
import type { AccessGrantTableRow } from "./access-tables.ts";
import { AccessFacts, type FactChange, type GrantFact, type SourceFact } from "./facts.ts";
import { readNetworks } from "./networks.ts";

/** Rows read at once: between two pages the event loop serves the sessions. */
const PAGE_ROWS = 1000;

/** Ids in one `in (…)`. */
const MAX_IDS = 500;

/**
 * The facts in memory, brought up to date from the store whenever its revision has moved: by this node's writes or by
 * another's. Only rows changed since are read.
 */
export class FactsCache {
  readonly #store: Store;
  readonly #facts = new AccessFacts();
  #refreshing: Promise<void> | null = null;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The facts as of now. Read them in one turn, without awaiting in between; ask again afterwards. */
  async current(): Promise<AccessFacts> {
    for (;;) {
      const { revision } = await this.#store.db
        .selectFrom("store_revision")
        .select("revision")
        .where("id", "=", 1)
        .executeTakeFirstOrThrow();
      if (revision <= this.#facts.revision) return this.#facts;
      this.#refreshing ??= this.#refresh(revision).finally(() => {
        this.#refreshing = null;
      });
      await this.#refreshing;
      // A refresh begun before the change asked for may not hold it yet.
      if (revision <= this.#facts.revision) return this.#facts;
    }
  }

  /** Forgets everything, after a restore replaced the store's content. */
  clear(): void {
    const nothing = (facts: ReadonlyMap<string, unknown>) =>
      [...facts.keys()].map((id) => ({ id, fact: null }));
    const all = this.#facts;
    all.apply(
      {
        sites: nothing(all.tree.sites),
        machines: nothing(all.machines),
        targets: nothing(all.targets),
        accounts: nothing(all.accounts),
        policies: nothing(all.policies),
        grants: nothing(all.grants),
        sources: nothing(all.sources),
        holidays: new Set(),
      },
      0,
    );
  }

  async #refresh(revision: number): Promise<void> {
    const since = this.#facts.revision;
    const store = this.#store;
    const grants = await changedGrants(store, since);
    const policies = await changed(store, "policy", since, toPolicyFact);
    const accounts = await changed(store, "account", since, toAccountFact);
    const targets = await changed(store, "target", since, toTargetFact);
    const machines = await changed(store, "machine", since, toMachineFact);
    const sites = await changed(store, "site", since, toSiteFact);
    const sources = await changedSources(store, since);
    const holidays = await readHolidays(store);
    const changes = { sites, machines, targets, accounts, policies, grants, sources, holidays };
    this.#facts.apply(changes, revision);
  }
}

async function* changedRows<Table extends ObjectTable>(
  store: Store,
  table: Table,
  since: number,
): AsyncGenerator<readonly Tables[Table][]> {
  let after = { revision: since, id: "~" };
  for (;;) {
    const rows = await store.db
      .selectFrom(table as "site")
      .selectAll()
      .where((where) =>
        where.or([
          where("revision", ">", after.revision),
          where.and([where("revision", "=", after.revision), where("id", ">", after.id)]),
        ]),
      )
      .orderBy("revision")
      .orderBy("id")
      .limit(PAGE_ROWS)
      .execute();
    if (rows.length > 0) yield rows as unknown as readonly Tables[Table][];
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) return;
    after = { revision: last.revision, id: last.id };
  }
}

async function changed<Table extends ObjectTable, Fact>(
  store: Store,
  table: Table,
  since: number,
  toFact: (row: Tables[Table]) => Fact,
): Promise<readonly FactChange<Fact>[]> {
  const changes: FactChange<Fact>[] = [];
  for await (const rows of changedRows(store, table, since)) {
    for (const row of rows) {
      const { id, deleted_at_ms } = row as Tables["site"];
      changes.push({ id, fact: deleted_at_ms === null ? toFact(row) : null });
    }
  }
  return changes;
}

async function changedGrants(store: Store, since: number): Promise<readonly FactChange<GrantFact>[]> {
  const changes: FactChange<GrantFact>[] = [];
  for await (const rows of changedRows(store, "access_grant", since)) {
    const objects = await grantObjects(
      store,
      rows.map((row) => row.id),
    );
    for (const row of rows) {
      const named = objects.get(row.id) ?? [];
      changes.push({ id: row.id, fact: row.deleted_at_ms === null ? toGrantFact(row, named) : null });
    }
  }
  return changes;
}

async function changedSources(store: Store, since: number): Promise<readonly FactChange<SourceFact>[]> {
  const rows = await store.db.selectFrom("source_list").selectAll().where("revision", ">", since).execute();
  return rows.map(({ object_id, kind, networks }) => {
    const texts = JSON.parse(networks) as readonly string[];
    return { id: object_id, fact: texts.length === 0 ? null : { kind, list: readNetworks(texts) } };
  });
}

async function readHolidays(store: Store): Promise<ReadonlySet<string>> {
  const rows = await store.db.selectFrom("holiday").select("day").execute();
  return new Set(rows.map((row) => row.day));
}

/** What each of these grants names. */
export async function grantObjects(
  store: Store,
  grantIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Tables["grant_object"][]>> {
  const found = new Map<string, Tables["grant_object"][]>();
  for (let start = 0; start < grantIds.length; start += MAX_IDS) {
    const rows = await store.db
      .selectFrom("grant_object")
      .selectAll()
      .where("grant_id", "in", grantIds.slice(start, start + MAX_IDS))
      .orderBy("object_id")
      .execute();
    for (const row of rows) {
      const list = found.get(row.grant_id);
      if (list === undefined) found.set(row.grant_id, [row]);
      else list.push(row);
    }
  }
  return found;
}

function toGrantFact(row: AccessGrantTableRow, objects: readonly Tables["grant_object"][]): GrantFact {
  const ids = (kind: Tables["grant_object"]["kind"]) =>
    objects.filter((object) => object.kind === kind).map((object) => object.object_id);
  return {
    grantId: row.id,
    siteId: row.site_id,
    personId: row.person_id,
    groupId: row.group_id,
    targetIds: new Set(ids("target")),
    machineIds: new Set(ids("machine")),
    siteIds: new Set(ids("site")),
    accountIds: ids("account"),
    policyId: row.policy_id,
    validFromMs: row.valid_from_ms,
    validToMs: row.valid_to_ms,
    isDisabled: row.is_disabled !== 0,
    createdAtMs: row.created_at_ms,
    note: row.note,
    baseGrantId: row.base_grant_id,
    isEmergency: row.is_emergency === 1,
    passId: row.pass_id,
    needsGuardian: row.needs_guardian === 1,
  };
}

function toPolicyFact(row: Tables["policy"]) {
  const rules = readRules(row.rules);
  return { policyId: row.id, name: row.name, rules, sources: readNetworks(rules.sourceNetworks) };
}

/** Rules from the store; what a newer version added takes its default. */
export function readRules(json: string): Policy {
  return policyRules.parse(JSON.parse(json));
}

/** Kinds whose secret is the person's: the vault holds none. */
const KEPT_NOWHERE: ReadonlySet<string> = new Set(["ask", "as-me"]);

function toAccountFact(row: Tables["account"]) {
  const isUsable = row.is_disabled === 0 && (KEPT_NOWHERE.has(row.kind) || row.envelope !== null);
  return { accountId: row.id, name: row.name, kind: row.kind, isUsable };
}

function toTargetFact(row: Tables["target"]) {
  return {
    targetId: row.id,
    machineId: row.machine_id,
    name: row.name,
    foldedName: row.folded_name,
    protocol: row.protocol,
    isDisabled: row.is_disabled !== 0,
  };
}

function toMachineFact(row: Tables["machine"]) {
  const addresses = JSON.parse(row.addresses) as string[];
  return {
    machineId: row.id,
    siteId: row.site_id,
    name: row.name,
    foldedName: row.folded_name,
    searchText: `${row.folded_name} ${foldText(addresses.join(" "))}`,
    isDisabled: row.is_disabled !== 0,
  };
}

function toSiteFact(row: Tables["site"]) {
  return {
    siteId: row.id,
    parentId: row.parent_id,
    name: row.name,
    foldedName: row.folded_name,
    priority: row.priority,
  };
}
