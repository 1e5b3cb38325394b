import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { RecordingCompression, RecordingCrypto, RecordingVerifyCrypto } from "../crypto.ts";

const PKCS8_ED25519 = Buffer.from("302e020100300506032b657004220420", "hex");
const SPKI_ED25519 = Buffer.from("302a300506032b6570032100", "hex");

/** The container's cryptography on node:crypto, for tests. */
export const nodeCrypto: RecordingCrypto & RecordingVerifyCrypto = {
  sha256: (...parts) => {
    const hash = createHash("sha256");
    for (const part of parts) hash.update(part);
    return new Uint8Array(hash.digest());
  },
  seal: (key, nonce, aad, plaintext) => {
    const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(aad);
    return new Uint8Array(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]));
  },
  open: (key, nonce, aad, sealed) => {
    const decipher = createDecipheriv("aes-256-gcm", key, nonce).setAAD(aad);
    decipher.setAuthTag(sealed.subarray(sealed.length - 16));
    try {
      const plain = decipher.update(sealed.subarray(0, sealed.length - 16));
      return new Uint8Array(Buffer.concat([plain, decipher.final()]));
    } catch {
      return null;
    }
  },
  verifyEd25519: (publicKey, message, signature) => {
    const key = createPublicKey({
      key: Buffer.concat([SPKI_ED25519, publicKey]),
      format: "der",
      type: "spki",
    });
    return verify(null, message, key, signature);
  },
};

/** Zstandard of node:zlib, for tests. */
export const nodeCompression: RecordingCompression = {
  compress: (bytes) => new Uint8Array(zstdCompressSync(bytes)),
  decompress: (bytes, plainBytes) => {
    try {
      const plain = new Uint8Array(zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, plainBytes) }));
      return plain.length === plainBytes ? plain : null;
    } catch {
      return null;
    }
  },
};

/** A signing key from a 32-byte seed, so that vectors stay the same. */
export interface TestSigner {
  readonly keyId: string;
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

/** Makes a test signer; `seed` is one byte, repeated. */
export function makeSigner(seed: number): TestSigner {
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_ED25519, Buffer.alloc(32, seed)]),
    format: "der",
    type: "pkcs8",
  });
  const spki = createPublicKey(privateKey as unknown as KeyObject & string).export({
    format: "der",
    type: "spki",
  });
  return {
    keyId: `test-key-${seed}`,
    publicKey: new Uint8Array(spki.subarray(12)),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}
