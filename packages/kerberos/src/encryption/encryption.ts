import { concatBytes, DecodeError } from "@poterne/bytes";
import { type KerberosCrypto, type RandomBytes, wipe } from "../crypto.ts";
import { BLOCK_BYTES, decryptCts, encryptCts } from "./cipher-text-stealing.ts";
import type { EncryptionKey } from "./key.ts";
import { Purpose } from "./profile.ts";
import { profileOf } from "./profiles.ts";

/** What encrypting needs of the host. */
export interface EncryptionTools {
  readonly crypto: KerberosCrypto;
  readonly randomBytes: RandomBytes;
}

/** Encrypted data did not pass its integrity check: another key, another usage, or altered on the way. */
export class IntegrityError extends Error {
  constructor(structure: string) {
    super(`${structure}: integrity check failed`);
    this.name = "IntegrityError";
  }
}

/** Encrypts for a key usage (RFC 4120 §7.5.1), with a fresh confounder: the result is 16 + `macBytes` longer. */
export function encrypt(
  tools: EncryptionTools,
  key: EncryptionKey,
  usage: number,
  plain: Uint8Array,
): Uint8Array {
  const profile = profileOf(key);
  const encryptionKey = profile.deriveKey(tools.crypto, key.bytes, usage, Purpose.encryption);
  const integrityKey = profile.deriveKey(tools.crypto, key.bytes, usage, Purpose.integrity);
  const confounded = concatBytes([tools.randomBytes(BLOCK_BYTES), plain]);
  const cipher = encryptCts(tools.crypto, encryptionKey, confounded);
  const tag = profile.tag(tools.crypto, integrityKey, confounded, cipher);
  wipe(encryptionKey, integrityKey, confounded);
  return concatBytes([cipher, tag]);
}

/** Decrypts for a key usage. What was altered is an `IntegrityError`, too few bytes a `DecodeError` `truncated`. */
export function decrypt(
  crypto: KerberosCrypto,
  key: EncryptionKey,
  usage: number,
  bytes: Uint8Array,
): Uint8Array {
  const profile = profileOf(key);
  const cipherBytes = bytes.length - profile.macBytes;
  if (cipherBytes < BLOCK_BYTES) throw new DecodeError("truncated", "encrypted data", bytes.length);
  const encryptionKey = profile.deriveKey(crypto, key.bytes, usage, Purpose.encryption);
  const integrityKey = profile.deriveKey(crypto, key.bytes, usage, Purpose.integrity);
  const cipher = bytes.subarray(0, cipherBytes);
  const confounded = decryptCts(crypto, encryptionKey, cipher);
  const tag = profile.tag(crypto, integrityKey, confounded, cipher);
  const plain = confounded.slice(BLOCK_BYTES);
  wipe(encryptionKey, integrityKey, confounded);
  if (crypto.equalSecrets(tag, bytes.subarray(cipherBytes))) return plain;
  wipe(plain);
  throw new IntegrityError(`encrypted data (usage ${usage})`);
}

/** The key's own checksum of data for a key usage, `macBytes` long. */
export function checksum(
  crypto: KerberosCrypto,
  key: EncryptionKey,
  usage: number,
  data: Uint8Array,
): Uint8Array {
  const profile = profileOf(key);
  const checksumKey = profile.deriveKey(crypto, key.bytes, usage, Purpose.checksum);
  const digest = crypto.hmac(profile.hash, checksumKey, data).slice(0, profile.macBytes);
  wipe(checksumKey);
  return digest;
}

/** Whether a checksum is the key's own of these data. */
export function isChecksumGood(
  crypto: KerberosCrypto,
  key: EncryptionKey,
  usage: number,
  input: { readonly data: Uint8Array; readonly found: Uint8Array },
): boolean {
  const wanted = checksum(crypto, key, usage, input.data);
  return wanted.length === input.found.length && crypto.equalSecrets(wanted, input.found);
}
