import { aes128Sha1, aes256Sha1 } from "./aes-sha1.ts";
import { aes128Sha256, aes256Sha384 } from "./aes-sha2.ts";
import type { EncryptionProfile } from "./profile.ts";

/** Every encryption type spoken here, the one to prefer first. DES, RC4 and Camellia are not among them. */
export const PROFILES: readonly EncryptionProfile[] = [aes256Sha384, aes256Sha1, aes128Sha256, aes128Sha1];

/** Numbers of all supported encryption types, the one to prefer first. */
export const SUPPORTED_ETYPES: readonly number[] = PROFILES.map(({ etype }) => etype);

/** The profile of an encryption type, when it is supported. */
export function findProfile(etype: number): EncryptionProfile | undefined {
  return PROFILES.find((profile) => profile.etype === etype);
}

/** The profile of a key's type, which is supported or there would be no such key. */
export function profileOf(key: { readonly etype: number }): EncryptionProfile {
  const profile = findProfile(key.etype);
  if (profile === undefined) throw new Error(`no profile for encryption type ${key.etype}`);
  return profile;
}

/** The name of an encryption type for people, supported or not. */
export function etypeName(etype: number): string {
  return findProfile(etype)?.name ?? OTHER_NAMES[etype] ?? `type ${etype}`;
}

const OTHER_NAMES: Readonly<Record<number, string>> = {
  1: "des-cbc-crc",
  3: "des-cbc-md5",
  16: "des3-cbc-sha1",
  23: "rc4-hmac",
  24: "rc4-hmac-exp",
  25: "camellia128-cts-cmac",
  26: "camellia256-cts-cmac",
};
