import { DecodeError } from "@poterne/bytes";
import { DerFields, requireNumber } from "../asn1/der-fields.ts";
import { applicationTag, DerReader, readOnly } from "../asn1/der-reader.ts";
import { readFlags, readInt32, readKerberosString, readTime, readUint32 } from "../asn1/der-values.ts";
import { type EncryptionKey, readKey } from "../encryption/key.ts";
import { type EncryptedData, readEncryptedData } from "./encrypted-data.ts";
import { MessageType, PVNO, StructureTag } from "./numbers.ts";
import { type PaData, readMethodData } from "./pa-data.ts";
import { type PrincipalName, readPrincipalName } from "./principal.ts";
import { readTicket, type Ticket } from "./ticket.ts";

/** AS-REP or TGS-REP (RFC 4120 §5.4.2), its secret part closed. */
export interface KdcReply {
  readonly padata: readonly PaData[];
  readonly crealm: string;
  readonly cname: PrincipalName;
  readonly ticket: Ticket;
  readonly encPart: EncryptedData;
}

/** Reads AS-REP or TGS-REP. */
export function decodeKdcReply(
  der: Uint8Array,
  type: typeof MessageType.AS_REP | typeof MessageType.TGS_REP,
): KdcReply {
  const structure = type === MessageType.AS_REP ? "AS-REP" : "TGS-REP";
  const fields = new DerFields(readOnly(der, applicationTag(type), structure), structure);
  requireNumber(fields.get(0, readInt32), PVNO, structure);
  requireNumber(fields.get(1, readInt32), type, structure);
  return {
    padata: fields.find(2, readMethodData) ?? [],
    crealm: fields.get(3, readKerberosString),
    cname: fields.get(4, readPrincipalName),
    ticket: fields.get(5, readTicket),
    encPart: fields.get(6, readEncryptedData),
  };
}

/** EncKDCRepPart (RFC 4120 §5.4.2, RFC 6806 §11). Times are Unix milliseconds. */
export interface EncKdcReplyPart {
  readonly key: EncryptionKey;
  readonly nonce: number;
  readonly flags: number;
  readonly authtimeMs: number;
  readonly starttimeMs: number;
  readonly endtimeMs: number;
  readonly srealm: string;
  readonly sname: PrincipalName;
  readonly encryptedPaData: readonly PaData[];
}

/** Reads EncASRepPart or EncTGSRepPart: KDCs exist that use the latter's tag in both replies (RFC 4120 §5.4.2). */
export function decodeEncKdcReplyPart(der: Uint8Array): EncKdcReplyPart {
  const structure = "EncKDCRepPart";
  const { tag } = new DerReader(der, structure).next();
  const isKnown =
    tag === applicationTag(StructureTag.EncASRepPart) || tag === applicationTag(StructureTag.EncTGSRepPart);
  if (!isKnown) throw new DecodeError("invalid", structure, 0, `tag ${tag.toString(16)}`);
  const fields = new DerFields(readOnly(der, tag, structure), structure);
  const authtimeMs = fields.get(5, readTime);
  return {
    key: fields.get(0, readKey),
    nonce: fields.get(2, readUint32),
    flags: fields.get(4, readFlags),
    authtimeMs,
    starttimeMs: fields.find(6, readTime) ?? authtimeMs,
    endtimeMs: fields.get(7, readTime),
    srealm: fields.get(9, readKerberosString),
    sname: fields.get(10, readPrincipalName),
    encryptedPaData: fields.find(12, readMethodData) ?? [],
  };
}
