import { DecodeError } from "@poterne/bytes";
import { DerFields, listOf } from "../asn1/der-fields.ts";
import { contextTag, readOnly } from "../asn1/der-reader.ts";
import { readAny, readEnumerated, readObjectIdentifier, readOctets } from "../asn1/der-values.ts";
import {
  enumerated,
  field,
  objectIdentifier,
  octetString,
  optionalField,
  sequence,
} from "../asn1/der-writer.ts";
import { Oid, writeInitialToken } from "./token.ts";

/** NegTokenInit (RFC 4178 §4.2.1). */
export interface NegTokenInit {
  /** Identifiers of the mechanisms, best first. */
  readonly mechTypes: readonly Uint8Array[];
  /** The list as it stands in the message: what mechListMIC is over. */
  readonly mechTypeList: Uint8Array;
  readonly mechToken: Uint8Array | undefined;
}

/** Reads a NegTokenInit: the body of an InitialContextToken. Requested flags and hints are passed over. */
export function readNegTokenInit(body: Uint8Array): NegTokenInit {
  const structure = "NegTokenInit";
  const fields = new DerFields(readOnly(body, contextTag(0), structure), structure);
  return {
    mechTypes: fields.get(0, listOf(readObjectIdentifier)),
    mechTypeList: fields.get(0, readAny).slice(),
    mechToken: fields.find(2, readOctets),
  };
}

/** A mechTypes list (RFC 4178 §4.1). */
export function writeMechTypeList(mechTypes: readonly Uint8Array[]): Uint8Array {
  return sequence(...mechTypes.map(objectIdentifier));
}

/** Writes a NegTokenInit with its InitialContextToken around it. */
export function writeNegTokenInit(mechTypeList: Uint8Array, mechToken: Uint8Array): Uint8Array {
  const init = sequence(field(0, mechTypeList), field(2, octetString(mechToken)));
  return writeInitialToken({ mechanism: Oid.spnego, body: field(0, init) });
}

/** negState (RFC 4178 §4.2.2). */
export const NegState = {
  "accept-completed": 0,
  "accept-incomplete": 1,
  reject: 2,
  "request-mic": 3,
} as const;

/** NegTokenResp (RFC 4178 §4.2.2). */
export interface NegTokenResp {
  readonly negState: number | undefined;
  readonly supportedMech: Uint8Array | undefined;
  readonly responseToken: Uint8Array | undefined;
  readonly mechListMic: Uint8Array | undefined;
}

/** Reads a NegTokenResp. */
export function readNegTokenResp(token: Uint8Array): NegTokenResp {
  const structure = "NegTokenResp";
  const fields = new DerFields(readOnly(token, contextTag(1), structure), structure);
  const negState = fields.find(0, readEnumerated);
  if (negState !== undefined && (negState < 0 || negState > 3))
    throw new DecodeError("invalid", structure, 0, "negState");
  return {
    negState,
    supportedMech: fields.find(1, readObjectIdentifier),
    responseToken: fields.find(2, readOctets),
    mechListMic: fields.find(3, readOctets),
  };
}

/** Writes a NegTokenResp. */
export function writeNegTokenResp(resp: Partial<NegTokenResp>): Uint8Array {
  return field(
    1,
    sequence(
      optionalField(0, resp.negState, enumerated),
      optionalField(1, resp.supportedMech, objectIdentifier),
      optionalField(2, resp.responseToken, octetString),
      optionalField(3, resp.mechListMic, octetString),
    ),
  );
}
