import { makeUuidV7 } from "@poterne/bytes";
import {
  addRecordingComment,
  deleteRecordingComment,
  Failure,
  getRecording,
  listMyRecordings,
  listRecordings,
  type Right,
  verifyRecording,
} from "@poterne/contract";
import type { RequestContext } from "../http/context.ts";
import { type Handler, handle } from "../http/handlers.ts";
import { actorOf } from "./opening-journal.ts";
import { journalRecording, type RecordingParts } from "./recording-parts.ts";
import { toComment, toDetail, toSummary } from "./recording-replies.ts";
import { MAX_COMMENTS } from "./recording-store.ts";
import type { RecordingRow } from "./recording-tables.ts";
import type { Recordings } from "./recordings.ts";
import { StoredVerifier } from "./verify-recording.ts";

/** A recording that the caller may use by a right; throws the Failure `not-found` otherwise, whatever the reason. */
export async function findAllowed(
  parts: RecordingParts,
  sessionId: string,
  allowed: { readonly context: RequestContext; readonly right: Right },
): Promise<RecordingRow> {
  const row = await parts.rows.find(sessionId);
  if (row === null) throw new Failure("not-found");
  await allowed.context.requireAt(allowed.right, row.site_id);
  return row;
}

/** Handlers of lists, details, marks and verification: metadata, never contents. */
export function listHandlers({ parts }: Recordings): Handler[] {
  const verifier = new StoredVerifier(parts);
  return [
    handle(listRecordings, async ({ query: { limit, cursor, ...filter } }, context) => {
      const siteIds = await context.sitesWith("sessions:read");
      const { rows, ...page } = await parts.rows.list({ ...filter, siteIds }, { limit, cursor });
      return { items: rows.map(toSummary), ...page };
    }),
    handle(listMyRecordings, async ({ query: { limit, cursor, ...filter } }, context) => {
      const { personId } = context.person();
      const { rows, ...page } = await parts.rows.list(
        { ...filter, personId, siteIds: null },
        { limit, cursor },
      );
      return { items: rows.map(toSummary), ...page };
    }),
    handle(getRecording, async ({ params: { sessionId } }, context) => {
      const row = await findAllowed(parts, sessionId, { context, right: "sessions:read" });
      return toDetail(row, await parts.rows.comments(sessionId));
    }),
    handle(verifyRecording, async ({ params: { sessionId } }, context) => {
      const row = await findAllowed(parts, sessionId, { context, right: "sessions:read" });
      const verdict = await verifier.verify(row);
      await journalRecording(parts.journal, row, {
        kind: "recording.verified",
        level: ["complete", "sealed", "unfinished"].includes(verdict.verdict) ? "info" : "alarm",
        actor: actorOf(context),
        details: { verdict: verdict.verdict, recordCount: verdict.recordCount, detail: verdict.detail },
      });
      return verdict;
    }),
    ...commentHandlers(parts),
  ];
}

function commentHandlers(parts: RecordingParts): Handler[] {
  return [
    handle(addRecordingComment, async ({ params: { sessionId }, body: { ms, text } }, context) => {
      const row = await findAllowed(parts, sessionId, { context, right: "recordings:read" });
      if (row.comment_count >= MAX_COMMENTS)
        throw new Failure("conflict", { detail: `${MAX_COMMENTS} marks` });
      const { personId, name } = context.person();
      const nowMs = parts.environment.now();
      const comment = {
        id: makeUuidV7(nowMs, parts.environment.randomBytes(10)),
        session_id: sessionId,
        at_ms: ms,
        text,
        author_id: personId,
        author_name: name,
        created_at_ms: nowMs,
      };
      await parts.rows.addComment(comment);
      return toComment(comment);
    }),
    handle(deleteRecordingComment, async ({ params: { sessionId, commentId } }, context) => {
      await findAllowed(parts, sessionId, { context, right: "recordings:read" });
      const authorId = context.person().personId;
      const isRemoved = await parts.rows.removeComment({ id: commentId, sessionId, authorId });
      if (!isRemoved) throw new Failure("not-found");
      return {};
    }),
  ];
}
