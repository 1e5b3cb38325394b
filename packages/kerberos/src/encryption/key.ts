import { DecodeError } from "@poterne/bytes";
import { DerFields } from "../asn1/der-fields.ts";
import { readInt32, readOctets, type ValueReader } from "../asn1/der-values.ts";
import { field, integer, octetString, sequence } from "../asn1/der-writer.ts";
import { findProfile } from "./profiles.ts";

/** EncryptionKey (RFC 4120 §5.2.9) of a supported encryption type. The owner wipes `bytes` when it is done. */
export interface EncryptionKey {
  readonly etype: number;
  readonly bytes: Uint8Array;
}

/** Reads an EncryptionKey into a buffer of its own; another type's is `unsupported`, another length `invalid`. */
export const readKey: ValueReader<EncryptionKey> = (der, structure) => {
  const fields = new DerFields(der, structure);
  const etype = fields.get(0, readInt32);
  const bytes = fields.get(1, readOctets);
  const profile = findProfile(etype);
  if (profile === undefined) throw new DecodeError("unsupported", structure, 0, `encryption type ${etype}`);
  if (bytes.length !== profile.keyBytes) throw new DecodeError("invalid", structure, 0, "key length");
  return { etype, bytes: bytes.slice() };
};

/** Writes an EncryptionKey. */
export function writeKey(key: EncryptionKey): Uint8Array {
  return sequence(field(0, integer(key.etype)), field(1, octetString(key.bytes)));
}
