import { ByteReader, ByteWriter } from "@poterne/bytes";
import { type RsaPublicKey, rsaKeyOfCertificate, rsaKeyOfLittleEndian } from "./rsa.ts";

/** [MS-RDPELE] 2.2.2 bMsgType. */
export const LicenceMessage = {
  LICENSE_REQUEST: 0x01,
  PLATFORM_CHALLENGE: 0x02,
  NEW_LICENSE: 0x03,
  UPGRADE_LICENSE: 0x04,
  LICENSE_INFO: 0x12,
  NEW_LICENSE_REQUEST: 0x13,
  PLATFORM_CHALLENGE_RESPONSE: 0x15,
  ERROR_ALERT: 0xff,
} as const;

/** [MS-RDPBCGR] 2.2.1.12.1.2 wBlobType. */
export const BlobType = {
  BB_DATA_BLOB: 0x0001,
  BB_RANDOM_BLOB: 0x0002,
  BB_CERTIFICATE_BLOB: 0x0003,
  BB_ENCRYPTED_DATA_BLOB: 0x0009,
  BB_CLIENT_USER_NAME_BLOB: 0x000f,
  BB_CLIENT_MACHINE_NAME_BLOB: 0x0010,
} as const;

const SEC_LICENSE_PKT = 0x80;
const PREAMBLE_VERSION_3_0 = 0x03;
const EXTENDED_ERROR_MSG_SUPPORTED = 0x80;
const CERT_CHAIN_VERSION_1 = 1;
const CERT_CHAIN_VERSION_2 = 2;
const RSA1_MAGIC = 0x31415352;
const BB_RSA_KEY_BLOB = 6;
const MAX_CERTIFICATES = 16;

/** Reads a LICENSE_BINARY_BLOB of any type ([MS-RDPBCGR] 2.2.1.12.1.2): a view. */
export function readBlob(reader: ByteReader): Uint8Array {
  reader.advance(2);
  return reader.take(reader.u16le());
}

/** Writes a LICENSE_BINARY_BLOB. */
export function putBlob(writer: ByteWriter, type: number, data: Uint8Array): void {
  writer.u16le(type).u16le(data.length).put(data);
}

/** A client's licensing PDU with its security header. */
export function encodeLicencePdu(type: number, body: Uint8Array): Uint8Array {
  return new ByteWriter(body.length + 8)
    .u16le(SEC_LICENSE_PKT)
    .u16le(0)
    .u8(type)
    .u8(PREAMBLE_VERSION_3_0 | EXTENDED_ERROR_MSG_SUPPORTED)
    .u16le(body.length + 4)
    .put(body)
    .finish();
}

/** Type and body of a server's licensing PDU, null when the packet is no licensing PDU. */
export function decodeLicencePdu(packet: Uint8Array): { type: number; body: Uint8Array } | null {
  const reader = new ByteReader(packet, "licensing PDU");
  const flags = reader.u16le();
  reader.advance(2);
  if ((flags & SEC_LICENSE_PKT) === 0) return null;
  const type = reader.u8();
  reader.advance(1);
  const size = reader.u16le();
  if (size < 4) throw reader.fail("invalid", "message size");
  return { type, body: reader.take(size - 4) };
}

/** [MS-RDPBCGR] 2.2.1.4.3.1 SERVER_CERTIFICATE: proprietary or a chain of X.509. */
export function decodeServerCertificate(bytes: Uint8Array): RsaPublicKey {
  const reader = new ByteReader(bytes, "server certificate");
  const version = reader.u32le() & 0x7fffffff;
  if (version === CERT_CHAIN_VERSION_1) return decodeProprietaryKey(reader);
  if (version !== CERT_CHAIN_VERSION_2) throw reader.fail("unsupported", `version ${version}`);
  const count = reader.u32le();
  if (count < 1 || count > MAX_CERTIFICATES) throw reader.fail("limit", `${count} certificates`);
  let certificate: Uint8Array = new Uint8Array(0);
  for (let index = 0; index < count; index++) certificate = reader.take(reader.u32le());
  return rsaKeyOfCertificate(certificate);
}

function decodeProprietaryKey(reader: ByteReader): RsaPublicKey {
  reader.advance(8);
  if (reader.u16le() !== BB_RSA_KEY_BLOB) throw reader.fail("invalid", "public key blob");
  const blob = new ByteReader(reader.take(reader.u16le()), "server certificate");
  if (blob.u32le() !== RSA1_MAGIC) throw blob.fail("invalid", "key magic");
  const modulusBytes = blob.u32le();
  blob.advance(8);
  const exponent = blob.u32le();
  return rsaKeyOfLittleEndian(blob.take(modulusBytes), exponent);
}
