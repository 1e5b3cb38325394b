import {
  DEFAULT_PORT,
  Failure,
  type NewTarget,
  type Protocol,
  type TargetIdentityRow,
  type TargetRow,
} from "@poterne/contract";
import { foldName, searchText } from "../store/fold-text.ts";
import type { Store } from "../store/store.ts";
import type { TargetIdentityTableRow, TargetTableRow } from "./fleet-tables.ts";

/** A target's row with what its machine tells. */
export type TargetWithMachine = TargetTableRow & {
  readonly machine_name: string;
  readonly site_id: string;
  readonly machine_deleted_at_ms: number | null;
};

/** Ids in one `in (…)`. */
const MAX_IDS = 500;

/** What a target is called where nobody named it. */
const PROTOCOL_NAME: Readonly<Record<Protocol, string>> = {
  ssh: "SSH",
  telnet: "Telnet",
  vnc: "VNC",
  rdp: "RDP",
};

/** The fields of a target, complete. */
export interface TargetFields {
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly address: string | null;
  readonly options: Readonly<Record<string, unknown>>;
  readonly isDisabled: boolean;
}

/** A new target with what was left out filled in. */
export function completeTarget(target: NewTarget, options: Readonly<Record<string, unknown>>): TargetFields {
  const { protocol } = target;
  return {
    name: target.name ?? PROTOCOL_NAME[protocol],
    protocol,
    port: target.port ?? DEFAULT_PORT[protocol],
    address: target.address,
    options,
    isDisabled: target.isDisabled,
  };
}

/** The columns of a target's fields. */
export function targetColumns(machineId: string, fields: TargetFields) {
  return {
    machine_id: machineId,
    name: fields.name,
    folded_name: foldName(fields.name),
    unique_key: `${machineId}/${foldName(fields.name)}`,
    protocol: fields.protocol,
    port: fields.port,
    address: fields.address,
    options: JSON.stringify(fields.options),
    is_disabled: fields.isDisabled ? 1 : 0,
    search_text: searchText([fields.name, fields.protocol, fields.address ?? ""]),
  };
}

/** The fields of a row. */
export function toTargetFields(row: TargetTableRow): TargetFields {
  return {
    name: row.name,
    protocol: row.protocol,
    port: row.port,
    address: row.address,
    options: JSON.parse(row.options) as Readonly<Record<string, unknown>>,
    isDisabled: row.is_disabled !== 0,
  };
}

/** The rows of targets with their machines, for conditions of the caller's. */
export function selectTargets(store: Store) {
  return store.db
    .selectFrom("target")
    .innerJoin("machine", "machine.id", "target.machine_id")
    .selectAll("target")
    .select([
      "machine.name as machine_name",
      "machine.site_id as site_id",
      "machine.deleted_at_ms as machine_deleted_at_ms",
    ]);
}

/** One target, deleted or not; throws `not-found`. */
export async function findTarget(store: Store, targetId: string): Promise<TargetWithMachine> {
  const row = await selectTargets(store).where("target.id", "=", targetId).executeTakeFirst();
  if (row === undefined) throw new Failure("not-found");
  return row;
}

/** Targets as the API shows them, with their identities and the names of those who pinned them. */
export async function showTargets(
  store: Store,
  rows: readonly TargetWithMachine[],
): Promise<readonly TargetRow[]> {
  const identities = await readIdentities(
    store,
    rows.map((row) => row.id),
  );
  return rows.map((row) => ({
    targetId: row.id,
    machineId: row.machine_id,
    machineName: row.machine_name,
    siteId: row.site_id,
    ...toTargetFields(row),
    identities: [...(identities.get(row.id) ?? [])],
    version: row.version,
    createdAtMs: row.created_at_ms,
    changedAtMs: row.changed_at_ms,
    deletedAtMs: row.deleted_at_ms,
  }));
}

async function readIdentities(
  store: Store,
  targetIds: readonly string[],
): Promise<ReadonlyMap<string, readonly TargetIdentityRow[]>> {
  const found = new Map<string, TargetIdentityRow[]>();
  for (let start = 0; start < targetIds.length; start += MAX_IDS) {
    const rows = await store.db
      .selectFrom("target_identity")
      .leftJoin("person as pinner", "pinner.id", "target_identity.pinned_by")
      .leftJoin("person as confirmer", "confirmer.id", "target_identity.confirmed_by")
      .selectAll("target_identity")
      .select(["pinner.name as pinner_name", "confirmer.name as confirmer_name"])
      .where("target_id", "in", targetIds.slice(start, start + MAX_IDS))
      .orderBy("target_identity.id")
      .execute();
    for (const row of rows) {
      const list = found.get(row.target_id) ?? [];
      list.push(toIdentityRow(row));
      found.set(row.target_id, list);
    }
  }
  return found;
}

function toIdentityRow(
  row: TargetIdentityTableRow & {
    readonly pinner_name: string | null;
    readonly confirmer_name: string | null;
  },
): TargetIdentityRow {
  return {
    identityId: row.id,
    kind: row.kind,
    algorithm: row.algorithm,
    fingerprint: row.fingerprint,
    publicKey: row.public_key,
    pinnedBy: row.pinner_name ?? row.pinned_by,
    pinnedAtMs: row.pinned_at_ms,
    confirmedBy: row.confirmer_name ?? row.confirmed_by,
    confirmedAtMs: row.confirmed_at_ms,
  };
}
