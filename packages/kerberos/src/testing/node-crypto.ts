import { createCipheriv, createDecipheriv, createHmac, pbkdf2Sync, timingSafeEqual } from "node:crypto";
import type { KerberosCrypto } from "../crypto.ts";
import type { EncryptionKey } from "../encryption/key.ts";
import { finishDerivation, makeDerivation, type PasswordDerivation } from "../encryption/password-key.ts";

/** The core's cryptography by node:crypto, for tests. */
export const nodeCrypto: KerberosCrypto = {
  hmac: (hash, key, data) => new Uint8Array(createHmac(hash, key).update(data).digest()),
  encryptCbc: (key, iv, data) => {
    const cipher = createCipheriv(`aes-${key.length * 8}-cbc`, key, iv).setAutoPadding(false);
    return new Uint8Array(Buffer.concat([cipher.update(data), cipher.final()]));
  },
  decryptCbc: (key, iv, data) => {
    const decipher = createDecipheriv(`aes-${key.length * 8}-cbc`, key, iv).setAutoPadding(false);
    return new Uint8Array(Buffer.concat([decipher.update(data), decipher.final()]));
  },
  equalSecrets: (left, right) => timingSafeEqual(left, right),
};

/** PBKDF2 as a host does it for a core's `derive`. */
export function runDerivation(password: string | Uint8Array, derivation: PasswordDerivation): Uint8Array {
  const { salt, iterations, keyBytes, hash } = derivation;
  return new Uint8Array(pbkdf2Sync(password, salt, iterations, keyBytes, hash));
}

/** A password's key, all in one. */
export function passwordKey(
  etype: number,
  password: string | Uint8Array,
  hint: { readonly salt: Uint8Array; readonly iterations?: number },
): EncryptionKey {
  const derivation = makeDerivation(etype, hint.salt, hint.iterations);
  return finishDerivation(nodeCrypto, derivation, runDerivation(password, derivation));
}
