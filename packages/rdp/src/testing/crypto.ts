import { createHash, createHmac, randomBytes } from "node:crypto";
import type { RdpCrypto } from "../crypto.ts";

function digest(name: string, data: Uint8Array): Uint8Array {
  return Uint8Array.from(createHash(name).update(data).digest());
}

/** The digests of this machine's OpenSSL. */
export const nodeCrypto: RdpCrypto = {
  md5: (data) => digest("md5", data),
  sha1: (data) => digest("sha1", data),
  sha256: (data) => digest("sha256", data),
  hmacMd5: (key, data) => Uint8Array.from(createHmac("md5", key).update(data).digest()),
  random: (sizeBytes) => Uint8Array.from(randomBytes(sizeBytes)),
};
