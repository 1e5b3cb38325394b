import {
  type ChainState,
  ChainWriter,
  CheckpointFlag,
  type ClearHeader,
  chunkNonce,
  type IndexedChunk,
  MAX_INDEX_RECORDS,
  RECORD_HEADER_BYTES,
  RecordingVerifier,
  type Verification,
} from "@poterne/recording";
import type { CheckpointSigner } from "./checkpoint-signer.ts";
import { appendIndex } from "./chunk-sealer.ts";
import { recordingCrypto } from "./node-crypto.ts";
import type { RecordingStorage, StorageReader } from "./storage.ts";

/** Files are read in pieces of this size; each costs about a millisecond of hashing, then the loop gets its turn. */
const READ_BYTES = 512 * 1024;

/** Checks a stored file from beginning to end without holding the event loop. */
export async function verifyStored(
  reader: StorageReader,
  verifier: RecordingVerifier,
  endOffset = Number.MAX_SAFE_INTEGER,
): Promise<Verification> {
  for (let offset = 0; ; ) {
    const bytes = await reader.read(offset, Math.min(READ_BYTES, endOffset - offset));
    if (bytes.length === 0) return verifier.finish();
    verifier.push(bytes);
    offset += bytes.length;
  }
}

/** What sealing needs. */
export interface SealTools {
  readonly storage: RecordingStorage;
  readonly signer: CheckpointSigner;
  readonly nowMs: () => number;
  readonly trustedKeys: readonly Uint8Array[];
  /** Opens the content key: records behind the last signature must open before they are signed. */
  openKey(header: ClearHeader): Promise<Uint8Array>;
}

/** What was found, and how the file stands afterwards. */
export interface SealResult {
  readonly verification: Verification;
  /** The end was appended now. */
  readonly isSealed: boolean;
  readonly count: number;
  readonly head: Uint8Array;
  readonly sizeBytes: number;
  readonly durationMs: number;
}

/**
 * Seals a file that a crash or a full disk left without an end: cuts off what is torn, appends the index and a final
 * checkpoint marked `sealed`. Records behind the last live signature must open under the content key, so that nobody
 * without it can slip some in. A file that ended, or was altered, is left as it is.
 */
export async function sealFile(name: string, tools: SealTools): Promise<SealResult> {
  const reader = await tools.storage.open(name);
  try {
    const verifier = new RecordingVerifier(recordingCrypto, { trustedKeys: tools.trustedKeys });
    const verification = await verifyStored(reader, verifier);
    const state = verifier.chainState();
    const { header } = verification;
    if (verification.verdict !== "unfinished" || header === null)
      return describe(verification, state, await reader.size());
    const key = await tools.openKey(header);
    const endOffset = await soundEnd(reader, { state, signedCount: verification.signedCount, key });
    const sound = endOffset < state.offset ? await stateUpTo(reader, endOffset, tools.trustedKeys) : state;
    const chain = new ChainWriter(recordingCrypto, sound);
    await appendEnd(name, chain, { tools, sessionId: header.sessionId, cutAt: endOffset });
    const sealed = describe({ ...verification, recordCount: sound.count }, sound, chain.offset);
    return { ...sealed, isSealed: true, count: chain.count, head: chain.head };
  } finally {
    await reader.close();
  }
}

async function appendEnd(
  name: string,
  chain: ChainWriter,
  end: { readonly tools: SealTools; readonly sessionId: string; readonly cutAt: number },
): Promise<void> {
  const { signer, storage, nowMs } = end.tools;
  const index = appendIndex(chain, MAX_INDEX_RECORDS) ?? [];
  const flags = CheckpointFlag.final | CheckpointFlag.sealed;
  const bytes = await signer.sign(chain.snapshot(), { sessionId: end.sessionId, flags, unixMs: nowMs() });
  chain.appendCheckpoint(bytes);
  const writer = await storage.resume(name);
  try {
    await writer.truncate(end.cutAt);
    await writer.append([...index, bytes]);
    await writer.sync();
  } finally {
    await writer.close();
  }
}

async function stateUpTo(
  reader: StorageReader,
  endOffset: number,
  trustedKeys: readonly Uint8Array[],
): Promise<ChainState> {
  const verifier = new RecordingVerifier(recordingCrypto, { trustedKeys });
  await verifyStored(reader, verifier, endOffset);
  return verifier.chainState();
}

/** Where the part ends that may be signed: before the first unsigned chunk that does not open, and before an index. */
async function soundEnd(
  reader: StorageReader,
  check: { readonly state: ChainState; readonly signedCount: number; readonly key: Uint8Array },
): Promise<number> {
  let endOffset = check.state.indexRecordOffset ?? check.state.offset;
  for (let place = check.state.index.count - 1; place >= 0; place--) {
    const chunk = check.state.index.at(place);
    if (chunk === undefined || chunk.sequence < check.signedCount) break;
    if (!(await opens(reader, chunk, check.key))) endOffset = Math.min(endOffset, chunk.offset);
  }
  return endOffset;
}

async function opens(reader: StorageReader, chunk: IndexedChunk, key: Uint8Array): Promise<boolean> {
  const record = await reader.read(chunk.offset, RECORD_HEADER_BYTES + chunk.bodyBytes);
  const headerBytes = record.subarray(0, RECORD_HEADER_BYTES);
  const body = record.subarray(RECORD_HEADER_BYTES);
  return recordingCrypto.open(key, chunkNonce(chunk.sequence), headerBytes, body) !== null;
}

function describe(verification: Verification, state: ChainState, sizeBytes: number): SealResult {
  return {
    verification,
    isSealed: false,
    count: state.count,
    head: state.head,
    sizeBytes,
    durationMs: state.endMs,
  };
}
