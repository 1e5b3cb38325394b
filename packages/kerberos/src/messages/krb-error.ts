import { DerFields, requireNumber } from "../asn1/der-fields.ts";
import { applicationTag, readOnly } from "../asn1/der-reader.ts";
import {
  readFreeText,
  readInt32,
  readKerberosString,
  readMicroseconds,
  readOctets,
  readTime,
} from "../asn1/der-values.ts";
import { application, field, integer, kerberosString, kerberosTime, sequence } from "../asn1/der-writer.ts";
import { MessageType, PVNO } from "./numbers.ts";
import { cleanText, microseconds } from "./pa-data.ts";
import { type Principal, writePrincipalName } from "./principal.ts";

/** KRB-ERROR (RFC 4120 §5.9.1). Nothing in it is protected: it may come from anyone on the way. */
export interface KrbError {
  readonly code: number;
  /** The sender's time, Unix milliseconds. */
  readonly stimeMs: number;
  /** The person's realm, in referrals (RFC 6806 §7). */
  readonly crealm: string | undefined;
  /** The sender's words, cleaned; empty when there are none. */
  readonly text: string;
  readonly edata: Uint8Array | undefined;
}

/** Whether a message is a KRB-ERROR, by its first octet. */
export function isKrbError(der: Uint8Array): boolean {
  return der[0] === applicationTag(MessageType.KRB_ERROR);
}

/** Reads a KRB-ERROR. */
export function decodeKrbError(der: Uint8Array): KrbError {
  const structure = "KRB-ERROR";
  const fields = new DerFields(readOnly(der, applicationTag(MessageType.KRB_ERROR), structure), structure);
  requireNumber(fields.get(0, readInt32), PVNO, structure);
  requireNumber(fields.get(1, readInt32), MessageType.KRB_ERROR, structure);
  return {
    stimeMs: fields.get(4, readTime) + Math.floor(fields.get(5, readMicroseconds) / 1000),
    code: fields.get(6, readInt32),
    crealm: fields.find(7, readKerberosString),
    text: cleanText(fields.find(11, readFreeText) ?? ""),
    edata: fields.find(12, readOctets),
  };
}

/** Writes a KRB-ERROR of an acceptor: only the code and its time, so that the initiator may set its clock right. */
export function encodeKrbError(code: number, server: Principal, nowMs: number): Uint8Array {
  return application(
    MessageType.KRB_ERROR,
    sequence(
      field(0, integer(PVNO)),
      field(1, integer(MessageType.KRB_ERROR)),
      field(4, kerberosTime(nowMs)),
      field(5, integer(microseconds(nowMs))),
      field(6, integer(code)),
      field(9, kerberosString(server.realm)),
      field(10, writePrincipalName(server.name)),
    ),
  );
}
