import { ByteReader, DecodeError, equalBytes, fromHex } from "@poterne/bytes";
import { DerReader, Tag } from "../asn1/der-reader.ts";
import { element, objectIdentifier } from "../asn1/der-writer.ts";
import { MAX_MESSAGE_BYTES } from "../limits.ts";

/** Contents of the mechanisms' object identifiers. */
export const Oid = {
  /** 1.2.840.113554.1.2.2, Kerberos (RFC 4121 §1). */
  krb5: fromHex("2a864886f712010202"),
  /** 1.2.840.48018.1.2.2, Kerberos as Windows 2000 misspelt it ([MS-SPNG] 3.1.5.2). */
  msKrb5: fromHex("2a864882f712010202"),
  /** 1.3.6.1.5.5.2, SPNEGO (RFC 4178). */
  spnego: fromHex("2b0601050502"),
} as const;

/** Whether an identifier means Kerberos, spelt either way. */
export function isKerberosOid(oid: Uint8Array): boolean {
  return equalBytes(oid, Oid.krb5) || equalBytes(oid, Oid.msKrb5);
}

/** InitialContextToken (RFC 2743 §3.1): a mechanism's identifier and its token. */
export interface InitialToken {
  readonly mechanism: Uint8Array;
  readonly body: Uint8Array;
}

const INITIAL_TOKEN = 0x60;

/** Writes an InitialContextToken. */
export function writeInitialToken({ mechanism, body }: InitialToken): Uint8Array {
  return element(INITIAL_TOKEN, objectIdentifier(mechanism), body);
}

/** Reads an InitialContextToken of at most `MAX_MESSAGE_BYTES`. */
export function readInitialToken(token: Uint8Array): InitialToken {
  const structure = "InitialContextToken";
  if (token.length > MAX_MESSAGE_BYTES) throw new DecodeError("limit", structure, token.length);
  const outer = new DerReader(token, structure);
  const { tag, contents } = outer.next();
  if (tag !== INITIAL_TOKEN || !outer.isAtEnd) throw new DecodeError("invalid", structure, 0);
  const identifier = new DerReader(contents, structure).next();
  if (identifier.tag !== Tag.objectIdentifier) throw new DecodeError("invalid", structure, 0, "mechanism");
  return { mechanism: identifier.contents, body: contents.subarray(identifier.whole.length) };
}

/** Token ids of Kerberos' context tokens (RFC 4121 §4.1). */
export const TokenId = { KRB_AP_REQ: 0x0100, KRB_AP_REP: 0x0200, KRB_ERROR: 0x0300 } as const;

/** Wraps a Kerberos message as context token (RFC 4121 §4.1). */
export function writeContextToken(id: number, message: Uint8Array): Uint8Array {
  const body = new Uint8Array(message.length + 2);
  body[0] = id >> 8;
  body[1] = id & 0xff;
  body.set(message, 2);
  return writeInitialToken({ mechanism: Oid.krb5, body });
}

/** Takes a Kerberos message out of its context token; another mechanism's is `unsupported`. */
export function readContextToken(token: Uint8Array): { readonly id: number; readonly message: Uint8Array } {
  const { mechanism, body } = readInitialToken(token);
  if (!isKerberosOid(mechanism)) throw new DecodeError("unsupported", "context token", 0, "not Kerberos");
  const reader = new ByteReader(body, "context token");
  return { id: reader.u16(), message: reader.rest() };
}
