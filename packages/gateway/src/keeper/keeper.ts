/**
 * The keeper as the gateway sees it (design §8): a child process that holds the master key, the signing keys and the
 * journal's file. The gateway only asks; the keeper limits the rate and journals what it hands out.
 */
export interface Keeper {
  /** Seals a secret under a data key of its own, bound to `context` (`account:ID`): the envelope to store. */
  sealSecret(context: string, secret: Uint8Array): Promise<Uint8Array>;
  /** Opens an envelope for one stated purpose (`session:ID`, `factor:ID`); rate-limited and journaled by the keeper. */
  openSecret(context: string, envelope: Uint8Array, purpose: string): Promise<Uint8Array>;
  /** Signs with the private SSH key sealed in an envelope, which never leaves the keeper. `algorithm` as in RFC 8332 (`ssh-ed25519`, `rsa-sha2-512`, …). `data` must be an SSH user-authentication request (RFC 4252 §7): the keeper signs nothing else. Returns the raw signature blob of that algorithm: 64 bytes (RFC 8709), two mpints (RFC 5656), the number s (RFC 8332). */
  signSsh(
    context: string,
    envelope: Uint8Array,
    algorithm: string,
    data: Uint8Array,
    purpose: string,
  ): Promise<Uint8Array>;
  /** Checks a private key file (OpenSSH, PEM), makes an envelope of it, returns its public half. Rejects with a Failure `bad-key`. */
  sealSshKey(
    context: string,
    keyFile: Uint8Array,
    passphrase: string | null,
  ): Promise<{ readonly envelope: Uint8Array; readonly publicKey: Uint8Array; readonly algorithm: string }>;
  /** A fresh 32-byte content key for a recording and its wraps, one per recipient. */
  makeRecordingKey(
    sessionId: string,
  ): Promise<{ readonly key: Uint8Array; readonly wraps: readonly KeyWrap[] }>;
  /** The content key of a recording, from its wraps; journaled as an opening. */
  openRecordingKey(sessionId: string, wraps: readonly KeyWrap[], purpose: string): Promise<Uint8Array>;
  /**
   * Signs a statement about a recording: Ed25519 over `UTF-8(domain) || 0x00 || data`. `domain` must begin with
   * `poterne.recording.` (for example `poterne.recording.checkpoint.v1`): the journal's and the keys' domains are the
   * keeper's own. `data` at most 64 kB. Signature 64 bytes.
   */
  sign(domain: string, data: Uint8Array): Promise<{ readonly keyId: string; readonly signature: Uint8Array }>;
  /** Public signing keys, current and past, with their cross-signatures. */
  publicKeys(): Promise<
    readonly {
      readonly keyId: string;
      readonly publicKey: Uint8Array;
      readonly fromMs: number;
      readonly signedBy: string | null;
      readonly signature: Uint8Array | null;
    }[]
  >;
  /** Appends one entry, already serialised as JSON, to the chained journal; resolves once it is on disk. */
  appendJournal(line: string): Promise<{ readonly sequence: number; readonly hash: string }>;
  /**
   * The heads that the journal's files hold of a recording, oldest first, from entries of some UTC days (`2026-11-21`,
   * both included): what `poterne verify` compares with.
   */
  recordingAnchors(
    sessionId: string,
    days: { readonly fromDay: string; readonly toDay: string },
  ): Promise<readonly { readonly count: number; readonly head: Uint8Array }[]>;
  /** Ends the child after what is under way. */
  close(): Promise<void>;
}

/** One recipient's copy of a recording's content key. */
export interface KeyWrap {
  /** `master:KEYID` or `x25519:NAME` for an auditor's public key. */
  readonly recipient: string;
  /** `A256GCM` under the master key, `X25519-HKDF-SHA256-A256GCM` for an auditor. */
  readonly algorithm: string;
  readonly wrapped: Uint8Array;
}
