import { DecodeError, decodeUtf8, encodeUtf8, fromHex, isUuid, toHex } from "@poterne/bytes";
import { MAX_CLEAR_HEADER_BYTES, MAX_KEY_WRAPS, MAX_WRAPPED_KEY_BYTES } from "./limits.ts";

/** One recipient's copy of the content key, as it stands in the file or beside it. */
export interface RecordingKeyWrap {
  readonly recipient: string;
  readonly algorithm: string;
  readonly wrapped: Uint8Array;
}

/** Wraps made after the recording, in a file beside it (docs/recording-format.md, Beside the file). */
export interface KeyWrapsFile {
  readonly sessionId: string;
  readonly wraps: readonly RecordingKeyWrap[];
}

/** Largest file of wraps. */
export const MAX_KEY_WRAPS_FILE_BYTES = MAX_CLEAR_HEADER_BYTES;

const FORMAT = "poterne-recording-keys.v1";
const structure = "recording keys";

/** Wraps as they stand in JSON; `wrapped` in hexadecimal. */
export function encodeKeyWraps(wraps: readonly RecordingKeyWrap[]): object[] {
  return wraps.map(({ recipient, algorithm, wrapped }) => ({
    recipient,
    algorithm,
    wrapped: toHex(wrapped),
  }));
}

/** Wraps from JSON; null for anything else, more than `MAX_KEY_WRAPS`, or a wrap over `MAX_WRAPPED_KEY_BYTES`. */
export function decodeKeyWraps(value: unknown): RecordingKeyWrap[] | null {
  if (!Array.isArray(value) || value.length > MAX_KEY_WRAPS) return null;
  const wraps = value.map(decodeKeyWrap);
  return wraps.every((wrap) => wrap !== null) ? wraps : null;
}

function decodeKeyWrap(value: unknown): RecordingKeyWrap | null {
  if (!isObject(value)) return null;
  const { recipient, algorithm, wrapped } = value;
  if (typeof recipient !== "string" || typeof algorithm !== "string" || typeof wrapped !== "string")
    return null;
  if (wrapped.length > MAX_WRAPPED_KEY_BYTES * 2 || !/^([0-9a-f]{2})*$/i.test(wrapped)) return null;
  return { recipient, algorithm, wrapped: fromHex(wrapped) };
}

/** The file of wraps beside a recording. Throws `DecodeError` `limit` for more than `MAX_KEY_WRAPS`. */
export function encodeKeyWrapsFile({ sessionId, wraps }: KeyWrapsFile): Uint8Array {
  if (wraps.length > MAX_KEY_WRAPS) throw new DecodeError("limit", structure, 0, `${wraps.length} wraps`);
  return encodeUtf8(`${JSON.stringify({ format: FORMAT, sessionId, wraps: encodeKeyWraps(wraps) })}\n`);
}

/** Reads it back. Throws `DecodeError`: `limit` over `MAX_KEY_WRAPS_FILE_BYTES`, `unsupported` for another format, `invalid`. */
export function decodeKeyWrapsFile(bytes: Uint8Array): KeyWrapsFile {
  if (bytes.length > MAX_KEY_WRAPS_FILE_BYTES)
    throw new DecodeError("limit", structure, 0, `${bytes.length} bytes`);
  const value = parseObject(bytes);
  if (value === null) throw new DecodeError("invalid", structure, 0, "JSON");
  if (value.format !== FORMAT) throw new DecodeError("unsupported", structure, 0, "format");
  const { sessionId } = value;
  const wraps = decodeKeyWraps(value.wraps);
  if (typeof sessionId !== "string" || !isUuid(sessionId) || wraps === null)
    throw new DecodeError("invalid", structure, 0, "session or wraps");
  return { sessionId, wraps };
}

/** A JSON object in UTF-8; null for anything else. */
export function parseObject(json: Uint8Array): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(decodeUtf8(json));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
