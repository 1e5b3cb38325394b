import { DecodeError } from "@poterne/bytes";
import {
  CHECKPOINT_BYTES,
  CheckpointFlag,
  ChunkIndex,
  type ClearHeader,
  decodeCheckpoint,
  decodeFileHeader,
  decodeIndex,
  decodeRecordHeader,
  FILE_PREFIX_BYTES,
  fileHeaderBytes,
  type IndexedChunk,
  openChunk,
  RECORD_HEADER_BYTES,
  RecordType,
  unpack,
} from "@poterne/recording";
import { recordingCompression, recordingCrypto } from "./node-crypto.ts";
import type { StorageReader } from "./storage.ts";

/** How much a scan for headers reads at once: bodies in between are skipped. */
const SCAN_WINDOW_BYTES = 8 * 1024;

/** Neighbouring chunks are read together up to this length: one turn through the thread pool instead of many. */
const SPAN_BYTES = 512 * 1024;

/** What may lie between neighbours: some checkpoints. */
const MAX_GAP_BYTES = 1_024;

/** The clear header of a stored file. Throws `DecodeError` for what is no recording. */
export async function readClearHeader(
  reader: StorageReader,
): Promise<{ header: ClearHeader; bytes: number }> {
  const prefix = await reader.read(0, FILE_PREFIX_BYTES);
  const bytes = fileHeaderBytes(prefix);
  return { header: decodeFileHeader(await reader.read(0, bytes)), bytes };
}

/** The table of a file's chunks: the one written at its end, or rebuilt by walking over the headers. */
export async function loadIndex(reader: StorageReader): Promise<ChunkIndex> {
  const written = await readWrittenIndex(reader).catch((error: unknown) => {
    if (error instanceof DecodeError) return null;
    throw error;
  });
  return written ?? scanIndex(reader);
}

async function readWrittenIndex(reader: StorageReader): Promise<ChunkIndex | null> {
  const size = await reader.size();
  if (size < CHECKPOINT_BYTES) return null;
  const last = decodeCheckpoint(await reader.read(size - CHECKPOINT_BYTES, CHECKPOINT_BYTES));
  if ((last.flags & CheckpointFlag.final) === 0 || last.indexOffset === 0) return null;
  const headerBytes = await reader.read(last.indexOffset, RECORD_HEADER_BYTES);
  const header = decodeRecordHeader(recordingCrypto, headerBytes);
  if (header.type !== RecordType.index || header.sequence !== last.count - 1) return null;
  const body = await reader.read(last.indexOffset + RECORD_HEADER_BYTES, header.bodyBytes);
  const index = decodeIndex(unpack(recordingCompression, header, body));
  return index.count === header.sequence ? index : null;
}

/** Walks from header to header up to the first that is not whole or not right. */
async function scanIndex(reader: StorageReader): Promise<ChunkIndex> {
  const index = new ChunkIndex();
  const size = await reader.size();
  let offset = (await readClearHeader(reader)).bytes;
  let window = { start: 0, bytes: new Uint8Array(0) as Uint8Array };
  while (offset < size) {
    if (offset + RECORD_HEADER_BYTES > window.start + window.bytes.length)
      window = { start: offset, bytes: await reader.read(offset, SCAN_WINDOW_BYTES) };
    const piece = window.bytes.subarray(offset - window.start);
    const length = addPiece(index, piece, offset);
    if (length === null || offset + length > size) break;
    offset += length;
  }
  return trimmed(index, size);
}

/** Takes a chunk into the index; returns the piece's whole length, null where the walk ends. */
function addPiece(index: ChunkIndex, piece: Uint8Array, offset: number): number | null {
  if (piece[0] === RecordType.checkpoint) return CHECKPOINT_BYTES;
  try {
    const header = decodeRecordHeader(recordingCrypto, piece);
    // A chunk is missing here: what follows would be shown as if it came right behind.
    if (header.type === RecordType.chunk && header.sequence !== index.count) return null;
    if (header.type === RecordType.chunk) index.add(piece.subarray(0, RECORD_HEADER_BYTES), offset);
    return RECORD_HEADER_BYTES + header.bodyBytes;
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

/** Without a last chunk that is only partly there. */
function trimmed(index: ChunkIndex, size: number): ChunkIndex {
  const last = index.at(index.count - 1);
  if (last === undefined || last.offset + RECORD_HEADER_BYTES + last.bodyBytes <= size) return index;
  return decodeIndex(index.bytes().slice(0, -32));
}

/** One chunk in plain. */
export interface ReadChunk {
  readonly chunk: IndexedChunk;
  /** Frames back to back, or a note. */
  readonly plain: Uint8Array;
}

/**
 * Chunks in plain, in order; neighbours are read from the file together. Throws `DecodeError` when one does not open.
 */
export async function* readChunks(
  reader: StorageReader,
  key: Uint8Array,
  chunks: Iterable<IndexedChunk>,
): AsyncGenerator<ReadChunk> {
  for (const span of spans(chunks)) {
    const start = span[0]?.offset ?? 0;
    const bytes = await reader.read(start, endOf(span.at(-1)) - start);
    for (const chunk of span)
      yield { chunk, plain: openAt(bytes.subarray(chunk.offset - start, endOf(chunk) - start), chunk, key) };
  }
}

/** Groups of chunks that lie behind one another, at most `SPAN_BYTES` long if more than one. */
function* spans(chunks: Iterable<IndexedChunk>): Generator<IndexedChunk[]> {
  let span: IndexedChunk[] = [];
  for (const chunk of chunks) {
    const isNear = chunk.offset - endOf(span.at(-1)) <= MAX_GAP_BYTES;
    if (span.length > 0 && (!isNear || endOf(chunk) - (span[0]?.offset ?? 0) > SPAN_BYTES)) {
      yield span;
      span = [];
    }
    span.push(chunk);
  }
  if (span.length > 0) yield span;
}

function endOf(chunk: IndexedChunk | undefined): number {
  return chunk === undefined ? 0 : chunk.offset + RECORD_HEADER_BYTES + chunk.bodyBytes;
}

function openAt(record: Uint8Array, chunk: IndexedChunk, key: Uint8Array): Uint8Array {
  const headerBytes = record.subarray(0, RECORD_HEADER_BYTES);
  const header = decodeRecordHeader(recordingCrypto, headerBytes);
  const isExpected = header.bodyBytes === chunk.bodyBytes && header.sequence === chunk.sequence;
  if (!isExpected || record.length < RECORD_HEADER_BYTES + chunk.bodyBytes)
    throw new DecodeError(
      "invalid",
      `recording chunk ${chunk.sequence}`,
      chunk.offset,
      "not where the index says",
    );
  const tools = { crypto: recordingCrypto, compression: recordingCompression, key };
  return openChunk(tools, { header, headerBytes, body: record.subarray(RECORD_HEADER_BYTES) });
}
