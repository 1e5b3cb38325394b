import {
  downloadRecording,
  exportAsciicast,
  Failure,
  getRecordingFrames,
  getRecordingIndex,
  type RecordingIndex,
  searchRecording,
} from "@poterne/contract";
import type { RequestContext } from "../http/context.ts";
import { type Handler, handle } from "../http/handlers.ts";
import { asciicast } from "./asciicast.ts";
import { findAllowed } from "./list-handlers.ts";
import { OpeningJournal } from "./opening-journal.ts";
import { activity, entryPoints, markers } from "./player-index.ts";
import type { OpenRecording } from "./recording-library.ts";
import { toComment } from "./recording-replies.ts";
import type { RecordingRow } from "./recording-tables.ts";
import type { Recordings } from "./recordings.ts";
import { isMissing, type StorageReader } from "./storage.ts";
import { readTranscript, searchTranscript } from "./transcript.ts";

const DOWNLOAD_PIECE_BYTES = 512 * 1024;

/** Handlers that give out contents. INVARIANT: the opening is in the journal before the first byte goes out. */
export function contentHandlers({ parts, library }: Recordings): Handler[] {
  const journal = new OpeningJournal(parts);
  const find = (sessionId: string, context: RequestContext) =>
    findAllowed(parts, sessionId, { context, right: "recordings:read" });
  const open = async (row: RecordingRow, context: RequestContext): Promise<OpenRecording> => {
    const recording = await library.open(row, `recording:${context.person().personId}`);
    // A client that goes away before the stream begins must not leave the file open.
    context.signal.addEventListener("abort", () => void recording.close().catch(() => {}));
    return recording;
  };
  return [
    handle(getRecordingIndex, async ({ params: { sessionId }, query: { buckets } }, context) => {
      const row = await find(sessionId, context);
      await journal.playing(row, context);
      const recording = await open(row, context);
      try {
        const comments = (await parts.rows.comments(sessionId)).map(toComment);
        return { ...(await describe(recording, buckets)), comments };
      } finally {
        await recording.close();
      }
    }),
    handle(getRecordingFrames, async ({ params: { sessionId }, query }, context) => {
      const row = await find(sessionId, context);
      await journal.playing(row, context);
      const recording = await open(row, context);
      const toMs = query.toMs ?? Number.MAX_SAFE_INTEGER - 1;
      const request = { fromMs: query.fromMs, toMs, isContinued: query.after };
      const plan = query.endOnly ? await recording.planForEnd(request) : recording.plan(request);
      context.setHeader("x-poterne-from-ms", String(plan.fromMs));
      if (plan.nextMs !== null) context.setHeader("x-poterne-next-ms", String(plan.nextMs));
      return query.endOnly ? recording.framesForEnd(plan) : recording.frames(plan);
    }),
    handle(searchRecording, async ({ params: { sessionId }, query: { text } }, context) => {
      const row = await find(sessionId, context);
      if (row.kind !== "terminal") throw new Failure("not-a-terminal");
      await journal.playing(row, context);
      const recording = await open(row, context);
      try {
        const transcript = await readTranscript(parts.storage, recording, (count) =>
          parts.environment.randomBytes(count),
        );
        return searchTranscript(transcript, text);
      } finally {
        await recording.close();
      }
    }),
    handle(exportAsciicast, async ({ params: { sessionId } }, context) => {
      const row = await find(sessionId, context);
      if (row.kind !== "terminal") throw new Failure("not-a-terminal");
      await journal.taking(row, context, "export");
      const recording = await open(row, context);
      context.setHeader("content-disposition", `attachment; filename="${sessionId}.cast"`);
      return asciicast(recording);
    }),
    handle(downloadRecording, async ({ params: { sessionId } }, context) => {
      const row = await find(sessionId, context);
      if (row.integrity === "deleted") throw new Failure("recording-deleted");
      await journal.taking(row, context, "download");
      const reader = await parts.storage.open(row.file_name).catch((error: unknown) => {
        throw isMissing(error) ? new Failure("recording-unreadable", {}, error) : error;
      });
      context.setHeader("content-disposition", `attachment; filename="${sessionId}.ptnr"`);
      return readPieces(reader);
    }),
  ];
}

async function describe(
  recording: OpenRecording,
  buckets: number,
): Promise<Omit<RecordingIndex, "comments">> {
  const { row } = recording;
  return {
    sessionId: row.id,
    kind: row.kind,
    protocol: row.protocol,
    startedAtMs: row.started_at_ms,
    durationMs: recording.durationMs,
    isRunning: recording.isRunning,
    isCut: !recording.isRunning && row.integrity !== "complete",
    entryPoints: entryPoints(recording),
    ...(await markers(recording)),
    activity: activity(recording, buckets),
    isSearchable: row.kind === "terminal",
  };
}

async function* readPieces(reader: StorageReader): AsyncGenerator<Uint8Array> {
  try {
    const size = await reader.size();
    for (let offset = 0; offset < size; ) {
      const bytes = await reader.read(offset, Math.min(DOWNLOAD_PIECE_BYTES, size - offset));
      if (bytes.length === 0) return;
      offset += bytes.length;
      yield bytes;
    }
  } finally {
    await reader.close();
  }
}
