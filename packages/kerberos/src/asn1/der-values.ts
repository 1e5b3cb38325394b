import { DecodeError, decodeUtf8 } from "@poterne/bytes";
import { MAX_NAME_BYTES } from "../limits.ts";
import { readOnly, Tag } from "./der-reader.ts";

/** Reads one whole DER value (identifier, length, contents, nothing after it). */
export type ValueReader<Value> = (der: Uint8Array, structure: string) => Value;

const MAX_INTEGER_OCTETS = 5;

function readInteger(der: Uint8Array, structure: string, tag: number): number {
  const contents = readOnly(der, tag, structure);
  const first = contents[0];
  if (first === undefined) throw new DecodeError("invalid", structure, 0, "empty number");
  if (contents.length > MAX_INTEGER_OCTETS)
    throw new DecodeError("limit", structure, 0, "number over 32 bits");
  const second = contents[1];
  if (second !== undefined && (first === 0 || first === 0xff) && (first & 0x80) === (second & 0x80))
    throw new DecodeError("invalid", structure, 0, "number longer than needed");
  let value = first >= 0x80 ? first - 256 : first;
  for (const octet of contents.subarray(1)) value = value * 256 + octet;
  return value;
}

/** Int32 (RFC 4120 §5.2.4): -2^31 to 2^31 - 1. */
export const readInt32: ValueReader<number> = (der, structure) => {
  const value = readInteger(der, structure, Tag.integer);
  if (value !== (value | 0)) throw new DecodeError("limit", structure, 0, "number over 32 bits");
  return value;
};

/** UInt32 (RFC 4120 §5.2.4): 0 to 2^32 - 1. A negative 32-bit number, as old peers send it, counts as its unsigned twin. */
export const readUint32: ValueReader<number> = (der, structure) => {
  const value = readInteger(der, structure, Tag.integer);
  if (value < -0x8000_0000 || value > 0xffff_ffff)
    throw new DecodeError("limit", structure, 0, "number over 32 bits");
  return value >>> 0;
};

/** Microseconds (RFC 4120 §5.2.4): 0 to 999 999. */
export const readMicroseconds: ValueReader<number> = (der, structure) => {
  const value = readInteger(der, structure, Tag.integer);
  if (value < 0 || value > 999_999) throw new DecodeError("invalid", structure, 0, "microseconds");
  return value;
};

/** ENUMERATED, as small as SPNEGO's states. */
export const readEnumerated: ValueReader<number> = (der, structure) =>
  readInteger(der, structure, Tag.enumerated);

/** OCTET STRING: a view on its bytes. */
export const readOctets: ValueReader<Uint8Array> = (der, structure) =>
  readOnly(der, Tag.octetString, structure);

/**
 * KerberosString (RFC 4120 §5.2.1) as UTF-8, the way every present KDC writes it; without control characters. What is no
 * UTF-8 is refused: two names must not look the same once decoded.
 */
export const readKerberosString: ValueReader<string> = (der, structure) => {
  const contents = readOnly(der, Tag.generalString, structure);
  if (contents.length > MAX_NAME_BYTES) throw new DecodeError("limit", structure, 0, "text");
  if (contents.some((octet) => octet < 0x20 || octet === 0x7f))
    throw new DecodeError("invalid", structure, 0, "control character");
  const text = decodeUtf8(contents);
  if (text.includes("\ufffd")) throw new DecodeError("invalid", structure, 0, "not UTF-8");
  return text;
};

/** Text for people of any length and content that the caller cleans. */
export const readFreeText: ValueReader<string> = (der, structure) =>
  decodeUtf8(readOnly(der, Tag.generalString, structure).subarray(0, MAX_NAME_BYTES));

/** KerberosTime (RFC 4120 §5.2.3), `YYYYMMDDhhmmssZ`: Unix milliseconds. */
export const readTime: ValueReader<number> = (der, structure) => {
  const text = decodeUtf8(readOnly(der, Tag.generalizedTime, structure));
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) throw new DecodeError("invalid", structure, 0, "form of the time");
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  const isReal = month >= 1 && month <= 12 && new Date(time).getUTCDate() === day && hour < 24 && minute < 60;
  if (!isReal || second > 60) throw new DecodeError("invalid", structure, 0, "no such time");
  return time;
};

/** KerberosFlags (RFC 4120 §5.2.8): the first 32 bits, bit 0 the highest; missing bits are 0. */
export const readFlags: ValueReader<number> = (der, structure) => {
  const contents = readOnly(der, Tag.bitString, structure);
  const unused = contents[0];
  if (unused === undefined || unused > 7 || (contents.length === 1 && unused !== 0))
    throw new DecodeError("invalid", structure, 0, "bit string");
  let flags = 0;
  for (let index = 1; index <= 4; index++) flags = (flags << 8) | (contents[index] ?? 0);
  return flags >>> 0;
};

/** OBJECT IDENTIFIER: its contents' octets, to be compared as they are. */
export const readObjectIdentifier: ValueReader<Uint8Array> = (der, structure) =>
  readOnly(der, Tag.objectIdentifier, structure);

/** Any one value, as it is. */
export const readAny: ValueReader<Uint8Array> = (der) => der;
