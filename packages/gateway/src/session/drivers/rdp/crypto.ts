import { createHash, createHmac, randomBytes, type X509Certificate } from "node:crypto";
import type { RdpCrypto } from "@poterne/rdp";

/** The digests and random bytes of OpenSSL, for the core. */
export const rdpCrypto: RdpCrypto = {
  md5: (data) => digest("md5", data),
  sha1: (data) => digest("sha1", data),
  sha256: (data) => digest("sha256", data),
  hmacMd5: (key, data) => new Uint8Array(createHmac("md5", key).update(data).digest()),
  random: (sizeBytes) => new Uint8Array(randomBytes(sizeBytes)),
};

function digest(name: string, data: Uint8Array): Uint8Array {
  return new Uint8Array(createHash(name).update(data).digest());
}

/** The content of SubjectPublicKey (RFC 5280 §4.1) of a certificate: what CredSSP binds the log-in to. */
export function publicKeyOf(certificate: X509Certificate): Uint8Array {
  const info = certificate.publicKey.export({ type: "spki", format: "der" });
  const algorithm = readElement(info, readElement(info, 0).contentAt);
  const key = readElement(info, algorithm.end);
  // The first byte of a BIT STRING counts unused bits, of which a key has none.
  return new Uint8Array(info.subarray(key.contentAt + 1, key.end));
}

/** One DER element of OpenSSL's own making: where its content begins and ends. */
function readElement(der: Uint8Array, at: number): { readonly contentAt: number; readonly end: number } {
  const first = der[at + 1] ?? 0;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  let length = lengthBytes === 0 ? first : 0;
  for (let index = 0; index < lengthBytes; index++) length = length * 256 + (der[at + 2 + index] ?? 0);
  const contentAt = at + 2 + lengthBytes;
  return { contentAt, end: contentAt + length };
}

/** RFC 5929 §4 `tls-server-end-point`: what NTLM and Kerberos bind the log-in to. */
export function channelBindingOf(certificate: X509Certificate): Uint8Array {
  return Buffer.concat([Buffer.from("tls-server-end-point:"), digest("sha256", certificate.raw)]);
}
