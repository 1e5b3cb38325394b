import { DerFields } from "../asn1/der-fields.ts";
import { readInt32, readOctets, readUint32, type ValueReader } from "../asn1/der-values.ts";
import { field, integer, octetString, optionalField, sequence } from "../asn1/der-writer.ts";

/** EncryptedData (RFC 4120 §5.2.9), still closed. */
export interface EncryptedData {
  readonly etype: number;
  /** The version of the long-term key, when one was used. */
  readonly kvno: number | undefined;
  readonly cipher: Uint8Array;
}

/** Reads an EncryptedData. */
export const readEncryptedData: ValueReader<EncryptedData> = (der, structure) => {
  const fields = new DerFields(der, structure);
  return {
    etype: fields.get(0, readInt32),
    kvno: fields.find(1, readUint32),
    cipher: fields.get(2, readOctets),
  };
};

/** Writes an EncryptedData. */
export function writeEncryptedData({ etype, kvno, cipher }: EncryptedData): Uint8Array {
  return sequence(field(0, integer(etype)), optionalField(1, kvno, integer), field(2, octetString(cipher)));
}

/** Checksum (RFC 4120 §5.2.9). */
export interface Checksum {
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** Reads a Checksum. */
export const readChecksum: ValueReader<Checksum> = (der, structure) => {
  const fields = new DerFields(der, structure);
  return { type: fields.get(0, readInt32), bytes: fields.get(1, readOctets) };
};

/** Writes a Checksum. */
export function writeChecksum({ type, bytes }: Checksum): Uint8Array {
  return sequence(field(0, integer(type)), field(1, octetString(bytes)));
}
