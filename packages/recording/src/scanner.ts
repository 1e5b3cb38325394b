import { concatBytes, DecodeError } from "@poterne/bytes";
import { CHECKPOINT_BYTES, type Checkpoint, decodeCheckpoint } from "./checkpoint.ts";
import type { RecordingHasher } from "./crypto.ts";
import { type ClearHeader, decodeFileHeader, FILE_PREFIX_BYTES, fileHeaderBytes } from "./file-header.ts";
import { decodeRecordHeader, RECORD_HEADER_BYTES, type RecordHeader, RecordType } from "./record-header.ts";

/** One piece of a file, in order. Byte arrays are views on what was pushed or a joined copy: use them before the next push. */
export type ScannedPiece =
  | { readonly type: "header"; readonly bytes: Uint8Array; readonly header: ClearHeader }
  | {
      readonly type: "record";
      readonly offset: number;
      readonly header: RecordHeader;
      readonly headerBytes: Uint8Array;
      readonly body: Uint8Array;
    }
  | {
      readonly type: "checkpoint";
      readonly offset: number;
      readonly bytes: Uint8Array;
      readonly checkpoint: Checkpoint;
    };

/** How a file ends for a scanner: at a piece's end, in mid-piece (or in zeros a power cut left), or at damage. */
export type ScanEnd =
  | { readonly type: "whole" }
  | { readonly type: "torn"; readonly tornBytes: number }
  | { readonly type: "damaged"; readonly error: DecodeError };

/**
 * Cuts a file, pushed in pieces of any size, into header, records and checkpoints. Stops at the first damage and says
 * so in `end`; never throws for what the file holds. Buffers one record at most (about 16 MB).
 */
export class RecordingScanner {
  readonly #hasher: RecordingHasher;
  #parts: Uint8Array[] = [];
  #bufferedBytes = 0;
  #neededBytes = FILE_PREFIX_BYTES;
  #offset = 0;
  #hasHeader = false;
  #zeroBytes = 0;
  #damage: DecodeError | null = null;

  constructor(hasher: RecordingHasher) {
    this.#hasher = hasher;
  }

  /** How many bytes of whole pieces were given out. */
  get offset(): number {
    return this.#offset;
  }

  /** What the file's end looks like if no more bytes come. */
  get end(): ScanEnd {
    if (this.#damage !== null) return { type: "damaged", error: this.#damage };
    const tornBytes = this.#bufferedBytes + this.#zeroBytes;
    return tornBytes > 0 || !this.#hasHeader ? { type: "torn", tornBytes } : { type: "whole" };
  }

  /** Takes the next bytes of the file and gives out the pieces that are whole. Run the generator to its end. */
  *push(bytes: Uint8Array): Generator<ScannedPiece> {
    if (this.#damage !== null) return;
    this.#parts.push(bytes);
    this.#bufferedBytes += bytes.length;
    if (this.#bufferedBytes < this.#neededBytes) return;
    let rest = concatBytes(this.#parts);
    try {
      for (let piece = this.#next(rest); piece !== null; piece = this.#next(rest)) {
        const length = pieceBytes(piece);
        rest = rest.subarray(length);
        this.#offset += length;
        yield piece;
      }
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#damage = error;
    }
    if (this.#zeroBytes > 0 || this.#damage !== null) rest = new Uint8Array(0);
    this.#parts = [rest];
    this.#bufferedBytes = rest.length;
  }

  #next(rest: Uint8Array): ScannedPiece | null {
    if (!this.#hasHeader) return this.#nextHeader(rest);
    this.#neededBytes = 1;
    if (rest.length === 0) return null;
    if (this.#zeroBytes > 0 || rest[0] === 0) return this.#skipZeros(rest);
    if (rest[0] === RecordType.checkpoint) return this.#nextCheckpoint(rest);
    return this.#nextRecord(rest);
  }

  #nextHeader(rest: Uint8Array): ScannedPiece | null {
    this.#neededBytes = FILE_PREFIX_BYTES;
    if (rest.length < FILE_PREFIX_BYTES) return null;
    this.#neededBytes = fileHeaderBytes(rest);
    if (rest.length < this.#neededBytes) return null;
    this.#hasHeader = true;
    const bytes = rest.subarray(0, this.#neededBytes);
    return { type: "header", bytes, header: decodeFileHeader(bytes) };
  }

  #nextCheckpoint(rest: Uint8Array): ScannedPiece | null {
    this.#neededBytes = CHECKPOINT_BYTES;
    if (rest.length < CHECKPOINT_BYTES) return null;
    const bytes = rest.subarray(0, CHECKPOINT_BYTES);
    return { type: "checkpoint", offset: this.#offset, bytes, checkpoint: decodeCheckpoint(bytes) };
  }

  #nextRecord(rest: Uint8Array): ScannedPiece | null {
    this.#neededBytes = RECORD_HEADER_BYTES;
    if (rest.length < RECORD_HEADER_BYTES) return null;
    const headerBytes = rest.subarray(0, RECORD_HEADER_BYTES);
    const header = decodeRecordHeader(this.#hasher, headerBytes);
    this.#neededBytes = RECORD_HEADER_BYTES + header.bodyBytes;
    if (rest.length < this.#neededBytes) return null;
    const body = rest.subarray(RECORD_HEADER_BYTES, this.#neededBytes);
    return { type: "record", offset: this.#offset, header, headerBytes, body };
  }

  /** A power cut can leave zeros where the last write should be: they count as torn while nothing else follows. */
  #skipZeros(rest: Uint8Array): null {
    this.#neededBytes = 1;
    if (rest.some((byte) => byte !== 0))
      throw new DecodeError("invalid", "recording record", this.#offset, "zeros in mid-file");
    this.#zeroBytes += rest.length;
    return null;
  }
}

function pieceBytes(piece: ScannedPiece): number {
  return piece.type === "record" ? piece.headerBytes.length + piece.body.length : piece.bytes.length;
}
