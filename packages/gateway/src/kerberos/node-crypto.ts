import { createCipheriv, createDecipheriv, createHmac, pbkdf2, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import type { KerberosCrypto, PasswordDerivation } from "@poterne/kerberos";

/** The Kerberos core's cryptography by node:crypto. */
export const nodeKerberosCrypto: KerberosCrypto = {
  hmac: (hash, key, data) => withoutCopy(createHmac(hash, key).update(data).digest()),
  encryptCbc: (key, iv, data) => {
    // INVARIANT: the data are whole blocks, so that all comes out of `update` and `final` is empty.
    const cipher = createCipheriv(`aes-${key.length * 8}-cbc`, key, iv).setAutoPadding(false);
    const bytes = withoutCopy(cipher.update(data));
    cipher.final();
    return bytes;
  },
  decryptCbc: (key, iv, data) => {
    const decipher = createDecipheriv(`aes-${key.length * 8}-cbc`, key, iv).setAutoPadding(false);
    const bytes = withoutCopy(decipher.update(data));
    decipher.final();
    return bytes;
  },
  equalSecrets: (left, right) => timingSafeEqual(left, right),
};

/** The very bytes that node:crypto gave: a copy's original nobody could wipe. */
function withoutCopy({ buffer, byteOffset, byteLength }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/**
 * A password as bytes of their own, UTF-8, for the caller to wipe. `Buffer.from` would leave it in a pool that is shared
 * with whatever comes next; the text itself is JavaScript's, and stays until it is collected.
 */
export function secretBytes(text: string): Uint8Array {
  const bytes = Buffer.alloc(Buffer.byteLength(text, "utf8"));
  bytes.write(text, "utf8");
  return withoutCopy(bytes);
}

const runPbkdf2 = promisify(pbkdf2);

/** PBKDF2 for the core's `derive`, in libuv's threads: the event loop goes on. */
export async function derivePassword(
  password: Uint8Array,
  { salt, iterations, keyBytes, hash }: PasswordDerivation,
): Promise<Uint8Array> {
  return await runPbkdf2(password, salt, iterations, keyBytes, hash);
}
