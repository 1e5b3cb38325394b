import { ByteReader, DecodeError } from "@poterne/bytes";
import { readBer, readBerLength, Tag } from "../encoding/ber.ts";

/** An RSA public key; the modulus big-endian. */
export interface RsaPublicKey {
  readonly modulus: Uint8Array;
  readonly exponent: number;
}

/** The longest modulus taken: 8192 bits. */
const MAX_MODULUS_BYTES = 1024;
const MIN_MODULUS_BYTES = 64;
const EXPLICIT_VERSION = 0xa0;

function checked(modulus: Uint8Array, exponent: number): RsaPublicKey {
  let start = 0;
  while (start < modulus.length && modulus[start] === 0) start++;
  const digits = modulus.slice(start);
  if (digits.length < MIN_MODULUS_BYTES || digits.length > MAX_MODULUS_BYTES)
    throw new DecodeError("limit", "RSA key", 0, `${digits.length * 8} bits`);
  if (exponent < 3 || ((digits[digits.length - 1] ?? 0) & 1) === 0)
    throw new DecodeError("invalid", "RSA key", 0, "exponent or modulus");
  return { modulus: digits, exponent };
}

/** A key of little-endian modulus and exponent, as in [MS-RDPBCGR] 2.2.1.4.3.1.1.1; throws `DecodeError`. */
export function rsaKeyOfLittleEndian(modulus: Uint8Array, exponent: number): RsaPublicKey {
  return checked(modulus.slice().reverse(), exponent);
}

/** The RSA key of an X.509 certificate in DER (RFC 5280 §4.1), whatever its algorithm identifier says. */
export function rsaKeyOfCertificate(der: Uint8Array): RsaPublicKey {
  const name = "certificate";
  const outer = new ByteReader(readBer(new ByteReader(der, name), Tag.sequence), name);
  const tbs = new ByteReader(readBer(outer, Tag.sequence), name);
  if (tbs.bytes[0] === EXPLICIT_VERSION) skipElement(tbs);
  // Serial number, signature algorithm, issuer, validity, subject.
  for (let count = 0; count < 5; count++) skipElement(tbs);
  const info = new ByteReader(readBer(tbs, Tag.sequence), name);
  skipElement(info);
  const bits = new ByteReader(readBer(info, Tag.bitString), name);
  bits.advance(1);
  const key = new ByteReader(readBer(bits, Tag.sequence), name);
  const modulus = readBer(key, Tag.integer);
  let exponent = 0;
  const digits = readBer(key, Tag.integer);
  if (digits.length > 5) throw key.fail("limit", "exponent");
  for (const byte of digits) exponent = exponent * 256 + byte;
  return checked(modulus, exponent);
}

function skipElement(reader: ByteReader): void {
  reader.advance(1);
  reader.advance(readBerLength(reader));
}

function toBigInt(bigEndian: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bigEndian) value = (value << 8n) | BigInt(byte);
  return value;
}

/**
 * [MS-RDPBCGR] 5.3.4.1: encrypts a little-endian secret without padding, the result little-endian with eight zero
 * bytes after it. The exponent is public: the time it takes tells nothing but the key's size.
 */
export function encryptRsaLittleEndian(secret: Uint8Array, key: RsaPublicKey): Uint8Array {
  const modulus = toBigInt(key.modulus);
  let base = toBigInt(secret.slice().reverse()) % modulus;
  let result = 1n;
  for (let exponent = BigInt(key.exponent); exponent > 0n; exponent >>= 1n) {
    if ((exponent & 1n) === 1n) result = (result * base) % modulus;
    base = (base * base) % modulus;
  }
  const bytes = new Uint8Array(key.modulus.length + 8);
  for (let at = 0; result > 0n; at++, result >>= 8n) bytes[at] = Number(result & 255n);
  return bytes;
}
