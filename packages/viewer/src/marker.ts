import { decodeUtf8 } from "@poterne/bytes";
import type { FileEvent, Marker } from "@poterne/wire";
import { type Fields, readFields } from "./connection/fields.ts";

/** The longest marker or file event that is read. */
export const MAX_MARKER_BYTES = 64 * 1024;

/** What a frame of the `marker` channel says, null when it is not understood: a time line can do without. */
export function decodeMarker(payload: Uint8Array): Marker | null {
  const fields = readJson(payload);
  if (fields === null || typeof fields.type !== "string") return null;
  if (fields.type === "resize" && !isGrid(fields)) return null;
  return fields as unknown as Marker;
}

/** What a frame of the `file` channel says, null when it is not understood. */
export function decodeFileEvent(payload: Uint8Array): FileEvent | null {
  const fields = readJson(payload);
  const isComplete =
    fields !== null &&
    (fields.direction === "to-target" || fields.direction === "from-target") &&
    typeof fields.path === "string" &&
    typeof fields.sizeBytes === "number" &&
    typeof fields.sha256 === "string" &&
    (fields.outcome === "done" || fields.outcome === "failed" || fields.outcome === "cancelled");
  return isComplete ? (fields as unknown as FileEvent) : null;
}

function isGrid(fields: Fields): boolean {
  return ["columns", "rows", "widthPx", "heightPx"].every((name) => Number.isInteger(fields[name]));
}

function readJson(payload: Uint8Array): Fields | null {
  if (payload.length > MAX_MARKER_BYTES) return null;
  try {
    return readFields(JSON.parse(decodeUtf8(payload)), "marker");
  } catch {
    return null;
  }
}
