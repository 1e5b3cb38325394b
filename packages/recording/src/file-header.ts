import { ByteReader, ByteWriter, DecodeError, encodeUtf8, isUuid } from "@poterne/bytes";
import { decodeKeyWraps, encodeKeyWraps, parseObject, type RecordingKeyWrap } from "./key-wraps.ts";
import { MAX_CLEAR_HEADER_BYTES, RECORDING_FORMAT_VERSION, RECORDING_MAGIC } from "./limits.ts";

/** Bytes before the clear header's JSON: magic 8, version u16, reserved u16, length u32. */
export const FILE_PREFIX_BYTES = 16;

/** What stands in clear at the head of a file: ids and times, never names. */
export interface ClearHeader {
  readonly sessionId: string;
  /** Unix milliseconds, UTC. */
  readonly startedAtMs: number;
  readonly kind: "desktop" | "terminal";
  readonly protocol: string;
  readonly wraps: readonly RecordingKeyWrap[];
}

const structure = "recording header";

/** The head of a file: prefix and clear header as JSON (docs/recording-format.md, File header). */
export function encodeFileHeader(header: ClearHeader): Uint8Array {
  const json = encodeUtf8(
    JSON.stringify({
      sessionId: header.sessionId,
      startedAtMs: header.startedAtMs,
      kind: header.kind,
      protocol: header.protocol,
      cipher: "AES-256-GCM",
      wraps: encodeKeyWraps(header.wraps),
    }),
  );
  if (json.length > MAX_CLEAR_HEADER_BYTES)
    throw new DecodeError("limit", structure, 12, `${json.length} bytes`);
  const writer = new ByteWriter(FILE_PREFIX_BYTES + json.length);
  writer.put(Uint8Array.from(RECORDING_MAGIC)).u16le(RECORDING_FORMAT_VERSION).u16le(0);
  return writer.u32le(json.length).put(json).finish().slice();
}

/**
 * How many bytes the head of a file takes, from its first 16 bytes. Throws `DecodeError`: `truncated` below 16 bytes,
 * `invalid` when it is no recording, `unsupported` for another format version, `limit` for a header over 64 kB.
 */
export function fileHeaderBytes(bytes: Uint8Array): number {
  const reader = new ByteReader(bytes, structure);
  const magic = reader.take(RECORDING_MAGIC.length);
  if (RECORDING_MAGIC.some((byte, index) => magic[index] !== byte)) throw reader.fail("invalid", "magic");
  const version = reader.u16le();
  if (version !== RECORDING_FORMAT_VERSION) throw reader.fail("unsupported", `version ${version}`);
  if (reader.u16le() !== 0) throw reader.fail("invalid", "reserved bits");
  const length = reader.u32le();
  if (length > MAX_CLEAR_HEADER_BYTES) throw reader.fail("limit", `header of ${length} bytes`);
  return FILE_PREFIX_BYTES + length;
}

/** Decodes the head of a file. Throws `DecodeError` as `fileHeaderBytes` does, `invalid` for JSON of another shape. */
export function decodeFileHeader(bytes: Uint8Array): ClearHeader {
  const end = fileHeaderBytes(bytes);
  const reader = new ByteReader(bytes, structure, FILE_PREFIX_BYTES);
  return decodeClearHeader(reader.take(end - FILE_PREFIX_BYTES));
}

function decodeClearHeader(json: Uint8Array): ClearHeader {
  const value = parseObject(json);
  if (value === null) throw invalid("JSON");
  const { sessionId, startedAtMs, kind, protocol } = value;
  if (typeof sessionId !== "string" || !isUuid(sessionId)) throw invalid("sessionId");
  if (typeof startedAtMs !== "number" || !Number.isSafeInteger(startedAtMs) || startedAtMs < 0)
    throw invalid("startedAtMs");
  if (kind !== "desktop" && kind !== "terminal") throw invalid("kind");
  if (typeof protocol !== "string" || protocol.length > 32) throw invalid("protocol");
  if (value.cipher !== "AES-256-GCM")
    throw new DecodeError("unsupported", structure, FILE_PREFIX_BYTES, "cipher");
  const wraps = decodeKeyWraps(value.wraps);
  if (wraps === null) throw invalid("wraps");
  return { sessionId, startedAtMs, kind, protocol, wraps };
}

function invalid(detail: string): DecodeError {
  return new DecodeError("invalid", structure, FILE_PREFIX_BYTES, detail);
}
