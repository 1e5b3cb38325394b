import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPublicKey,
  hash as hashAtOnce,
  type KeyObject,
  verify,
  webcrypto,
} from "node:crypto";
import { promisify } from "node:util";
import { constants, type ZstdOptions, zstdCompress, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import {
  type RecordingCompression,
  type RecordingCrypto,
  type RecordingVerifyCrypto,
  TAG_BYTES,
} from "@poterne/recording";
import { freeMemory } from "../free-memory.ts";

const ED25519_SPKI = Buffer.from("302a300506032b6570032100", "hex");

/** Level 1: the cheapest; higher levels cost more CPU than the recording's size budget asks for. */
const zstdParams = { [constants.ZSTD_c_compressionLevel]: 1 };

/**
 * Told the size, zstd takes tables to fit it instead of those for half a megabyte; with room for the longest result
 * nothing is put together from pieces. Both left memory to the collector, chunk by chunk.
 */
function zstdOptionsFor({ length }: Uint8Array): ZstdOptions {
  return { params: zstdParams, pledgedSrcSize: length, chunkSize: length + (length >>> 8) + 128 };
}

const compressAsync = promisify(zstdCompress);

/** The container's cryptography on node:crypto. */
export const recordingCrypto: RecordingCrypto & RecordingVerifyCrypto = {
  sha256: (...parts) => {
    const [first] = parts;
    if (first !== undefined && parts.length === 1) return hashAtOnce("sha256", first, "buffer");
    const hash = createHash("sha256");
    for (const part of parts) hash.update(part);
    return hash.digest();
  },
  seal: (key, nonce, aad, plaintext) => {
    return Buffer.concat(sealParts(key, nonce, aad, plaintext));
  },
  open: (key, nonce, aad, sealed) => {
    if (sealed.length < TAG_BYTES) return null;
    const decipher = createDecipheriv("aes-256-gcm", key, nonce).setAAD(aad);
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    const plain = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES));
    try {
      decipher.final();
      return plain;
    } catch {
      return null;
    }
  },
  verifyEd25519: (publicKey, message, signature) => {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    try {
      const der = Buffer.concat([ED25519_SPKI, publicKey]);
      return verify(null, message, createPublicKey({ key: der, format: "der", type: "spki" }), signature);
    } catch {
      return false;
    }
  },
};

/** Zstandard of node:zlib. */
export const recordingCompression: RecordingCompression = {
  compress: (bytes) => zstdCompressSync(bytes, zstdOptionsFor(bytes)),
  decompress: (bytes, plainBytes) => {
    try {
      const plain = zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, plainBytes) });
      return plain.length === plainBytes ? plain : null;
    } catch {
      return null;
    }
  },
};

/** Compression off the main thread, for chunks too long to be done in between. */
export async function compressInBackground(bytes: Uint8Array): Promise<Uint8Array> {
  return compressAsync(bytes, zstdOptionsFor(bytes));
}

/** AES-256-GCM as ciphertext and tag apart: joining them would copy each chunk once more. */
export function sealParts(
  key: Uint8Array | KeyObject,
  nonce: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): [ciphertext: Uint8Array, tag: Uint8Array] {
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(aad);
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  return [ciphertext, cipher.getAuthTag()];
}

/** What sealing one long chunk takes. */
export interface BackgroundSeal {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly headerBytes: Uint8Array;
  readonly packed: Uint8Array;
  readonly head: Uint8Array;
}

/** Seals and hashes a long chunk off the main thread; returns its body and the chain's next head. */
export async function sealInBackground(
  seal: BackgroundSeal,
): Promise<{ body: Uint8Array; head: Uint8Array }> {
  const { subtle } = webcrypto;
  const key = await subtle.importKey("raw", Uint8Array.from(seal.key), "AES-GCM", false, ["encrypt"]);
  const algorithm = {
    name: "AES-GCM",
    iv: Uint8Array.from(seal.nonce),
    additionalData: Uint8Array.from(seal.headerBytes),
    tagLength: TAG_BYTES * 8,
  };
  const body = new Uint8Array(await subtle.encrypt(algorithm, key, seal.packed as Uint8Array<ArrayBuffer>));
  const chained = Buffer.concat([seal.head, seal.headerBytes, body]);
  const head = new Uint8Array(await subtle.digest("SHA-256", chained));
  freeMemory(chained);
  return { body, head };
}
