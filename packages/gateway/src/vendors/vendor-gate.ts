import type { Environment } from "../environment.ts";
import type { Store } from "../store/store.ts";

/** Whether a person may be signed in now: staff always, an outside person within the slot of a pass only. */
export function makeVendorGate(
  store: Store,
  environment: Environment,
): (personId: string) => Promise<boolean> {
  return async (personId) => {
    const nowMs = environment.now();
    const row = await store.db
      .selectFrom("vendor")
      .leftJoin("vendor_pass", (join) =>
        join
          .onRef("vendor_pass.person_id", "=", "vendor.person_id")
          .on("vendor_pass.state", "=", "approved")
          .on("vendor_pass.from_ms", "<=", nowMs)
          .on("vendor_pass.to_ms", ">", nowMs),
      )
      .select("vendor_pass.id as pass_id")
      .where("vendor.person_id", "=", personId)
      .executeTakeFirst();
    return row === undefined || row.pass_id !== null;
  };
}
