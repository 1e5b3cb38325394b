/** What the container needs of cryptography; the host brings it (node:crypto on the gateway). All calls are synchronous. */
export interface RecordingHasher {
  /** SHA-256 over the parts, one after the other. */
  sha256(...parts: readonly Uint8Array[]): Uint8Array;
}

/** What checking a signature needs beside hashing: all a verifier has to bring. */
export interface RecordingVerifyCrypto extends RecordingHasher {
  /** Ed25519 (RFC 8032) with a raw 32-byte public key; false for anything that does not verify, never throws. */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** What writing and playing need. */
export interface RecordingCrypto extends RecordingHasher {
  /** AES-256-GCM: ciphertext and its 16-byte tag in one new array. */
  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** The plaintext, null when the tag does not fit. */
  open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | null;
}

/** Zstandard (RFC 8878), brought by the host. */
export interface RecordingCompression {
  compress(bytes: Uint8Array): Uint8Array;
  /** The plain bytes; null when the input is not one valid stream of exactly `plainBytes`. Never allocates more. */
  decompress(bytes: Uint8Array, plainBytes: number): Uint8Array | null;
}
