import {
  deleteRecording,
  Failure,
  previewRetention,
  runRetention,
  setRecordingHold,
} from "@poterne/contract";
import { type Handler, handle } from "../http/handlers.ts";
import { findAllowed } from "./list-handlers.ts";
import { actorOf } from "./opening-journal.ts";
import { journalRecording } from "./recording-parts.ts";
import { toDetail, toSummary } from "./recording-replies.ts";
import type { Recordings } from "./recordings.ts";

/** Handlers of those who keep or drop recordings, and never see into them. */
export function keepingHandlers({ parts, retention }: Recordings): Handler[] {
  return [
    handle(setRecordingHold, async ({ params: { sessionId }, body: { isOnHold, reason } }, context) => {
      const row = await findAllowed(parts, sessionId, { context, right: "recordings:manage" });
      if (row.integrity === "deleted") throw new Failure("recording-deleted");
      const actor = actorOf(context);
      await journalRecording(parts.journal, row, {
        kind: isOnHold ? "recording.held" : "recording.released",
        level: "notice",
        actor,
        details: { reason },
      });
      const hold = isOnHold
        ? {
            is_on_hold: 1,
            hold_reason: reason,
            hold_by_name: actor.name,
            hold_at_ms: parts.environment.now(),
          }
        : { is_on_hold: 0, hold_reason: null, hold_by_name: null, hold_at_ms: null };
      await parts.rows.update(sessionId, hold);
      return toDetail({ ...row, ...hold }, await parts.rows.comments(sessionId));
    }),
    handle(deleteRecording, async ({ params: { sessionId }, body: { reason } }, context) => {
      const row = await findAllowed(parts, sessionId, { context, right: "recordings:manage" });
      return retention.delete(row, { actor: actorOf(context), reason });
    }),
    handle(previewRetention, async ({ query }, context) => {
      const siteIds = await context.sitesWith("recordings:manage");
      const atMs = query.atMs ?? parts.environment.now();
      const { rows, ...sums } = await retention.preview({ atMs, siteIds, limit: query.limit });
      return { atMs, ...sums, items: rows.map(toSummary), disk: await parts.disk.read() };
    }),
    handle(runRetention, async (_, context) => {
      const siteIds = await context.sitesWith("recordings:manage");
      return retention.run(siteIds, actorOf(context));
    }),
  ];
}
