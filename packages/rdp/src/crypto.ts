/**
 * The digests the core needs, brought by the host (T0 sees no Node). MD4 and RC4, which no current library has, are
 * the core's own.
 */
export interface RdpCrypto {
  md5(data: Uint8Array): Uint8Array;
  sha1(data: Uint8Array): Uint8Array;
  sha256(data: Uint8Array): Uint8Array;
  hmacMd5(key: Uint8Array, data: Uint8Array): Uint8Array;
  /** Bytes nobody can guess. */
  random(sizeBytes: number): Uint8Array;
}
