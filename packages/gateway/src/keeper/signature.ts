import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { utf8 } from "./byte-text.ts";

/** A signed statement's signer: id and 64-byte Ed25519 signature. */
export interface Signed {
  readonly keyId: string;
  readonly signature: Uint8Array;
}

/** Header of an Ed25519 public key in SubjectPublicKeyInfo (RFC 8410 §4); the 32 bytes follow. */
const ED25519_SPKI = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00);

/** What is really signed: `UTF-8(domain) || 0x00 || data`, so that a signature of one domain is worthless in another. */
function statement(domain: string, data: Uint8Array): Uint8Array {
  return Buffer.concat([utf8(domain), Uint8Array.of(0), data]);
}

/** Ed25519 over a statement (RFC 8032). */
export function signStatement(privateKey: KeyObject, domain: string, data: Uint8Array): Uint8Array {
  return sign(null, statement(domain, data), privateKey);
}

/** Whether a statement was signed by the holder of a raw 32-byte Ed25519 public key. */
export function verifyStatement(
  publicKey: Uint8Array,
  signed: { readonly domain: string; readonly data: Uint8Array; readonly signature: Uint8Array },
): boolean {
  if (signed.signature.length !== 64) return false;
  return verify(null, statement(signed.domain, signed.data), ed25519PublicKey(publicKey), signed.signature);
}

/** The raw 32 bytes of an Ed25519 or X25519 public key. */
export function rawPublicKey(key: KeyObject): Uint8Array {
  const spki = (key.type === "private" ? createPublicKey(key) : key).export({ type: "spki", format: "der" });
  return Uint8Array.from(spki.subarray(spki.length - 32));
}

/** A public key object of 32 raw bytes. */
function ed25519PublicKey(raw: Uint8Array): KeyObject {
  if (raw.length !== 32) throw new Error("an Ed25519 public key has 32 bytes");
  return createPublicKey({ key: Buffer.concat([ED25519_SPKI, raw]), format: "der", type: "spki" });
}
