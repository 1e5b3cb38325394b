import { toHex } from "@poterne/bytes";
import type { IntegrityState } from "@poterne/contract";
import { CheckpointSigner } from "./checkpoint-signer.ts";
import { readKeyWraps } from "./key-wraps.ts";
import { expiryOf, journalRecording, type RecordingParts, systemActor } from "./recording-parts.ts";
import type { RecordingRow } from "./recording-tables.ts";
import { type SealResult, sealFile } from "./seal-file.ts";
import { isMissing } from "./storage.ts";

/** What the pass over unfinished recordings did. */
export interface SealReport {
  readonly sealedCount: number;
  readonly otherCount: number;
}

/**
 * Seals what this node left without an end, one file after the other; call it once the gateway listens. A recording
 * that cannot be sealed now (keeper away, disk gone) stays `unfinished` for the next start.
 */
export async function sealUnfinished(parts: RecordingParts): Promise<SealReport> {
  let sealedCount = 0;
  let otherCount = 0;
  for (const row of await parts.rows.unfinished(parts.nodeId)) {
    if (parts.live.find(row.id) !== null) continue;
    if ((await sealRecording(parts, row)) === "sealed") sealedCount += 1;
    else otherCount += 1;
  }
  return { sealedCount, otherCount };
}

/** Seals one recording and sets its row right; returns its state afterwards. Never rejects. */
export async function sealRecording(parts: RecordingParts, row: RecordingRow): Promise<IntegrityState> {
  try {
    const trustedKeys = (await parts.keeper.publicKeys()).map(({ publicKey }) => publicKey);
    const result = await sealFile(row.file_name, {
      storage: parts.storage,
      signer: new CheckpointSigner(parts.keeper),
      nowMs: () => parts.environment.now(),
      trustedKeys,
      openKey: async (header) => {
        const wraps = await readKeyWraps(parts.storage, row.file_name, header);
        return parts.keeper.openRecordingKey(header.sessionId, wraps, "recording:seal");
      },
    });
    return await settle(parts, row, result);
  } catch (error) {
    if (isMissing(error)) return await lose(parts, row);
    parts.log.error({ error, sessionId: row.id }, "Recording not sealed");
    return row.integrity;
  }
}

async function settle(parts: RecordingParts, row: RecordingRow, result: SealResult): Promise<IntegrityState> {
  const { verdict, liveCount, recordCount, detail } = result.verification;
  const integrity = result.isSealed ? "sealed" : verdict === "not-a-recording" ? "altered" : verdict;
  const isShorter = row.journal_count > recordCount;
  const endedAtMs = row.ended_at_ms ?? row.started_at_ms + result.durationMs;
  await journalRecording(parts.journal, row, {
    kind: `recording.${integrity === "complete" ? "ended" : integrity}`,
    level: integrity === "altered" || isShorter ? "alarm" : "notice",
    actor: systemActor,
    details: {
      count: result.count,
      head: toHex(result.head),
      liveCount,
      recordCount,
      sizeBytes: result.sizeBytes,
      durationMs: result.durationMs,
      detail,
    },
  });
  await parts.rows.update(row.id, {
    integrity: isShorter && integrity !== "altered" ? "shorter" : integrity,
    size_bytes: result.sizeBytes,
    duration_ms: result.durationMs,
    ended_at_ms: endedAtMs,
    end_code: row.end_code ?? "gateway-stopped",
    expires_at_ms: expiryOf(endedAtMs, row.retention_days),
    ...(isShorter ? {} : { journal_count: result.count, journal_head: toHex(result.head) }),
  });
  return integrity;
}

async function lose(parts: RecordingParts, row: RecordingRow): Promise<IntegrityState> {
  const kind = "recording.missing";
  await journalRecording(parts.journal, row, { kind, level: "alarm", actor: systemActor, details: {} });
  const endedAtMs = row.ended_at_ms ?? row.started_at_ms;
  await parts.rows.update(row.id, {
    integrity: "missing",
    ended_at_ms: endedAtMs,
    end_code: row.end_code ?? "gateway-stopped",
    expires_at_ms: expiryOf(endedAtMs, row.retention_days),
  });
  return "missing";
}
