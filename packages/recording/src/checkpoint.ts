import { ByteReader, ByteWriter, DecodeError, decodeUtf8, encodeUtf8, fromHex, toHex } from "@poterne/bytes";
import type { RecordingVerifyCrypto } from "./crypto.ts";
import { RecordType } from "./record-header.ts";

/** Marks of a checkpoint. */
export const CheckpointFlag = {
  /** Nothing follows: the recording ends here. */
  final: 1,
  /** Written at the next start over what a crash left; always with `final`. */
  sealed: 2,
} as const;

/** Length of a checkpoint, signature included. */
export const CHECKPOINT_BYTES = 240;

/** The signing domain of checkpoints, as the keeper is asked to sign in it. */
export const CHECKPOINT_DOMAIN = "poterne.recording.checkpoint.v1";

const KEY_ID_BYTES = 64;
const SIGNATURE_BYTES = 64;
const SIGNED_BYTES = CHECKPOINT_BYTES - SIGNATURE_BYTES;
const structure = "recording checkpoint";

/** What a checkpoint says: so many records with this head stood in the file (docs/recording-format.md, Checkpoints). */
export interface Checkpoint {
  /** `CheckpointFlag` bits. */
  readonly flags: number;
  /** Number of this checkpoint in the file, from 0: a gap means that one was taken out. */
  readonly ordinal: number;
  /** How many chained records it covers. */
  readonly count: number;
  /** End of the last record covered, milliseconds since the session's start. */
  readonly timeMs: number;
  /** When it was made, Unix milliseconds. */
  readonly unixMs: number;
  /** Where the index record begins, 0 without one. */
  readonly indexOffset: number;
  /** The chain's head after `count` records, 32 bytes. */
  readonly head: Uint8Array;
  /** The signer's raw Ed25519 public key. */
  readonly publicKey: Uint8Array;
  /** The signer's id, at most 64 bytes of UTF-8. */
  readonly keyId: string;
  readonly sessionId: string;
}

/** The bytes of a checkpoint that are signed: all but the signature. Throws `DecodeError` `limit` for a key id over 64 bytes. */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const keyId = encodeUtf8(checkpoint.keyId);
  if (keyId.length > KEY_ID_BYTES) throw new DecodeError("limit", structure, 2, "key id");
  const writer = new ByteWriter(CHECKPOINT_BYTES);
  writer.u8(RecordType.checkpoint).u8(checkpoint.flags).u8(keyId.length).u8(0);
  writer.u32le(checkpoint.ordinal).u32le(checkpoint.count).u32le(checkpoint.timeMs);
  writer.u64le(checkpoint.unixMs).u64le(checkpoint.indexOffset);
  writer.put(checkpoint.head).put(checkpoint.publicKey);
  writer.put(keyId).put(new Uint8Array(KEY_ID_BYTES - keyId.length));
  writer.put(fromHex(checkpoint.sessionId.replaceAll("-", "")));
  return writer.finish().slice();
}

/** The message that is signed: the domain, a zero byte, the checkpoint without its signature. */
export function checkpointMessage(signed: Uint8Array): Uint8Array {
  const domain = encodeUtf8(`${CHECKPOINT_DOMAIN}\0`);
  const message = new Uint8Array(domain.length + signed.length);
  message.set(domain);
  message.set(signed, domain.length);
  return message;
}

/** Decodes a checkpoint without checking its signature. Throws `DecodeError` `truncated` or `invalid`. */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const reader = new ByteReader(bytes, structure);
  if (reader.u8() !== RecordType.checkpoint) throw reader.fail("invalid", "type");
  const flags = reader.u8();
  const keyIdBytes = reader.u8();
  if (flags > 3 || keyIdBytes > KEY_ID_BYTES || reader.u8() !== 0) throw reader.fail("invalid", "flags");
  const numbers = {
    ordinal: reader.u32le(),
    count: reader.u32le(),
    timeMs: reader.u32le(),
    unixMs: reader.u64le(),
    indexOffset: reader.u64le(),
  };
  const head = reader.take(32);
  const publicKey = reader.take(32);
  const keyId = decodeUtf8(reader.take(KEY_ID_BYTES).subarray(0, keyIdBytes));
  const hex = toHex(reader.take(16));
  reader.take(SIGNATURE_BYTES);
  const sessionId = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
  return { flags, ...numbers, head, publicKey, keyId, sessionId };
}

/** Whether a whole checkpoint's signature is right under the public key it names. Trusting that key is the caller's. */
export function isSignatureGood(
  crypto: RecordingVerifyCrypto,
  bytes: Uint8Array,
  checkpoint: Checkpoint,
): boolean {
  const message = checkpointMessage(bytes.subarray(0, SIGNED_BYTES));
  return crypto.verifyEd25519(checkpoint.publicKey, message, bytes.subarray(SIGNED_BYTES, CHECKPOINT_BYTES));
}
