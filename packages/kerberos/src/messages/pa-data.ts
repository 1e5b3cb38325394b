import { DecodeError, decodeUtf8 } from "@poterne/bytes";
import { DerFields, listOf } from "../asn1/der-fields.ts";
import { readOnly, Tag } from "../asn1/der-reader.ts";
import { readInt32, readOctets, type ValueReader } from "../asn1/der-values.ts";
import { field, integer, kerberosTime, octetString, sequence } from "../asn1/der-writer.ts";
import { MAX_ITERATIONS, MAX_SALT_BYTES, MIN_ITERATIONS } from "../limits.ts";

/** PA-DATA (RFC 4120 §5.2.7). */
export interface PaData {
  readonly type: number;
  readonly value: Uint8Array;
}

const readPaData: ValueReader<PaData> = (der, structure) => {
  const fields = new DerFields(der, structure);
  return { type: fields.get(1, readInt32), value: fields.get(2, readOctets) };
};

/** Reads METHOD-DATA (RFC 4120 §5.9.1) and the `padata` of replies. */
export const readMethodData: ValueReader<PaData[]> = listOf(readPaData);

/** Writes a PA-DATA. */
export function writePaData({ type, value }: PaData): Uint8Array {
  return sequence(field(1, integer(type)), field(2, octetString(value)));
}

/** One entry of ETYPE-INFO2 (RFC 4120 §5.2.7.5): how a password becomes a key. */
export interface EtypeInfo {
  readonly etype: number;
  readonly salt: Uint8Array | undefined;
  readonly iterations: number | undefined;
}

const readEtypeInfo: ValueReader<EtypeInfo> = (der, structure) => {
  const fields = new DerFields(der, structure);
  const salt = fields.find(1, (value, name) => readOnly(value, Tag.generalString, name));
  if (salt !== undefined && salt.length > MAX_SALT_BYTES)
    throw new DecodeError("limit", structure, 0, "salt");
  return { etype: fields.get(0, readInt32), salt: salt?.slice(), iterations: fields.find(2, readIterations) };
};

/** RFC 3962 §4 and RFC 8009 §4: four octets. Another form belongs to another encryption type and counts as no hint. */
const readIterations: ValueReader<number | undefined> = (der, structure) => {
  const octets = readOctets(der, structure);
  if (octets.length !== 4) return undefined;
  const iterations = octets.reduce((value, octet) => value * 256 + octet, 0);
  if (iterations < MIN_ITERATIONS || iterations > MAX_ITERATIONS)
    throw new DecodeError("limit", structure, 0, `${iterations} iterations`);
  return iterations;
};

/** Reads ETYPE-INFO2. Iterations outside `MIN_ITERATIONS` to `MAX_ITERATIONS` and long salts are refused as `limit`. */
export function decodeEtypeInfo2(der: Uint8Array): EtypeInfo[] {
  return listOf(readEtypeInfo)(der, "ETYPE-INFO2");
}

/** Writes PA-ENC-TS-ENC (RFC 4120 §5.2.7.2): the time that proves the password. */
export function writeEncTimestamp(timeMs: number): Uint8Array {
  return sequence(field(0, kerberosTime(timeMs)), field(1, integer(microseconds(timeMs))));
}

/** The part of a time below one second, in microseconds. */
export function microseconds(timeMs: number): number {
  return (Math.floor(timeMs) % 1000) * 1000;
}

/**
 * The NTSTATUS of KERB_EXT_ERROR ([MS-KILE] 2.2.1), which Windows adds to errors inside KERB-ERROR-DATA or as PA-PW-SALT;
 * undefined when there is none. Anything unreadable counts as none: it only makes a reason more exact.
 */
export function findNtStatus(edata: Uint8Array): number | undefined {
  const extended = (bytes: Uint8Array) =>
    bytes.length === 12 ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) : undefined;
  try {
    const fields = new DerFields(edata, "KERB-ERROR-DATA");
    if (fields.get(1, readInt32) === 3) return extended(fields.get(2, readOctets));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  try {
    const entries = readMethodData(edata, "METHOD-DATA");
    return entries.map(({ type, value }) => (type === 3 ? extended(value) : undefined)).find(Boolean);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return undefined;
  }
}

/** Text of a peer on one line, without control characters, at most 200 characters. */
export function cleanText(bytes: Uint8Array | string): string {
  const text = typeof bytes === "string" ? bytes : decodeUtf8(bytes);
  return text
    .replace(/\p{C}+/gu, " ")
    .trim()
    .slice(0, 200);
}
