import type { HashName, KerberosCrypto } from "../crypto.ts";
import type { EncryptionKey } from "./key.ts";
import { profileOf } from "./profiles.ts";

/** A PBKDF2 derivation the host is asked for (RFC 3962 §4, RFC 8009 §4), so that it may run beside the event loop. */
export interface PasswordDerivation {
  readonly etype: number;
  readonly hash: HashName;
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly keyBytes: number;
}

/** What to ask of PBKDF2 for a password's key of an encryption type. */
export function makeDerivation(
  etype: number,
  salt: Uint8Array,
  iterations: number | undefined,
): PasswordDerivation {
  const profile = profileOf({ etype });
  return {
    etype,
    hash: profile.hash,
    salt: profile.pbkdf2Salt(salt),
    iterations: iterations ?? profile.defaultIterations,
    keyBytes: profile.keyBytes,
  };
}

/** The password's key of PBKDF2's output. */
export function finishDerivation(
  crypto: KerberosCrypto,
  derivation: PasswordDerivation,
  derived: Uint8Array,
): EncryptionKey {
  const { etype } = derivation;
  return { etype, bytes: profileOf({ etype }).finishPassword(crypto, derived) };
}
