import { DerFields, requireNumber } from "../asn1/der-fields.ts";
import { applicationTag, readOnly } from "../asn1/der-reader.ts";
import {
  readFlags,
  readInt32,
  readKerberosString,
  readOctets,
  readTime,
  type ValueReader,
} from "../asn1/der-values.ts";
import { type EncryptionKey, readKey } from "../encryption/key.ts";
import { type EncryptedData, readEncryptedData } from "./encrypted-data.ts";
import { PVNO, StructureTag } from "./numbers.ts";
import { type PrincipalName, readPrincipalName } from "./principal.ts";

/** Ticket (RFC 4120 §5.3), its secret part closed. */
export interface Ticket {
  readonly realm: string;
  readonly sname: PrincipalName;
  readonly encPart: EncryptedData;
  /** The ticket as it came, to be handed on. */
  readonly der: Uint8Array;
}

/** Reads a Ticket. */
export const readTicket: ValueReader<Ticket> = (der, structure) => {
  const fields = new DerFields(readOnly(der, applicationTag(StructureTag.Ticket), structure), structure);
  requireNumber(fields.get(0, readInt32), PVNO, structure);
  return {
    realm: fields.get(1, readKerberosString),
    sname: fields.get(2, readPrincipalName),
    encPart: fields.get(3, readEncryptedData),
    der: der.slice(),
  };
};

/** EncTicketPart (RFC 4120 §5.3): what only the service and the KDC can read. Times are Unix milliseconds. */
export interface EncTicketPart {
  readonly flags: number;
  readonly key: EncryptionKey;
  readonly crealm: string;
  readonly cname: PrincipalName;
  /** Whether realms between the person's and the service's are named. */
  readonly hasTransited: boolean;
  readonly starttimeMs: number;
  readonly endtimeMs: number;
}

/** Reads an EncTicketPart. Where no start is given the ticket starts at its authentication (RFC 4120 §5.3). */
export function decodeEncTicketPart(der: Uint8Array): EncTicketPart {
  const structure = "EncTicketPart";
  const fields = new DerFields(
    readOnly(der, applicationTag(StructureTag.EncTicketPart), structure),
    structure,
  );
  const authtimeMs = fields.get(5, readTime);
  return {
    flags: fields.get(0, readFlags),
    key: fields.get(1, readKey),
    crealm: fields.get(2, readKerberosString),
    cname: fields.get(3, readPrincipalName),
    hasTransited: fields.get(4, readTransited).length > 0,
    starttimeMs: fields.find(6, readTime) ?? authtimeMs,
    endtimeMs: fields.get(7, readTime),
  };
}

/** TransitedEncoding (RFC 4120 §5.3): its contents, not unpacked. */
const readTransited: ValueReader<Uint8Array> = (der, structure) => {
  const fields = new DerFields(der, structure);
  fields.get(0, readInt32);
  return fields.get(1, readOctets);
};
