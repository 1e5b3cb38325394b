import { concatBytes, DecodeError } from "@poterne/bytes";
import { type KerberosCrypto, wipe } from "../crypto.ts";

/** The AES block, in bytes. */
export const BLOCK_BYTES = 16;
/** The initial cipher state of RFC 3962 and RFC 8009. */
export const ZERO_IV = new Uint8Array(BLOCK_BYTES);

/**
 * RFC 3962 §5 CBC with ciphertext stealing (CBC-CS3: the last two blocks always change places), zero IV. The result is
 * as long as the plaintext, which has at least one block.
 */
export function encryptCts(crypto: KerberosCrypto, key: Uint8Array, plain: Uint8Array): Uint8Array {
  const tailBytes = plain.length % BLOCK_BYTES || BLOCK_BYTES;
  const padded = new Uint8Array(plain.length + BLOCK_BYTES - tailBytes);
  padded.set(plain);
  const blocks = crypto.encryptCbc(key, ZERO_IV, padded);
  wipe(padded);
  if (blocks.length === BLOCK_BYTES) return blocks;
  const headBytes = blocks.length - 2 * BLOCK_BYTES;
  return concatBytes([
    blocks.subarray(0, headBytes),
    blocks.subarray(headBytes + BLOCK_BYTES),
    blocks.subarray(headBytes, headBytes + tailBytes),
  ]);
}

/** The inverse of `encryptCts`; less than one block is a `DecodeError` `truncated`. */
export function decryptCts(crypto: KerberosCrypto, key: Uint8Array, cipher: Uint8Array): Uint8Array {
  if (cipher.length < BLOCK_BYTES) throw new DecodeError("truncated", "encrypted data", cipher.length);
  if (cipher.length === BLOCK_BYTES) return crypto.decryptCbc(key, ZERO_IV, cipher);
  const tailBytes = cipher.length % BLOCK_BYTES || BLOCK_BYTES;
  const headBytes = cipher.length - tailBytes - BLOCK_BYTES;
  const last = cipher.subarray(headBytes, headBytes + BLOCK_BYTES);
  const tail = cipher.subarray(headBytes + BLOCK_BYTES);
  const opened = crypto.decryptCbc(key, ZERO_IV, last);
  const plainTail = tail.map((octet, index) => octet ^ (opened[index] ?? 0));
  const stolen = concatBytes([cipher.subarray(0, headBytes), tail, opened.subarray(tailBytes)]);
  const plainHead = crypto.decryptCbc(key, ZERO_IV, stolen);
  const plain = concatBytes([plainHead, plainTail]);
  wipe(opened, plainTail, plainHead);
  return plain;
}
