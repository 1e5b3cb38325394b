import { DecodeError, decodeUtf8 } from "@poterne/bytes";
import { decodeFrames, type Frame } from "@poterne/wire";
import { openChunk } from "./chunk-body.ts";
import type { RecordingCompression, RecordingCrypto } from "./crypto.ts";
import { RecordFlag, type RecordHeader, RecordType } from "./record-header.ts";
import { RecordingScanner } from "./scanner.ts";

/** What opening a file's chunks takes. */
export interface ReaderTools {
  readonly crypto: RecordingCrypto;
  readonly compression: RecordingCompression;
  /** The content key, 32 bytes. */
  readonly key: Uint8Array;
}

/** Whether a record holds frames: not the index, not the session's header, not the end note. */
export function holdsFrames(header: Pick<RecordHeader, "type" | "flags">): boolean {
  const notFrames = RecordFlag.sessionHeader | RecordFlag.sessionEnd;
  return header.type === RecordType.chunk && (header.flags & notFrames) === 0;
}

/**
 * The frames of a file given as pieces, in order, up to where it is cut or damaged: a cut file plays up to its cut.
 * Throws `DecodeError` when a whole chunk does not open (wrong key, altered).
 */
export function* readFrames(tools: ReaderTools, pieces: Iterable<Uint8Array>): Generator<Frame> {
  const scanner = new RecordingScanner(tools.crypto);
  for (const bytes of pieces)
    for (const piece of scanner.push(bytes))
      if (piece.type === "record" && holdsFrames(piece.header)) yield* decodeFrames(openChunk(tools, piece));
}

/** The JSON object in a header or end chunk. Throws `DecodeError` `invalid` when it is none. */
export function decodeNote(plain: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(decodeUtf8(plain));
  } catch {
    value = null;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new DecodeError("invalid", "recording note", 0, "not a JSON object");
  return value as Record<string, unknown>;
}
