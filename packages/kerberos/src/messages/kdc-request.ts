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
import { type MessageType, PVNO } from "./numbers.ts";
import { type PaData, writePaData } from "./pa-data.ts";
import { type PrincipalName, writePrincipalName } from "./principal.ts";

/** KDC-REQ-BODY (RFC 4120 §5.4.1) as asked here: no addresses, not postdated, not renewable. */
export interface KdcRequestBody {
  readonly options: number;
  /** The person; only in AS-REQ. */
  readonly cname: PrincipalName | undefined;
  /** The service's realm; in AS-REQ the person's too. */
  readonly realm: string;
  readonly sname: PrincipalName;
  /** Unix milliseconds. */
  readonly tillMs: number;
  /** 0 to 2^31 - 1. */
  readonly nonce: number;
  /** Encryption types wanted, best first. */
  readonly etypes: readonly number[];
}

/** Writes KDC-REQ-BODY. */
export function writeKdcRequestBody(body: KdcRequestBody): Uint8Array {
  return sequence(
    field(0, kerberosFlags(body.options)),
    optionalField(1, body.cname, writePrincipalName),
    field(2, kerberosString(body.realm)),
    field(3, writePrincipalName(body.sname)),
    field(5, kerberosTime(body.tillMs)),
    field(7, integer(body.nonce)),
    field(8, sequence(...body.etypes.map(integer))),
  );
}

/** Writes AS-REQ or TGS-REQ (RFC 4120 §5.4.1) around a body that was written already. */
export function writeKdcRequest(
  type: typeof MessageType.AS_REQ | typeof MessageType.TGS_REQ,
  padata: readonly PaData[],
  body: Uint8Array,
): Uint8Array {
  return application(
    type,
    sequence(
      field(1, integer(PVNO)),
      field(2, integer(type)),
      padata.length === 0 ? undefined : field(3, sequence(...padata.map(writePaData))),
      field(4, body),
    ),
  );
}
