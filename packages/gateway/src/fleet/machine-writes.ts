import type { Transaction } from "kysely";
import type { Tables } from "../store/tables.ts";
import { type Stamp, updateObject } from "./changes.ts";
import type { MachineTableRow } from "./fleet-tables.ts";
import { machineColumns, toMachineFields } from "./machine-rows.ts";
import { targetColumns, toTargetFields } from "./target-rows.ts";

/** Deletes machines with their living targets, all with the same moment, so that `restoreMachines` finds them again. */
export async function deleteMachines(
  transaction: Transaction<Tables>,
  machines: readonly MachineTableRow[],
  stamp: Stamp,
): Promise<void> {
  const gone = { deleted_at_ms: stamp.nowMs, unique_key: null };
  for (const machine of machines) {
    await updateObject(transaction, "machine", machine, { values: gone, stamp });
    await transaction
      .updateTable("target")
      .set((update) => ({ ...gone, revision: stamp.revision, version: update("version", "+", 1) }))
      .where("machine_id", "=", machine.id)
      .where("deleted_at_ms", "is", null)
      .execute();
  }
}

/** Restores machines with the targets that were deleted along with them. */
export async function restoreMachines(
  transaction: Transaction<Tables>,
  machines: readonly MachineTableRow[],
  stamp: Stamp,
): Promise<void> {
  for (const machine of machines) {
    const { unique_key } = machineColumns(toMachineFields(machine));
    const values = { deleted_at_ms: null, unique_key };
    await updateObject(transaction, "machine", machine, { values, stamp });
    const targets = await transaction
      .selectFrom("target")
      .selectAll()
      .where("machine_id", "=", machine.id)
      .where("deleted_at_ms", "=", machine.deleted_at_ms)
      .execute();
    for (const target of targets) {
      const key = targetColumns(machine.id, toTargetFields(target)).unique_key;
      await updateObject(transaction, "target", target, {
        values: { deleted_at_ms: null, unique_key: key },
        stamp,
      });
    }
  }
}
