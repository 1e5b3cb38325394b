export { firstHead, nextHead } from "./chain.ts";
export { type ChainSnapshot, type ChainState, ChainWriter } from "./chain-writer.ts";
export {
  CHECKPOINT_BYTES,
  CHECKPOINT_DOMAIN,
  type Checkpoint,
  CheckpointFlag,
  checkpointMessage,
  decodeCheckpoint,
  encodeCheckpoint,
  isSignatureGood,
} from "./checkpoint.ts";
export { CONTENT_KEY_BYTES, chunkNonce, openChunk, unpack } from "./chunk-body.ts";
export { CHUNK_ROOMS_BYTES, ChunkBuilder, type PlainChunk } from "./chunk-builder.ts";
export { ChunkIndex, decodeIndex, INDEX_ENTRY_BYTES, type IndexedChunk } from "./chunk-index.ts";
export type {
  RecordingCompression,
  RecordingCrypto,
  RecordingHasher,
  RecordingVerifyCrypto,
} from "./crypto.ts";
export {
  type ClearHeader,
  decodeFileHeader,
  encodeFileHeader,
  FILE_PREFIX_BYTES,
  fileHeaderBytes,
} from "./file-header.ts";
export {
  decodeKeyWrapsFile,
  encodeKeyWrapsFile,
  type KeyWrapsFile,
  MAX_KEY_WRAPS_FILE_BYTES,
  type RecordingKeyWrap,
} from "./key-wraps.ts";
export {
  CHUNK_TARGET_BYTES,
  MAX_BODY_BYTES,
  MAX_CHUNK_PLAINTEXT_BYTES,
  MAX_CLEAR_HEADER_BYTES,
  MAX_INDEX_RECORDS,
  MAX_KEY_WRAPS,
  MAX_RECORDS,
  RECORDING_FORMAT_VERSION,
  TAG_BYTES,
} from "./limits.ts";
export { decodeNote, holdsFrames, type ReaderTools, readFrames } from "./reader.ts";
export {
  Codec,
  decodeRecordHeader,
  encodeRecordHeader,
  RECORD_HEADER_BYTES,
  RecordFlag,
  type RecordHeader,
  RecordType,
} from "./record-header.ts";
export { RecordingScanner, type ScanEnd, type ScannedPiece } from "./scanner.ts";
export {
  type JournalCheckpoint,
  RecordingVerifier,
  type Signer,
  type Verdict,
  type Verification,
  type VerifierOptions,
} from "./verifier.ts";
