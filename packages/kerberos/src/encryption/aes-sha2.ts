import { ByteWriter, concatBytes, encodeUtf8 } from "@poterne/bytes";
import { type HashName, type KerberosCrypto, wipe } from "../crypto.ts";
import { ZERO_IV } from "./cipher-text-stealing.ts";
import { type EncryptionProfile, Purpose, usageConstant } from "./profile.ts";

/** RFC 8009 §3 KDF-HMAC-SHA2 (NIST SP 800-108 in counter mode; one round suffices for these lengths). */
function deriveKey(
  crypto: KerberosCrypto,
  hash: HashName,
  input: { readonly key: Uint8Array; readonly label: Uint8Array; readonly sizeBytes: number },
): Uint8Array {
  const text = new ByteWriter()
    .u32(1)
    .put(input.label)
    .u8(0)
    .u32(input.sizeBytes * 8);
  const digest = crypto.hmac(hash, input.key, text.finish());
  const derived = digest.slice(0, input.sizeBytes);
  wipe(digest);
  return derived;
}

/** aes128-cts-hmac-sha256-128 and aes256-cts-hmac-sha384-192 (RFC 8009): the tag is over IV and ciphertext. */
function makeAesSha2(numbers: {
  readonly etype: number;
  readonly name: string;
  readonly keyBytes: number;
  readonly checksumType: number;
  readonly macBytes: number;
  readonly hash: "sha256" | "sha384";
}): EncryptionProfile {
  const { name, keyBytes, macBytes, hash } = numbers;
  return {
    ...numbers,
    defaultIterations: 32_768,
    pbkdf2Salt: (salt) => concatBytes([encodeUtf8(name), Uint8Array.of(0), salt]),
    finishPassword: (crypto, derived) =>
      deriveKey(crypto, hash, { key: derived, label: encodeUtf8("kerberos"), sizeBytes: keyBytes }),
    deriveKey: (crypto, key, usage, purpose) =>
      deriveKey(crypto, hash, {
        key,
        label: usageConstant(usage, purpose),
        sizeBytes: purpose === Purpose.encryption ? keyBytes : macBytes,
      }),
    tag: (crypto, integrityKey, _plain, cipher) =>
      crypto.hmac(hash, integrityKey, concatBytes([ZERO_IV, cipher])).subarray(0, macBytes),
  };
}

/** Encryption type 19. */
export const aes128Sha256 = makeAesSha2({
  etype: 19,
  name: "aes128-cts-hmac-sha256-128",
  keyBytes: 16,
  checksumType: 19,
  macBytes: 16,
  hash: "sha256",
});
/** Encryption type 20. */
export const aes256Sha384 = makeAesSha2({
  etype: 20,
  name: "aes256-cts-hmac-sha384-192",
  keyBytes: 32,
  checksumType: 20,
  macBytes: 24,
  hash: "sha384",
});
