import { ByteReader } from "@poterne/bytes";
import type { Credentials } from "../connect/client-info.ts";
import { encodeBer, encodeBerInteger, readBer, readBerInteger, readBerLength, Tag } from "../encoding/ber.ts";
import { encodeUtf16 } from "../encoding/utf16.ts";

/** [MS-CSSP] 2.2.1 TSRequest; fields left out are undefined. */
export interface TsRequest {
  readonly version: number;
  readonly negoToken?: Uint8Array;
  readonly authInfo?: Uint8Array;
  readonly pubKeyAuth?: Uint8Array;
  /** NTSTATUS of a server from version 3 on. */
  readonly errorCode?: number;
  readonly clientNonce?: Uint8Array;
}

const CONTEXT = 0xa0;
/** TSCredentials.credType: a TSPasswordCreds. */
const CRED_TYPE_PASSWORD = 1;

function field(number: number, content: Uint8Array): Uint8Array {
  return encodeBer(CONTEXT | number, content);
}

function octets(bytes: Uint8Array): Uint8Array {
  return encodeBer(Tag.octetString, bytes);
}

/** [MS-CSSP] 2.2.1 TSRequest of the client. */
export function encodeTsRequest(request: TsRequest): Uint8Array {
  const parts = [field(0, encodeBerInteger(request.version))];
  if (request.negoToken !== undefined) {
    const item = encodeBer(Tag.sequence, field(0, octets(request.negoToken)));
    parts.push(field(1, encodeBer(Tag.sequence, item)));
  }
  if (request.authInfo !== undefined) parts.push(field(2, octets(request.authInfo)));
  if (request.pubKeyAuth !== undefined) parts.push(field(3, octets(request.pubKeyAuth)));
  if (request.clientNonce !== undefined) parts.push(field(5, octets(request.clientNonce)));
  return encodeBer(Tag.sequence, ...parts);
}

/** [MS-CSSP] 2.2.1 TSRequest of the server; of several tokens the first counts. Throws `DecodeError`. */
export function decodeTsRequest(bytes: Uint8Array): TsRequest {
  const outer = new ByteReader(bytes, "TSRequest");
  const reader = new ByteReader(readBer(outer, Tag.sequence), "TSRequest");
  let request: TsRequest = { version: readBerInteger(openField(reader, CONTEXT)) };
  while (reader.remaining > 0) {
    const tag = reader.u8();
    const content = new ByteReader(reader.take(readBerLength(reader)), "TSRequest");
    request = { ...request, ...decodeField(tag - CONTEXT, content) };
  }
  return request;
}

function openField(reader: ByteReader, tag: number): ByteReader {
  return new ByteReader(readBer(reader, tag), "TSRequest");
}

function decodeField(number: number, content: ByteReader): Partial<TsRequest> {
  switch (number) {
    case 1: {
      const list = new ByteReader(readBer(content, Tag.sequence), "TSRequest");
      const item = new ByteReader(readBer(list, Tag.sequence), "TSRequest");
      return { negoToken: readBer(openField(item, CONTEXT), Tag.octetString).slice() };
    }
    case 2:
      return { authInfo: readBer(content, Tag.octetString).slice() };
    case 3:
      return { pubKeyAuth: readBer(content, Tag.octetString).slice() };
    case 4:
      return { errorCode: readErrorCode(content) };
    case 5:
      return { clientNonce: readBer(content, Tag.octetString).slice() };
    default:
      return {};
  }
}

/** An NTSTATUS: as a signed INTEGER of four bytes, or an unsigned one of five. */
function readErrorCode(content: ByteReader): number {
  const bytes = readBer(content, Tag.integer);
  let value = 0;
  for (const byte of bytes.slice(-4)) value = ((value << 8) | byte) >>> 0;
  return value;
}

/** [MS-CSSP] 2.2.1.2 TSCredentials with a TSPasswordCreds. */
export function encodeTsCredentials(credentials: Credentials): Uint8Array {
  const password = encodeBer(
    Tag.sequence,
    field(0, octets(encodeUtf16(credentials.domain))),
    field(1, octets(encodeUtf16(credentials.username))),
    field(2, octets(encodeUtf16(credentials.password))),
  );
  return encodeBer(Tag.sequence, field(0, encodeBerInteger(CRED_TYPE_PASSWORD)), field(1, octets(password)));
}
