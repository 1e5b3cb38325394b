import { Failure } from "@poterne/contract";
import type { Transaction } from "kysely";
import type { AccessRequestTableRow } from "../access/access-tables.ts";
import type { GrantFact } from "../access/facts.ts";
import { grantColumns, writeObjects } from "../access/grant-rows.ts";
import { freshColumns, type Stamp } from "../fleet/changes.ts";
import type { Tables } from "../store/tables.ts";
import { slotOf } from "./request-rules.ts";

/** Longest note of a grant. */
const MAX_NOTE = 500;

/**
 * Gives what a request asked for, as a grant that holds for its slot and rests on the one under approval; a renewal
 * moves the end of the grant it prolongs. The request's row must be `pending` still: throws `request-decided`.
 */
export async function giveGrant(
  transaction: Transaction<Tables>,
  given: {
    readonly row: AccessRequestTableRow;
    readonly base: GrantFact;
    /** Of the grant a renewal prolongs. */
    readonly renewedGrantId: string | null;
    readonly newGrantId: string;
  },
  stamp: Stamp,
): Promise<void> {
  const { row, base, renewedGrantId, newGrantId } = given;
  const { fromMs, toMs } = slotOf(row, stamp.nowMs);
  const grantId = renewedGrantId ?? newGrantId;
  if (renewedGrantId !== null) {
    const renewed = await transaction
      .updateTable("access_grant")
      .set((update) => ({
        valid_to_ms: toMs,
        version: update("version", "+", 1),
        revision: stamp.revision,
        changed_at_ms: stamp.nowMs,
      }))
      .where("id", "=", renewedGrantId)
      .where("deleted_at_ms", "is", null)
      .executeTakeFirst();
    if (renewed.numUpdatedRows !== 1n) throw new Failure("request-decided");
  } else {
    const fields = {
      siteId: base.siteId,
      personId: row.person_id,
      groupId: null,
      targetIds: [row.target_id],
      machineIds: [],
      siteIds: [],
      accountIds: base.accountIds,
      policyId: base.policyId,
      validFromMs: fromMs,
      validToMs: toMs,
      note: [row.ticket_number, row.reason]
        .filter((text) => text !== "")
        .join(" — ")
        .slice(0, MAX_NOTE),
      isDisabled: false,
    };
    await transaction
      .insertInto("access_grant")
      .values({
        ...freshColumns(grantId, stamp),
        ...grantColumns(fields),
        request_id: row.id,
        base_grant_id: base.grantId,
        is_emergency: row.is_emergency,
      })
      .execute();
    await writeObjects(transaction, grantId, fields);
  }
  await decideRow(transaction, row, { state: "approved", grant_id: grantId, from_ms: fromMs, to_ms: toMs });
}

/** Writes a decision on a request that still stands where the caller saw it; throws `request-decided` otherwise. */
export async function decideRow(
  transaction: Transaction<Tables>,
  seen: AccessRequestTableRow,
  values: Partial<AccessRequestTableRow>,
): Promise<void> {
  const result = await transaction
    .updateTable("access_request")
    .set(values)
    .where("id", "=", seen.id)
    .where("state", "=", seen.state)
    .executeTakeFirst();
  if (result.numUpdatedRows !== 1n) throw new Failure("request-decided");
}

/** Takes back the grant that a request gave, if it gave one. */
export async function takeGrantBack(
  transaction: Transaction<Tables>,
  grantId: string | null,
  stamp: Stamp,
): Promise<void> {
  if (grantId === null) return;
  await transaction
    .updateTable("access_grant")
    .set((update) => ({
      deleted_at_ms: stamp.nowMs,
      version: update("version", "+", 1),
      revision: stamp.revision,
      changed_at_ms: stamp.nowMs,
    }))
    .where("id", "=", grantId)
    .where("deleted_at_ms", "is", null)
    .execute();
}
