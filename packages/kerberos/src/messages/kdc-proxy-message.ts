import { ByteReader, ByteWriter, DecodeError } from "@poterne/bytes";
import { DerFields } from "../asn1/der-fields.ts";
import { readOctets } from "../asn1/der-values.ts";
import { field, kerberosString, octetString, sequence } from "../asn1/der-writer.ts";

/** Puts a message behind its length in four octets, as over TCP (RFC 4120 §7.2.2). */
export function frameMessage(message: Uint8Array): Uint8Array {
  return new ByteWriter(message.length + 4).u32(message.length).put(message).finish();
}

/** [MS-KKDCP] 2.2.2 KDC-PROXY-MESSAGE to a proxy: a framed message and the realm it is for. */
export function encodeKdcProxyMessage(message: Uint8Array, realm: string): Uint8Array {
  return sequence(field(0, octetString(frameMessage(message))), field(1, kerberosString(realm)));
}

/** The message in a proxy's answer; a wrong length before it is a `DecodeError` `invalid`. */
export function decodeKdcProxyMessage(der: Uint8Array): Uint8Array {
  const structure = "KDC-PROXY-MESSAGE";
  const framed = new ByteReader(new DerFields(der, structure).get(0, readOctets), structure);
  const length = framed.u32();
  if (length !== framed.remaining) throw new DecodeError("invalid", structure, 0, "length of the message");
  return framed.rest();
}
