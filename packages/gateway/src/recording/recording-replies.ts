import { toHex } from "@poterne/bytes";
import {
  type RecordingComment,
  type RecordingDetail,
  type RecordingSummary,
  type RecordingVerdict,
  recordingVerdict,
} from "@poterne/contract";
import type { Verification } from "@poterne/recording";
import type { RecordingCommentRow, RecordingRow } from "./recording-tables.ts";

/** A row as lists show it. */
export function toSummary(row: RecordingRow): RecordingSummary {
  return {
    sessionId: row.id,
    kind: row.kind,
    protocol: row.protocol,
    personId: row.person_id,
    personName: row.person_name,
    targetId: row.target_id,
    targetName: row.target_name,
    machineName: row.machine_name,
    siteId: row.site_id,
    accountName: row.account_name,
    reason: row.reason,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
    durationMs: row.duration_ms,
    sizeBytes: row.size_bytes,
    endCode: row.end_code,
    integrity: row.integrity,
    expiresAtMs: row.is_on_hold === 0 ? row.expires_at_ms : null,
    isOnHold: row.is_on_hold !== 0,
    commentCount: row.comment_count,
  };
}

/** A row with its marks, hold, deletion and last verification. */
export function toDetail(row: RecordingRow, comments: readonly RecordingCommentRow[]): RecordingDetail {
  const verdict = row.verdict === null ? null : recordingVerdict.safeParse(JSON.parse(row.verdict));
  return {
    ...toSummary(row),
    grantId: row.grant_id,
    retentionDays: row.retention_days,
    hold:
      row.is_on_hold === 0
        ? null
        : { reason: row.hold_reason ?? "", byName: row.hold_by_name ?? "", atMs: row.hold_at_ms ?? 0 },
    deletion:
      row.deleted_at_ms === null
        ? null
        : {
            reason: row.deleted_reason ?? "",
            byName: row.deleted_by_name ?? "",
            atMs: row.deleted_at_ms,
            journalEntryId: row.deletion_entry_id ?? "",
          },
    lastVerdict: verdict?.success === true ? verdict.data : null,
    comments: comments.map(toComment),
  };
}

/** A mark. */
export function toComment(row: RecordingCommentRow): RecordingComment {
  return {
    commentId: row.id,
    ms: row.at_ms,
    text: row.text,
    authorId: row.author_id,
    authorName: row.author_name,
    createdAtMs: row.created_at_ms,
  };
}

/** A verification as the API tells it. */
export function toVerdict(result: Verification, verifiedAtMs: number): RecordingVerdict {
  const { alteredAt, detail, liveCount, recordCount, signedCount, signedUntilMs, verdict } = result;
  const signers = result.signers.map(({ keyId, publicKey, isTrusted }) => ({
    keyId,
    publicKeyHex: toHex(publicKey),
    isTrusted,
  }));
  return {
    verdict,
    recordCount,
    signedCount,
    liveCount,
    alteredAt,
    detail,
    signedUntilMs,
    signers,
    verifiedAtMs,
  };
}
