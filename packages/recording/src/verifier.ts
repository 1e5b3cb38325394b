import { equalBytes, toHex } from "@poterne/bytes";
import { firstHead, nextHead } from "./chain.ts";
import type { ChainState } from "./chain-writer.ts";
import { type Checkpoint, CheckpointFlag, isSignatureGood } from "./checkpoint.ts";
import { ChunkIndex } from "./chunk-index.ts";
import type { RecordingVerifyCrypto } from "./crypto.ts";
import type { ClearHeader } from "./file-header.ts";
import { MAX_CHECKPOINT_LAG } from "./limits.ts";
import { PREVIOUS_BYTES, RecordType } from "./record-header.ts";
import { RecordingScanner, type ScanEnd, type ScannedPiece } from "./scanner.ts";

const EMPTY = new Uint8Array(0);
const AFTER_END = "something follows the final checkpoint";

/**
 * What a verification found. `complete`: everything as written and signed to the end. `sealed`: a crash cut it, the
 * next start signed what was there. `unfinished`: no end yet; what is there is in order. `shorter`: less than the
 * journal's checkpoint says. `altered`: not as written, from record `alteredAt` on.
 */
export type Verdict = "complete" | "sealed" | "unfinished" | "shorter" | "altered" | "not-a-recording";

/** Who signed, and whether the caller trusts that key. */
export interface Signer {
  readonly keyId: string;
  readonly publicKey: Uint8Array;
  readonly isTrusted: boolean;
}

/** A verification's result, in words of docs/recording-format.md. */
export interface Verification {
  readonly verdict: Verdict;
  readonly header: ClearHeader | null;
  /** Whole records found. */
  readonly recordCount: number;
  /** Records under a good signature. */
  readonly signedCount: number;
  /** Records under a good signature made while the session ran. */
  readonly liveCount: number;
  readonly alteredAt: number | null;
  readonly detail: string;
  /** Session time of the last signed checkpoint. */
  readonly signedUntilMs: number;
  /** Bytes at the end that are no whole piece. */
  readonly tornBytes: number;
  readonly signers: readonly Signer[];
}

/** A checkpoint's head as the journal keeps it. */
export interface JournalCheckpoint {
  readonly count: number;
  readonly head: Uint8Array;
}

/** What a verification may compare with. */
export interface VerifierOptions {
  /** Raw Ed25519 public keys the caller trusts; null checks signatures against the keys named in the file only. */
  readonly trustedKeys: readonly Uint8Array[] | null;
  readonly journal?: readonly JournalCheckpoint[];
}

/** Checks a file pushed in pieces, on the ciphertext, with public keys only. Memory: one record and 32 bytes a chunk. */
export class RecordingVerifier {
  readonly #crypto: RecordingVerifyCrypto;
  readonly #options: VerifierOptions;
  readonly #scanner: RecordingScanner;
  readonly #index = new ChunkIndex();
  /** Heads by count: a checkpoint in between gives one count a second head. */
  readonly #recentHeads = new Map<number, Uint8Array[]>();
  readonly #matched = new Set<JournalCheckpoint>();
  readonly #signers = new Map<string, Signer>();
  #header: ClearHeader | null = null;
  #head: Uint8Array = new Uint8Array(32);
  #count = 0;
  #endMs = 0;
  #nextOrdinal = 0;
  #signedCount = 0;
  #liveCount = 0;
  #signedUntilMs = 0;
  #endFlags = 0;
  #indexRecordOffset: number | null = null;
  #altered: { readonly at: number; readonly detail: string } | null = null;

  constructor(crypto: RecordingVerifyCrypto, options: VerifierOptions) {
    this.#crypto = crypto;
    this.#options = options;
    this.#scanner = new RecordingScanner(crypto);
  }

