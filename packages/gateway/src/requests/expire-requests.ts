import type { Journal } from "../journal/journal.ts";
import type { Outbox } from "../mail/outbox.ts";
import { tell } from "../mail/request-notices.ts";
import type { Store } from "../store/store.ts";
import { noteOf } from "./request-rows.ts";
import { stateOf } from "./request-rules.ts";

/** Requests closed in one sweep. */
const MAX_ROWS = 200;

/** Notes in the journal, and in their rows, the requests that nobody decided in time. */
export async function expireRequests(parts: {
  readonly store: Store;
  readonly journal: Journal;
  readonly outbox: Outbox;
  readonly nowMs: number;
}): Promise<void> {
  const { store, journal, outbox, nowMs } = parts;
  const rows = await store.db
    .selectFrom("access_request")
    .selectAll()
    .where("state", "=", "pending")
    .orderBy("id")
    .limit(MAX_ROWS)
    .execute();
  for (const row of rows.filter((pending) => stateOf(pending, nowMs) === "expired")) {
    const actor = { personId: null, name: "" };
    const note = noteOf(row);
    await journal.append({ kind: "request.expired", level: "notice", actor, sourceAddress: "", ...note });
    await store.db
      .updateTable("access_request")
      .set({ state: "expired" })
      .where("id", "=", row.id)
      .where("state", "=", "pending")
      .execute();
    await tell({ store, outbox }, "request-expired", row, `expired ${row.id}`);
  }
}
