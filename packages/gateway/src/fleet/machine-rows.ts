import { Failure, type MachineRow, type Protocol } from "@poterne/contract";
import { foldName, searchText } from "../store/fold-text.ts";
import { searchCondition } from "../store/search.ts";
import type { Store } from "../store/store.ts";
import type { MachineTableRow } from "./fleet-tables.ts";
import type { SiteTree } from "./site-tree.ts";

/** The fields of a machine, complete. */
export interface MachineFields {
  readonly name: string;
  readonly siteId: string;
  readonly addresses: readonly string[];
  readonly facts: Readonly<Record<string, string>>;
  readonly kerberosName: string;
  readonly notes: string;
  readonly isDisabled: boolean;
}

/** Filters that the list and the export share. */
export interface MachineFilter {
  /** Null for everywhere. */
  readonly siteIds: readonly string[] | null;
  readonly search: string | undefined;
  readonly protocol: Protocol | undefined;
  readonly isDisabled: boolean | undefined;
  readonly isDeleted: boolean;
}

/** The columns of a machine's fields. */
export function machineColumns(fields: MachineFields) {
  const facts = Object.entries(fields.facts).map(([key, value]) => `${key} ${value}`);
  return {
    site_id: fields.siteId,
    name: fields.name,
    folded_name: foldName(fields.name),
    unique_key: `${fields.siteId}/${foldName(fields.name)}`,
    addresses: JSON.stringify(fields.addresses),
    facts: JSON.stringify(fields.facts),
    kerberos_name: fields.kerberosName,
    notes: fields.notes,
    is_disabled: fields.isDisabled ? 1 : 0,
    search_text: searchText([fields.name, ...fields.addresses, fields.kerberosName, ...facts, fields.notes]),
  };
}

/** The fields of a row. */
export function toMachineFields(row: MachineTableRow): MachineFields {
  return {
    name: row.name,
    siteId: row.site_id,
    addresses: JSON.parse(row.addresses) as readonly string[],
    facts: JSON.parse(row.facts) as Readonly<Record<string, string>>,
    kerberosName: row.kerberos_name,
    notes: row.notes,
    isDisabled: row.is_disabled !== 0,
  };
}

/** One machine, deleted or not; throws `not-found`. */
export async function findMachine(store: Store, machineId: string): Promise<MachineTableRow> {
  const row = await store.db.selectFrom("machine").selectAll().where("id", "=", machineId).executeTakeFirst();
  if (row === undefined) throw new Failure("not-found");
  return row;
}

/** The machines that a filter matches, not ordered yet. */
export async function selectMachines(store: Store, filter: MachineFilter) {
  let rows = store.db
    .selectFrom("machine")
    .where("machine.deleted_at_ms", filter.isDeleted ? "is not" : "is", null);
  if (filter.siteIds !== null) rows = rows.where("machine.site_id", "in", filter.siteIds);
  if (filter.isDisabled !== undefined)
    rows = rows.where("machine.is_disabled", "=", filter.isDisabled ? 1 : 0);
  if (filter.search !== undefined && filter.search !== "") {
    rows = rows.where(await searchCondition(store, "machine", filter.search));
  }
  const { protocol } = filter;
  if (protocol !== undefined) {
    rows = rows.where((where) =>
      where.exists(
        where
          .selectFrom("target")
          .select("target.id")
          .whereRef("target.machine_id", "=", "machine.id")
          .where("target.protocol", "=", protocol)
          .where("target.deleted_at_ms", "is", null),
      ),
    );
  }
  return { rows };
}

/** Machines as the API shows them, with their targets shortly. At most one page of them. */
export async function showMachines(
  store: Store,
  tree: SiteTree,
  rows: readonly MachineTableRow[],
): Promise<readonly MachineRow[]> {
  const targets = await shortTargets(
    store,
    rows.map((row) => row.id),
  );
  return rows.map((row) => ({ ...toMachineRow(row, tree), targets: targets.get(row.id) ?? [] }));
}

/** A machine without its targets. */
export function toMachineRow(row: MachineTableRow, tree: SiteTree): Omit<MachineRow, "targets"> {
  const { addresses, facts, ...fields } = toMachineFields(row);
  return {
    machineId: row.id,
    ...fields,
    addresses: [...addresses],
    facts: { ...facts },
    sitePath: tree.pathOf(row.site_id),
    version: row.version,
    createdAtMs: row.created_at_ms,
    changedAtMs: row.changed_at_ms,
    deletedAtMs: row.deleted_at_ms,
  };
}

async function shortTargets(
  store: Store,
  machineIds: readonly string[],
): Promise<ReadonlyMap<string, MachineRow["targets"]>> {
  const found = new Map<string, MachineRow["targets"]>();
  if (machineIds.length === 0) return found;
  const rows = await store.db
    .selectFrom("target")
    .select(["id", "machine_id", "name", "protocol", "port", "is_disabled"])
    .where("machine_id", "in", machineIds)
    .where("deleted_at_ms", "is", null)
    .orderBy("folded_name")
    .execute();
  for (const row of rows) {
    const list = found.get(row.machine_id) ?? [];
    const { id, name, protocol, port } = row;
    list.push({ targetId: id, name, protocol, port, isDisabled: row.is_disabled !== 0 });
    found.set(row.machine_id, list);
  }
  return found;
}