  /** Takes the next bytes of the file. */
  push(bytes: Uint8Array): void {
    for (const piece of this.#scanner.push(bytes)) if (this.#altered === null) this.#take(piece);
  }

  /** What was found so far, as if the file ended here. */
  finish(): Verification {
    const end = this.#scanner.end;
    const damage = end.type === "damaged" ? { at: this.#count, detail: end.error.message } : null;
    const altered = this.#altered ?? damage ?? this.#findTail(end) ?? this.#compareWithJournal();
    return {
      verdict: this.#verdict(altered !== null),
      header: this.#header,
      recordCount: this.#count,
      signedCount: this.#signedCount,
      liveCount: this.#liveCount,
      alteredAt: this.#header === null ? null : (altered?.at ?? null),
      detail: altered?.detail ?? this.#describe(),
      signedUntilMs: this.#signedUntilMs,
      tornBytes: end.type === "torn" ? end.tornBytes : 0,
      signers: [...this.#signers.values()],
    };
  }

  /** Where a sealing writer goes on behind the whole records found. Views are copied. */
  chainState(): ChainState {
    return {
      count: this.#count,
      head: this.#head.slice(),
      offset: this.#scanner.offset,
      nextOrdinal: this.#nextOrdinal,
      endMs: this.#endMs,
      index: new ChunkIndex(this.#index.bytes().slice()),
      indexRecordOffset: this.#indexRecordOffset,
    };
  }

  /** Behind a final checkpoint not even a torn piece may stand. */
  #findTail(end: ScanEnd): { readonly at: number; readonly detail: string } | null {
    if (this.#endFlags === 0 || end.type !== "torn") return null;
    return { at: this.#count, detail: AFTER_END };
  }

  #compareWithJournal(): { readonly at: number; readonly detail: string } | null {
    const wrong = (this.#options.journal ?? []).find(
      (entry) => entry.count <= this.#count && !this.#matched.has(entry),
    );
    if (wrong === undefined) return null;
    return { at: 0, detail: `the journal has another head for ${wrong.count} records` };
  }

  #verdict(isAltered: boolean): Verdict {
    if (this.#header === null && isAltered) return "not-a-recording";
    if (isAltered) return "altered";
    if (this.#journalCount() > this.#count) return "shorter";
    if (this.#endFlags & CheckpointFlag.sealed) return "sealed";
    return this.#endFlags & CheckpointFlag.final ? "complete" : "unfinished";
  }

  #describe(): string {
    const journalCount = this.#journalCount();
    if (journalCount > this.#count)
      return `the journal knows ${journalCount} records, ${this.#count} are here`;
    if (this.#endFlags === 0)
      return `no end: ${this.#count - this.#signedCount} records behind the last signature`;
    return "";
  }

  #journalCount(): number {
    return (this.#options.journal ?? []).reduce((most, { count }) => Math.max(most, count), 0);
  }

  #take(piece: ScannedPiece): void {
    if (piece.type === "header") {
      this.#header = piece.header;
      this.#setHead(firstHead(this.#crypto, piece.bytes));
    } else if (this.#endFlags !== 0) this.#alter(this.#count, AFTER_END);
    else if (piece.type === "checkpoint") this.#takeCheckpoint(piece.bytes, piece.checkpoint);
    else this.#takeRecord(piece);
  }

  #takeRecord(piece: Extract<ScannedPiece, { type: "record" }>): void {
    const { header, headerBytes, body } = piece;
    if (header.sequence !== this.#count)
      return this.#alter(this.#count, `record ${header.sequence} stands where ${this.#count} should`);
    if (!equalBytes(header.previous, this.#head.subarray(0, PREVIOUS_BYTES)))
      return this.#alter(Math.max(0, this.#count - 1), "does not fit the record behind it");
    if (header.type === RecordType.chunk) this.#index.add(headerBytes, piece.offset);
    else this.#indexRecordOffset ??= piece.offset;
    this.#count += 1;
    this.#endMs = Math.max(this.#endMs, header.endMs);
    this.#setHead(nextHead(this.#crypto, this.#head, headerBytes, body));
  }

  #setHead(head: Uint8Array): void {
    this.#head = head;
    const heads = this.#recentHeads.get(this.#count) ?? [];
    heads.push(head);
    this.#recentHeads.set(this.#count, heads);
    this.#recentHeads.delete(this.#count - MAX_CHECKPOINT_LAG);
    for (const entry of this.#options.journal ?? [])
      if (entry.count === this.#count && equalBytes(entry.head, head)) this.#matched.add(entry);
  }

  #takeCheckpoint(bytes: Uint8Array, checkpoint: Checkpoint): void {
    const problem = this.#checkCheckpoint(bytes, checkpoint);
    if (problem !== null) return this.#alter(this.#signedCount, problem);
    const isSealed = (checkpoint.flags & CheckpointFlag.sealed) !== 0;
    this.#signers.set(toHex(checkpoint.publicKey), {
      keyId: checkpoint.keyId,
      publicKey: checkpoint.publicKey.slice(),
      isTrusted: this.#isTrusted(checkpoint.publicKey),
    });
    this.#nextOrdinal = checkpoint.ordinal + 1;
    this.#signedCount = checkpoint.count;
    this.#signedUntilMs = checkpoint.timeMs;
    this.#endFlags = checkpoint.flags;
    if (!isSealed) this.#liveCount = checkpoint.count;
    this.#setHead(nextHead(this.#crypto, this.#head, bytes, EMPTY));
  }

  /** Why a checkpoint is refused, null when it is good. */
  #checkCheckpoint(bytes: Uint8Array, checkpoint: Checkpoint): string | null {
    const place = `checkpoint ${checkpoint.ordinal}`;
    if (!isSignatureGood(this.#crypto, bytes, checkpoint))
      return `signature of the checkpoint at record ${this.#count}`;
    if (this.#options.trustedKeys !== null && !this.#isTrusted(checkpoint.publicKey))
      return `${place} is signed by an unknown key (${checkpoint.keyId})`;
    if (checkpoint.sessionId !== this.#header?.sessionId) return `${place} belongs to another recording`;
    if (checkpoint.ordinal !== this.#nextOrdinal) return `${place} stands where ${this.#nextOrdinal} should`;
    if (checkpoint.flags === CheckpointFlag.sealed) return `${place} seals without ending`;
    const isFinal = checkpoint.flags !== 0;
    if (
      checkpoint.count > this.#count ||
      checkpoint.count < this.#signedCount ||
      (isFinal && checkpoint.count !== this.#count)
    )
      return `${place} covers ${checkpoint.count} records, ${this.#count} are here`;
    const heads = isFinal ? [this.#head] : (this.#recentHeads.get(checkpoint.count) ?? []);
    if (heads.some((head) => equalBytes(head, checkpoint.head))) return null;
    return `records ${this.#signedCount} to ${checkpoint.count - 1} are not those that were signed`;
  }

  #isTrusted(publicKey: Uint8Array): boolean {
    return (this.#options.trustedKeys ?? []).some((key) => equalBytes(key, publicKey));
  }

  #alter(at: number, detail: string): void {
    this.#altered = { at, detail };
  }
}
