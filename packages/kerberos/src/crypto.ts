/** Hashes of the encryption types. */
export type HashName = "sha1" | "sha256" | "sha384";

/** What Kerberos needs of cryptography; the host brings it (node:crypto on the gateway). All calls are synchronous. */
export interface KerberosCrypto {
  /** HMAC (RFC 2104): the whole digest, in a buffer of its own. */
  hmac(hash: HashName, key: Uint8Array, data: Uint8Array): Uint8Array;
  /** AES-CBC without padding: key of 16 or 32 bytes, IV of 16, data of whole blocks. */
  encryptCbc(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array;
  /** The inverse of `encryptCbc`. */
  decryptCbc(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array;
  /** Whether two arrays of one length hold the same bytes, in a time that does not tell where they differ. */
  equalSecrets(left: Uint8Array, right: Uint8Array): boolean;
}

/** Cryptographically random bytes in a new buffer. */
export type RandomBytes = (count: number) => Uint8Array;

/** Overwrites secrets; the garbage collector may still hold copies made elsewhere. */
export function wipe(...secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}
