import { decodeUtf8 } from "@poterne/bytes";
import type { RecordingIndex } from "@poterne/contract";
import { RecordFlag } from "@poterne/recording";
import { Channel, decodeFrames, type Frame } from "@poterne/wire";
import type { OpenRecording } from "./recording-library.ts";

/** Markers in one player index. */
export const MAX_MARKERS = 10_000;

/** Chunks opened to find them; behind that the time line has none. */
const MAX_MARKER_CHUNKS = 5_000;

type Markers = Pick<RecordingIndex, "markers" | "areMarkersCut">;

/** Places where playing may start; the beginning always is one. */
export function entryPoints(recording: OpenRecording): RecordingIndex["entryPoints"] {
  const points: RecordingIndex["entryPoints"] = [];
  for (const chunk of recording.frameChunks())
    if (points.length === 0 || (chunk.flags & RecordFlag.entryPoint) !== 0)
      points.push({ ms: points.length === 0 ? 0 : chunk.startMs, byteOffset: chunk.offset });
  return points;
}

/** Bytes per slice of time, spread over each chunk's own time: read from the chunk headers alone. */
export function activity(recording: OpenRecording, buckets: number): RecordingIndex["activity"] {
  const bucketMs = Math.max(1, Math.ceil((recording.durationMs + 1) / buckets));
  const bytes = new Array<number>(Math.ceil((recording.durationMs + 1) / bucketMs)).fill(0);
  for (const { startMs, endMs, plainBytes } of recording.frameChunks()) {
    const first = Math.floor(startMs / bucketMs);
    const last = Math.floor(endMs / bucketMs);
    const share = Math.ceil(plainBytes / (last - first + 1));
    for (let bucket = first; bucket <= last; bucket++) bytes[bucket] = (bytes[bucket] ?? 0) + share;
  }
  return { bucketMs, bytes };
}

/** Markers and file events, from the chunks that are flagged to hold some. */
export async function markers(recording: OpenRecording): Promise<Markers> {
  const found: RecordingIndex["markers"] = [];
  const flagged = [...recording.frameChunks()].filter(({ flags }) => (flags & RecordFlag.markers) !== 0);
  for await (const { plain } of recording.readChunks(flagged.slice(0, MAX_MARKER_CHUNKS)))
    for (const frame of decodeFrames(plain)) {
      const marker = readMarker(frame);
      if (marker === null) continue;
      if (found.length >= MAX_MARKERS) return { markers: found, areMarkersCut: true };
      found.push({ ms: frame.timeMs, marker });
    }
  return { markers: found, areMarkersCut: flagged.length > MAX_MARKER_CHUNKS };
}

/** A marker frame's object, a file event with `type: "file"`; null for other frames and for what is no JSON object. */
function readMarker(frame: Frame): Record<string, unknown> | null {
  if (frame.channel !== Channel.marker && frame.channel !== Channel.file) return null;
  try {
    const value: unknown = JSON.parse(decodeUtf8(frame.payload));
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
    return frame.channel === Channel.file ? { ...value, type: "file" } : { ...value };
  } catch {
    return null;
  }
}
