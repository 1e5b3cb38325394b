import { DerFields, requireNumber } from "../asn1/der-fields.ts";
import { applicationTag, readOnly } from "../asn1/der-reader.ts";
import {
  readFlags,
  readInt32,
  readKerberosString,
  readMicroseconds,
  readTime,
  readUint32,
} from "../asn1/der-values.ts";
import {
  application,
  field,
  integer,
  kerberosFlags,
  kerberosString,
  kerberosTime,
  optionalField,
  sequence,
} from "../asn1/der-writer.ts";
import type { EncryptionTools } from "../encryption/encryption.ts";
import { type EncryptionKey, readKey, writeKey } from "../encryption/key.ts";
import {
  type Checksum,
  type EncryptedData,
  readChecksum,
  readEncryptedData,
  writeChecksum,
  writeEncryptedData,
} from "./encrypted-data.ts";
import { MessageType, PVNO, StructureTag } from "./numbers.ts";
import { microseconds } from "./pa-data.ts";
import { type PrincipalName, readPrincipalName, writePrincipalName } from "./principal.ts";
import { readTicket, type Ticket } from "./ticket.ts";

/** AP-REQ (RFC 4120 §5.5.1). */
export interface ApRequest {
  readonly options: number;
  readonly ticket: Ticket;
  readonly authenticator: EncryptedData;
}

/** Reads an AP-REQ. */
export function decodeApRequest(der: Uint8Array): ApRequest {
  const structure = "AP-REQ";
  const fields = new DerFields(readOnly(der, applicationTag(MessageType.AP_REQ), structure), structure);
  requireNumber(fields.get(0, readInt32), PVNO, structure);
  requireNumber(fields.get(1, readInt32), MessageType.AP_REQ, structure);
  return {
    options: fields.get(2, readFlags),
    ticket: fields.get(3, readTicket),
    authenticator: fields.get(4, readEncryptedData),
  };
}

/** Writes an AP-REQ around a ticket as it came. */
export function encodeApRequest(request: {
  readonly options: number;
  readonly ticket: Uint8Array;
  readonly authenticator: EncryptedData;
}): Uint8Array {
  return application(
    MessageType.AP_REQ,
    sequence(
      field(0, integer(PVNO)),
      field(1, integer(MessageType.AP_REQ)),
      field(2, kerberosFlags(request.options)),
      field(3, request.ticket),
      field(4, writeEncryptedData(request.authenticator)),
    ),
  );
}

/** A moment as authenticators name it. */
export interface Stamp {
  /** Unix milliseconds, whole seconds. */
  readonly ctimeMs: number;
  /** Microseconds within the second. */
  readonly cusec: number;
}

/** A stamp for now that no other authenticator of this key has: what is below a millisecond is chance. */
export function makeStamp({ randomBytes }: EncryptionTools, nowMs: number): Stamp {
  const chance = randomBytes(2).reduce((value, octet) => value * 256 + octet, 0) % 1000;
  return { ctimeMs: Math.floor(nowMs / 1000) * 1000, cusec: microseconds(nowMs) + chance };
}

/** Authenticator (RFC 4120 §5.5.1). */
export interface Authenticator extends Stamp {
  readonly crealm: string;
  readonly cname: PrincipalName;
  readonly checksum: Checksum | undefined;
  readonly subkey: EncryptionKey | undefined;
  readonly sequenceNumber: number | undefined;
}

/** Reads an Authenticator. */
export function decodeAuthenticator(der: Uint8Array): Authenticator {
  const structure = "Authenticator";
  const fields = new DerFields(
    readOnly(der, applicationTag(StructureTag.Authenticator), structure),
    structure,
  );
  requireNumber(fields.get(0, readInt32), PVNO, structure);
  return {
    crealm: fields.get(1, readKerberosString),
    cname: fields.get(2, readPrincipalName),
    checksum: fields.find(3, readChecksum),
    cusec: fields.get(4, readMicroseconds),
    ctimeMs: fields.get(5, readTime),
    subkey: fields.find(6, readKey),
    sequenceNumber: fields.find(7, readUint32),
  };
}

/** Writes an Authenticator. */
export function encodeAuthenticator(authenticator: Authenticator): Uint8Array {
  return application(
    StructureTag.Authenticator,
    sequence(
      field(0, integer(PVNO)),
      field(1, kerberosString(authenticator.crealm)),
      field(2, writePrincipalName(authenticator.cname)),
      optionalField(3, authenticator.checksum, writeChecksum),
      field(4, integer(authenticator.cusec)),
      field(5, kerberosTime(authenticator.ctimeMs)),
      optionalField(6, authenticator.subkey, writeKey),
      optionalField(7, authenticator.sequenceNumber, integer),
    ),
  );
}

/** Reads an AP-REP (RFC 4120 §5.5.2): its secret part, closed. */
export function decodeApReply(der: Uint8Array): EncryptedData {
  const structure = "AP-REP";
  const fields = new DerFields(readOnly(der, applicationTag(MessageType.AP_REP), structure), structure);
  requireNumber(fields.get(0, readInt32), PVNO, structure);
  requireNumber(fields.get(1, readInt32), MessageType.AP_REP, structure);
  return fields.get(2, readEncryptedData);
}

/** Writes an AP-REP. */
export function encodeApReply(encPart: EncryptedData): Uint8Array {
  return application(
    MessageType.AP_REP,
    sequence(
      field(0, integer(PVNO)),
      field(1, integer(MessageType.AP_REP)),
      field(2, writeEncryptedData(encPart)),
    ),
  );
}

/** EncAPRepPart (RFC 4120 §5.5.2). */
export interface EncApReplyPart extends Stamp {
  readonly subkey: EncryptionKey | undefined;
  readonly sequenceNumber: number | undefined;
}

/** Reads an EncAPRepPart. */
export function decodeEncApReplyPart(der: Uint8Array): EncApReplyPart {
  const structure = "EncAPRepPart";
  const fields = new DerFields(
    readOnly(der, applicationTag(StructureTag.EncAPRepPart), structure),
    structure,
  );
  return {
    ctimeMs: fields.get(0, readTime),
    cusec: fields.get(1, readMicroseconds),
    subkey: fields.find(2, readKey),
    sequenceNumber: fields.find(3, readUint32),
  };
}

/** Writes an EncAPRepPart. */
export function encodeEncApReplyPart(part: EncApReplyPart): Uint8Array {
  return application(
    StructureTag.EncAPRepPart,
    sequence(
      field(0, kerberosTime(part.ctimeMs)),
      field(1, integer(part.cusec)),
      optionalField(2, part.subkey, writeKey),
      optionalField(3, part.sequenceNumber, integer),
    ),
  );
}
