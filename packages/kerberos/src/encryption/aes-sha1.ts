import { encodeUtf8 } from "@poterne/bytes";
import { type KerberosCrypto, wipe } from "../crypto.ts";
import { BLOCK_BYTES, ZERO_IV } from "./cipher-text-stealing.ts";
import { nFold } from "./n-fold.ts";
import { type EncryptionProfile, usageConstant } from "./profile.ts";

const MAC_BYTES = 12;

/** RFC 3961 §5.1 DK: key material by encrypting the folded constant again and again. */
function deriveKey(crypto: KerberosCrypto, key: Uint8Array, constant: Uint8Array): Uint8Array {
  const derived = new Uint8Array(key.length);
  let block = nFold(constant, BLOCK_BYTES);
  for (let at = 0; at < derived.length; at += BLOCK_BYTES) {
    const next = crypto.encryptCbc(key, ZERO_IV, block);
    wipe(block);
    block = next;
    derived.set(block, at);
  }
  wipe(block);
  return derived;
}

/** aes128- and aes256-cts-hmac-sha1-96 (RFC 3962): the tag is over the plaintext. */
function makeAesSha1(numbers: {
  readonly etype: number;
  readonly keyBytes: number;
  readonly checksumType: number;
}): EncryptionProfile {
  return {
    ...numbers,
    name: `aes${numbers.keyBytes * 8}-cts-hmac-sha1-96`,
    macBytes: MAC_BYTES,
    hash: "sha1",
    defaultIterations: 4096,
    pbkdf2Salt: (salt) => salt,
    finishPassword: (crypto, derived) => deriveKey(crypto, derived, encodeUtf8("kerberos")),
    deriveKey: (crypto, key, usage, purpose) => deriveKey(crypto, key, usageConstant(usage, purpose)),
    tag: (crypto, integrityKey, plain) => crypto.hmac("sha1", integrityKey, plain).subarray(0, MAC_BYTES),
  };
}

/** Encryption type 17. */
export const aes128Sha1 = makeAesSha1({ etype: 17, keyBytes: 16, checksumType: 15 });
/** Encryption type 18. */
export const aes256Sha1 = makeAesSha1({ etype: 18, keyBytes: 32, checksumType: 16 });
