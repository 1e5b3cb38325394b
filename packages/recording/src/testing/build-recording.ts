import { concatBytes, encodeUtf8 } from "@poterne/bytes";
import { Channel, type Frame, FrameFlag } from "@poterne/wire";
import { ChainWriter } from "../chain-writer.ts";
import { CheckpointFlag, checkpointMessage, encodeCheckpoint } from "../checkpoint.ts";
import { chunkNonce } from "../chunk-body.ts";
import { ChunkBuilder, type PlainChunk } from "../chunk-builder.ts";
import { encodeFileHeader } from "../file-header.ts";
import { Codec, RecordFlag, RecordType } from "../record-header.ts";
import { makeSigner, nodeCompression, nodeCrypto, type TestSigner } from "./node-tools.ts";

/** What a built file is made of. */
export interface BuildOptions {
  readonly frames?: readonly Frame[];
  readonly signer?: TestSigner;
  /** A checkpoint behind every so many chunks. */
  readonly checkpointEvery?: number;
  /** How many chunks later a checkpoint is written than what it covers: signing takes its time. */
  readonly checkpointLag?: number;
  /** Flags of the last checkpoint, null for none: a file without an end. */
  readonly end?: number | null;
}

/** The key, session and signer of built files. */
export const testKey: Uint8Array = new Uint8Array(32).fill(7);
const testSessionId = "01932c5e-7b10-7a55-8c33-0123456789ab";
export const testSigner: TestSigner = makeSigner(1);

/** Some minutes of a terminal: text, markers, one entry point. */
export function someFrames(count = 40): Frame[] {
  return Array.from({ length: count }, (_, at) => {
    const isMarker = at % 10 === 5;
    const text = isMarker ? '{"type":"bell"}' : `line ${at} ${"abc ".repeat(at)}\r\n`;
    return {
      channel: isMarker ? Channel.marker : Channel.text,
      flags: at === 20 ? FrameFlag.entryStart | FrameFlag.entryEnd : 0,
      stream: 0,
      timeMs: at * 500,
      payload: encodeUtf8(text),
    };
  });
}

/** Builds a whole file: header, session note, one chunk per two frames, index, end. */
export function buildRecording(options: BuildOptions = {}): Uint8Array {
  const signer = options.signer ?? testSigner;
  const every = options.checkpointEvery ?? 5;
  const lag = options.checkpointLag ?? 0;
  const statements: Uint8Array[] = [];
  const fileHeader = encodeFileHeader({
    sessionId: testSessionId,
    startedAtMs: 1_763_754_000_000,
    kind: "terminal",
    protocol: "ssh",
    wraps: [{ recipient: "master:1", algorithm: "A256GCM", wrapped: new Uint8Array(60).fill(9) }],
  });
  const chain = new ChainWriter(nodeCrypto, fileHeader);
  const parts: Uint8Array[] = [fileHeader];
  const note = encodeUtf8('{"personName":"Alice"}');
  parts.push(...sealChunk(chain, { flags: RecordFlag.sessionHeader, startMs: 0, endMs: 0, plain: note }));
  for (const chunk of chunksOf(options.frames ?? someFrames())) {
    parts.push(...sealChunk(chain, chunk));
    if (chain.count % every === 0) statements.push(checkpointStatement(chain, signer, 0));
    if (statements.length > 0 && chain.count % every === lag) {
      const bytes = signStatement(statements.shift() ?? new Uint8Array(), signer);
      chain.appendCheckpoint(bytes);
      parts.push(bytes);
    }
  }
  const end = options.end === undefined ? CheckpointFlag.final : options.end;
  if (end !== null) parts.push(...appendIndex(chain), signCheckpoint(chain, signer, end));
  return concatBytes(parts);
}

function chunksOf(frames: readonly Frame[]): PlainChunk[] {
  const builder = new ChunkBuilder();
  const chunks: PlainChunk[] = [];
  for (const [at, frame] of frames.entries()) {
    chunks.push(...builder.add(frame));
    const rest = at % 2 === 1 ? builder.take() : null;
    if (rest !== null) chunks.push(rest);
  }
  const rest = builder.take();
  return rest === null ? chunks : [...chunks, rest];
}

/** Packs, seals and appends one chunk; returns its header and body. */
export function sealChunk(chain: ChainWriter, chunk: PlainChunk): Uint8Array[] {
  const packed = nodeCompression.compress(chunk.plain);
  const isSmaller = packed.length < chunk.plain.length;
  const plain = isSmaller ? packed : chunk.plain;
  const header = chain.nextHeader({
    type: RecordType.chunk,
    flags: chunk.flags,
    codec: isSmaller ? Codec.zstd : Codec.stored,
    startMs: chunk.startMs,
    endMs: chunk.endMs,
    plainBytes: chunk.plain.length,
    bodyBytes: plain.length + 16,
  });
  const body = nodeCrypto.seal(testKey, chunkNonce(chain.count), header, plain);
  chain.append(header, body);
  return [header, body];
}

function appendIndex(chain: ChainWriter): Uint8Array[] {
  const plain = chain.index.bytes().slice();
  const header = chain.nextHeader({
    type: RecordType.index,
    flags: 0,
    codec: Codec.stored,
    startMs: chain.endMs,
    endMs: chain.endMs,
    plainBytes: plain.length,
    bodyBytes: plain.length,
  });
  chain.append(header, plain);
  return [header, plain];
}

/** Signs a checkpoint over everything appended so far, and appends it. */
function signCheckpoint(chain: ChainWriter, signer: TestSigner, flags: number): Uint8Array {
  const bytes = signStatement(checkpointStatement(chain, signer, flags), signer);
  chain.appendCheckpoint(bytes);
  return bytes;
}

function checkpointStatement(chain: ChainWriter, signer: TestSigner, flags: number): Uint8Array {
  return encodeCheckpoint({
    ...chain.snapshot(),
    flags,
    unixMs: 1_763_754_000_000 + chain.endMs,
    publicKey: signer.publicKey,
    keyId: signer.keyId,
    sessionId: testSessionId,
  });
}

function signStatement(statement: Uint8Array, signer: TestSigner): Uint8Array {
  return concatBytes([statement, signer.sign(checkpointMessage(statement))]);
}
