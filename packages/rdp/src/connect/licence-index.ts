import { ByteReader, decodeUtf8 } from "@poterne/bytes";
import { decodeUtf16 } from "../encoding/utf16.ts";
import { decodeServerCertificate, readBlob } from "./licence-messages.ts";
import type { RsaPublicKey } from "./rsa.ts";

/** The longest licence kept for a later connection. */
const MAX_LICENCE_BYTES = 16 * 1024;
/** The longest company, product or scope name. */
const MAX_NAME_BYTES = 1024;
/** Issuers that one server trusts. */
const MAX_SCOPES = 64;
const RANDOM_BYTES = 32;

/** The licence a server demands: [MS-RDPELE] 2.2.2.1 ProductInfo and ScopeList. */
export interface LicenceWish {
  /** The server's major version in the high word, its minor one in the low word. */
  readonly version: number;
  readonly companyName: string;
  readonly productId: string;
  /** Issuers whose licences the server takes. */
  readonly scopes: readonly string[];
}

/** A licence as its issuer gave it, with what it is found by again: [MS-RDPELE] 2.2.2.6.1 NEW_LICENSE_INFO. */
export interface IssuedLicence {
  readonly version: number;
  readonly scope: string;
  readonly companyName: string;
  readonly productId: string;
  /** For the server only; a secret. */
  readonly bytes: Uint8Array;
}

/** [MS-RDPELE] 2.2.2.1 Server License Request: what is demanded, and the server's part of the keys. */
export function decodeLicenceRequest(body: Uint8Array): {
  readonly wish: LicenceWish;
  readonly serverRandom: Uint8Array;
  readonly key: RsaPublicKey;
} {
  const reader = new ByteReader(body, "licence request");
  const serverRandom = reader.take(RANDOM_BYTES).slice();
  const product = readProduct(reader);
  // The key exchange list: RSA is the only one there is.
  readBlob(reader);
  const key = decodeServerCertificate(readBlob(reader));
  return { wish: { ...product, scopes: readScopes(reader) }, serverRandom, key };
}

/** [MS-RDPELE] 2.2.2.1.1 PRODUCT_INFO. */
function readProduct(reader: ByteReader): Omit<LicenceWish, "scopes"> {
  const version = reader.u32le();
  const companyName = decodeUtf16(readName(reader));
  return { version, companyName, productId: decodeUtf16(readName(reader)) };
}

/** [MS-RDPELE] 2.2.2.1.2 SCOPE_LIST. */
function readScopes(reader: ByteReader): string[] {
  const count = reader.u32le();
  if (count > MAX_SCOPES) throw reader.fail("limit", `${count} scopes`);
  return Array.from({ length: count }, () => {
    const scope = readBlob(reader);
    if (scope.length > MAX_NAME_BYTES) throw reader.fail("limit", "scope");
    return decodeScope(scope);
  });
}

/** [MS-RDPELE] 2.2.2.6.1 NEW_LICENSE_INFO; null when the licence is too large to be kept. */
export function decodeIssuedLicence(plain: Uint8Array): IssuedLicence | null {
  const reader = new ByteReader(plain, "new licence");
  const version = reader.u32le();
  const scope = decodeScope(readName(reader));
  const companyName = decodeUtf16(readName(reader));
  const productId = decodeUtf16(readName(reader));
  const bytes = reader.take(reader.u32le());
  if (bytes.length === 0 || bytes.length > MAX_LICENCE_BYTES) return null;
  return { version, scope, companyName, productId, bytes: bytes.slice() };
}

/** A name after its length in bytes. */
function readName(reader: ByteReader): Uint8Array {
  const sizeBytes = reader.u32le();
  if (sizeBytes > MAX_NAME_BYTES) throw reader.fail("limit", `a name of ${sizeBytes} bytes`);
  return reader.take(sizeBytes);
}

/** Eight-bit characters up to the first zero. */
function decodeScope(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decodeUtf8(end < 0 ? bytes : bytes.subarray(0, end));
}
