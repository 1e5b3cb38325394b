import { Inflater, MAX_DICTIONARY_BYTES, type PictureWriter } from "@poterne/picture";

/** Streams kept: Tight's four and ZRLE's one, numbered as contexts of the picture language. */
const STREAM_COUNT = 5;
/** Compressed bytes of all streams that wait to be inflated. */
export const MAX_PENDING_BYTES = 256 * 1024;
/** Pixels' bytes one catch-up may yield: about five milliseconds of work, and what it takes of memory. */
export const MAX_PENDING_OUTPUT_BYTES = 2 * 1024 * 1024;
/** One rectangle may exceed both, never these. */
export const MAX_RECTANGLE_PACKED_BYTES = 4 * 1024 * 1024;
const MAX_BATCH_OUTPUT_BYTES = 144 * 1024 * 1024;
const FIRST_CAPACITY_BYTES = 8 * 1024;
const ZLIB_HEADER_BYTES = 2;
/** What Z_SYNC_FLUSH ends with: an empty stored block, so that the next rectangle begins at a byte. */
const SYNC_MARK = [0, 0, 0xff, 0xff] as const;

/**
 * Inflates a run of raw deflate blocks that ends at a byte boundary, given the window before it, and returns the last
 * 32 kB of window and output together. Throws when the run is no deflate data or yields over `maxBytes`.
 */
export type InflateTail = (window: Uint8Array, packed: Uint8Array, maxBytes: number) => Uint8Array;

/** The same without the host's zlib: slower, used when none is brought. */
export const inflateTailHere: InflateTail = (window, packed, maxBytes) => {
  const inflater = new Inflater();
  inflater.setDictionary(window);
  inflater.inflate(packed, maxBytes);
  return inflater.window();
};

interface Stream {
  isFresh: boolean;
  /** Whether the zlib header is still at the start of `pending`. */
  hasHeader: boolean;
  window: Uint8Array;
  pending: Uint8Array;
  pendingBytes: number;
  /** What the pending bytes inflate to at most. */
  pendingOutputBytes: number;
  /** Set once a rectangle ended without a sync mark: from there on only bit by bit. */
  exact: Inflater | null;
}

const NO_BYTES = new Uint8Array(0);

/**
 * The last 32 kB of each zlib stream, so that a viewer can start in mid-stream. Compressed bytes are only kept; they
 * are inflated in batches, when they are many or when an entry point needs the windows.
 */
export class ZlibHistory {
  readonly #inflateTail: InflateTail;
  readonly #streams: Stream[] = [];
  #pendingBytes = 0;

  constructor(inflateTail: InflateTail = inflateTailHere) {
    this.#inflateTail = inflateTail;
    for (let index = 0; index < STREAM_COUNT; index++)
      this.#streams.push({
        isFresh: true,
        hasHeader: true,
        window: NO_BYTES,
        pending: NO_BYTES,
        pendingBytes: 0,
        pendingOutputBytes: 0,
        exact: null,
      });
  }

  /** Bytes held: for tests of the memory limit. */
  get heldBytes(): number {
    let total = 0;
    for (const stream of this.#streams) total += stream.window.length + stream.pending.length;
    return total;
  }

  /** The stream begins anew; what it was is forgotten without being inflated. */
  reset(index: number): void {
    const stream = this.#stream(index);
    this.#forgetPending(stream);
    stream.isFresh = true;
    stream.hasHeader = true;
    stream.window = NO_BYTES;
    stream.exact = null;
  }

  /** Compressed bytes of a rectangle passed by. */
  append(index: number, bytes: Uint8Array, start: number, end: number): void {
    const stream = this.#stream(index);
    const needed = stream.pendingBytes + end - start;
    if (needed > stream.pending.length) {
      const larger = new Uint8Array(Math.max(FIRST_CAPACITY_BYTES, stream.pending.length * 2, needed));
      larger.set(stream.pending.subarray(0, stream.pendingBytes));
      stream.pending = larger;
    }
    stream.pending.set(bytes.subarray(start, end), stream.pendingBytes);
    stream.pendingBytes = needed;
    this.#pendingBytes += end - start;
    stream.isFresh = false;
  }

  /** The rectangle is whole; it inflates to at most `outputBytes`. Throws what the inflater throws. */
  endRectangle(index: number, outputBytes: number): void {
    const stream = this.#stream(index);
    stream.pendingOutputBytes += outputBytes;
    if (stream.exact !== null || !endsWithSyncMark(stream)) this.#catchUpExactly(stream);
    else if (stream.pendingOutputBytes > MAX_PENDING_OUTPUT_BYTES) this.#catchUp(stream);
    if (this.#pendingBytes > MAX_PENDING_BYTES) for (const other of this.#streams) this.#catchUp(other);
  }

  /** Writes where every stream stands, at a rectangle boundary. */
  write(writer: PictureWriter): void {
    this.#streams.forEach((stream, index) => {
      if (stream.isFresh) {
        writer.reset(index);
        return;
      }
      this.#catchUp(stream);
      const position = stream.exact?.position() ?? null;
      if (stream.exact === null) writer.dictionary(index, stream.window);
      else if (position !== null)
        writer.dictionary(index, stream.exact.window(), position.bitCount, position.bits);
      else writer.reset(index);
    });
  }

  #stream(index: number): Stream {
    const stream = this.#streams[index];
    if (stream === undefined) throw new RangeError(`zlib stream ${index}`);
    return stream;
  }

  #catchUp(stream: Stream): void {
    if (stream.pendingBytes === 0 || stream.exact !== null) return;
    const packed = stream.pending.subarray(stream.hasHeader ? ZLIB_HEADER_BYTES : 0, stream.pendingBytes);
    const maxBytes = Math.min(stream.pendingOutputBytes, MAX_BATCH_OUTPUT_BYTES);
    stream.window = this.#inflateTail(stream.window, packed, maxBytes);
    stream.hasHeader = false;
    this.#forgetPending(stream);
  }

  /** A server that flushes partially leaves odd bits between rectangles: our own inflater knows them. */
  #catchUpExactly(stream: Stream): void {
    if (stream.exact === null) {
      stream.exact = new Inflater();
      if (!stream.hasHeader) stream.exact.setDictionary(stream.window);
      stream.window = NO_BYTES;
    }
    stream.exact.inflate(stream.pending.subarray(0, stream.pendingBytes), stream.pendingOutputBytes);
    this.#forgetPending(stream);
  }

  #forgetPending(stream: Stream): void {
    this.#pendingBytes -= stream.pendingBytes;
    stream.pendingBytes = 0;
    stream.pendingOutputBytes = 0;
    // A buffer one huge rectangle made is not kept for the rest of the session.
    if (stream.pending.length > 2 * MAX_PENDING_BYTES) stream.pending = NO_BYTES;
  }
}

function endsWithSyncMark(stream: Stream): boolean {
  const start = stream.pendingBytes - SYNC_MARK.length;
  return start >= 0 && SYNC_MARK.every((byte, index) => stream.pending[start + index] === byte);
}

/** The longest window kept. */
export const MAX_WINDOW_BYTES = MAX_DICTIONARY_BYTES;
