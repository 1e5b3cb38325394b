import type { HashName, KerberosCrypto } from "../crypto.ts";

/** What one derived key is for: RFC 3961 §5.3's well-known constants. */
export const Purpose = { checksum: 0x99, encryption: 0xaa, integrity: 0x55 } as const;

/** One of `Purpose`. */
export type Purpose = (typeof Purpose)[keyof typeof Purpose];

/** One encryption type of RFC 3962 or RFC 8009 with its checksum type. */
export interface EncryptionProfile {
  readonly etype: number;
  /** Its name in the IANA registry. */
  readonly name: string;
  readonly keyBytes: number;
  readonly checksumType: number;
  /** The length of a checksum and of the tag after encrypted data. */
  readonly macBytes: number;
  /** The hash of PBKDF2, and its iterations when the KDC names none. */
  readonly hash: HashName;
  readonly defaultIterations: number;
  /** What PBKDF2 gets as salt (RFC 8009 §4 puts the type's name before it). */
  pbkdf2Salt(salt: Uint8Array): Uint8Array;
  /** The key of PBKDF2's output of `keyBytes`. */
  finishPassword(crypto: KerberosCrypto, derived: Uint8Array): Uint8Array;
  /** The key for one usage and purpose; the caller wipes it. */
  deriveKey(crypto: KerberosCrypto, key: Uint8Array, usage: number, purpose: Purpose): Uint8Array;
  /** The tag after encrypted data, `macBytes` long. */
  tag(crypto: KerberosCrypto, integrityKey: Uint8Array, plain: Uint8Array, cipher: Uint8Array): Uint8Array;
}

/** A usage number and purpose as key derivation takes them (RFC 3961 §5.3): four octets and one. */
export function usageConstant(usage: number, purpose: Purpose): Uint8Array {
  return Uint8Array.of(usage >>> 24, (usage >>> 16) & 0xff, (usage >>> 8) & 0xff, usage & 0xff, purpose);
}
