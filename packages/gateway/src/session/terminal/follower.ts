import { concatBytes } from "@poterne/bytes";
import { freeMemory } from "../../free-memory.ts";
import type { FollowerOrder, FollowerReport } from "./follower-messages.ts";

/** Behind this much the follower reads over text, keeping only what changes modes. */
export const SKIP_OVER_BYTES = 4 * 1024 * 1024;
/** The end of the output that is always parsed whole. */
export const PARSED_WHOLE_BYTES = 256 * 1024;
/** How long output waits before the worker is bothered, and again while more is coming. */
export const GATHER_MS = 25;
/**
 * Output parsed in one such turn, 5 MB a second. When more than this comes in a turn nothing is parsed at all: of a
 * flood all but the end is read over, and the processor is left to those who carry it.
 */
export const PACED_BYTES = 128 * 1024;
/** With more than this on its way no more is handed over: the worker has enough to do. */
export const MAX_IN_FLIGHT_BYTES = 1024 * 1024;
/** So far behind, though it only has to read over: the output keeps it from working, and it begins anew. */
export const RESTART_OVER_BYTES = 16 * 1024 * 1024;
/** Output joined into one message to the worker. */
const MESSAGE_BYTES = 64 * 1024;
/** A cursor is not asked for when more than this would have to be parsed first. */
export const MAX_CURSOR_LAG_BYTES = 256 * 1024;

/** A terminal's screen at one place of its output. */
export interface FollowedScreen {
  /** Bytes of output it shows, since the terminal was opened. */
  readonly position: number;
  readonly columns: number;
  readonly rows: number;
  /** UTF-8 that draws it on any terminal, which it resets first; empty when it could not be made. */
  readonly screen: Uint8Array;
}

/** What a follower tells of itself. */
export interface FollowerEvents {
  onTitle?(title: string): void;
  onBell?(): void;
}

/** Output that the worker has not accounted for yet, with the place where it begins. */
interface Piece {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/**
 * One terminal's follower: a headless copy of its screen in the shared worker, which lags behind the session and never
 * slows it. It keeps the raw output from the screen's place on, so that screen and rest make an exact entry point.
 */
export class TerminalFollower {
  readonly #id: number;
  #columns: number;
  #rows: number;
  readonly #post: (order: FollowerOrder, transfer?: ArrayBuffer[]) => void;
  readonly #events: FollowerEvents;
  readonly #onClose: () => void;
  /** From the worker's position to the end; the first `#sentCount` are on their way. */
  readonly #pieces: Piece[] = [];
  #sentCount = 0;
  #queuedBytes = 0;
  #end = 0;
  /** `#end` at the last turn. */
  #turnedAt = 0;
  #isClosed = false;
  #timer: NodeJS.Timeout | null = null;
  #nextRequest = 1;
  readonly #screens = new Map<number, (screen: FollowedScreen | null) => void>();
  readonly #cursors = new Map<number, (cursor: { row: number; column: number } | null) => void>();

  constructor(options: {
    readonly id: number;
    readonly columns: number;
    readonly rows: number;
    readonly post: (order: FollowerOrder, transfer?: ArrayBuffer[]) => void;
    readonly events: FollowerEvents;
    readonly onClose: () => void;
  }) {
    this.#id = options.id;
    this.#post = options.post;
    this.#events = options.events;
    this.#onClose = options.onClose;
    this.#columns = options.columns;
    this.#rows = options.rows;
    this.#open(0);
  }

  /** Bytes of output written so far. */
  get end(): number {
    return this.#end;
  }

  /** Output the screen does not show yet, in bytes. */
  get lagBytes(): number {
    return this.#end - (this.#pieces[0]?.start ?? this.#end);
  }

  /** Whether it has ended, by `close` or because the worker died. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Adds output; the bytes are the follower's from now on, which frees their memory when it needs them no more. */
  write(bytes: Uint8Array): void {
    if (this.#isClosed || bytes.length === 0) return;
    this.#pieces.push({ start: this.#end, bytes });
    this.#end += bytes.length;
    this.#queuedBytes += bytes.length;
    if (this.#queuedBytes > SKIP_OVER_BYTES) this.#skip();
    this.#timer ??= setTimeout(() => this.#turn(), GATHER_MS).unref();
  }

  resize(columns: number, rows: number): void {
    if (this.#isClosed) return;
    this.#columns = columns;
    this.#rows = rows;
    this.#sendAll();
    this.#post({ type: "resize", id: this.#id, columns, rows });
  }

  /** The screen after all output so far, or a little less of it; null when closed meanwhile. */
  screen(): Promise<FollowedScreen | null> {
    if (this.#isClosed) return Promise.resolve(null);
    this.#sendAll();
    const requestId = this.#nextRequest++;
    return new Promise((resolve) => {
      this.#screens.set(requestId, resolve);
      this.#post({ type: "screen", id: this.#id, requestId });
    });
  }

  /** Where the cursor is after all output so far, from 1; null when the follower is too far behind to say. */
  cursor(): Promise<{ readonly row: number; readonly column: number } | null> {
    if (this.#isClosed || this.lagBytes > MAX_CURSOR_LAG_BYTES) return Promise.resolve(null);
    this.#sendAll();
    const requestId = this.#nextRequest++;
    return new Promise((resolve) => {
      this.#cursors.set(requestId, resolve);
      this.#post({ type: "cursor", id: this.#id, requestId });
    });
  }

  /** The raw output from `position` on, null when some of it is not kept any more. */
  since(position: number): Uint8Array[] | null {
    const first = this.#pieces[0];
    if (position > this.#end || position < (first?.start ?? this.#end)) return null;
    const parts: Uint8Array[] = [];
    for (const { start, bytes } of this.#pieces) {
      if (start + bytes.length <= position) continue;
      parts.push(start < position ? bytes.subarray(position - start) : bytes);
    }
    return parts;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#post({ type: "close", id: this.#id });
    this.#pieces.length = 0;
    for (const resolve of this.#screens.values()) resolve(null);
    for (const resolve of this.#cursors.values()) resolve(null);
    this.#onClose();
  }

  /** The worker's report about this terminal. */
  take(report: FollowerReport): void {
    if (report.type === "parsed") this.#settle(report.position);
    else if (report.type === "screen") {
      const { position, columns, rows, screen } = report;
      this.#screens.get(report.requestId)?.({ position, columns, rows, screen });
      this.#screens.delete(report.requestId);
    } else if (report.type === "cursor") {
      this.#cursors.get(report.requestId)?.({ row: report.row, column: report.column });
      this.#cursors.delete(report.requestId);
    } else if (report.type === "title") this.#events.onTitle?.(report.title);
    else this.#events.onBell?.();
  }

  /** Forgets output the worker has put on its screen. */
  #settle(position: number): void {
    for (let first = this.#pieces[0]; first !== undefined; first = this.#pieces[0]) {
      if (first.start + first.bytes.length > position || this.#sentCount === 0) break;
      this.#pieces.shift();
      freeMemory(first.bytes);
      this.#sentCount--;
    }
  }

  /** Sends one turn's output, and comes back while there is more. */
  #turn(): void {
    this.#timer = null;
    const isFlood = this.#end - this.#turnedAt > PACED_BYTES;
    this.#turnedAt = this.#end;
    const isFree = !isFlood && this.lagBytes - this.#queuedBytes < MAX_IN_FLIGHT_BYTES;
    for (let sent = 0; isFree && sent < PACED_BYTES && this.#queuedBytes > 0; ) sent += this.#sendNext(false);
    if (this.#queuedBytes > 0) this.#timer = setTimeout(() => this.#turn(), GATHER_MS).unref();
  }

  /** Lets the worker read over all but the end of what waits. */
  #skip(): void {
    if (this.lagBytes > RESTART_OVER_BYTES) this.#restart();
    while (this.#queuedBytes > PARSED_WHOLE_BYTES) this.#sendNext(true);
  }

  /** Gives the worker a new terminal that begins with what was not handed over yet. */
  #restart(): void {
    this.#pieces.splice(0, this.#sentCount);
    this.#sentCount = 0;
    this.#post({ type: "close", id: this.#id });
    for (const resolve of this.#screens.values()) resolve(null);
    for (const resolve of this.#cursors.values()) resolve(null);
    this.#screens.clear();
    this.#cursors.clear();
    this.#open(this.#pieces[0]?.start ?? this.#end);
  }

  #open(position: number): void {
    this.#post({ type: "open", id: this.#id, columns: this.#columns, rows: this.#rows, position });
  }

  #sendAll(): void {
    this.#skip();
    while (this.#queuedBytes > 0) this.#sendNext(false);
  }

  /** Sends the next message's worth of output; returns its length. */
  #sendNext(isSkipped: boolean): number {
    const parts: Uint8Array[] = [];
    let length = 0;
    for (let piece = this.#pieces[this.#sentCount]; piece !== undefined && length < MESSAGE_BYTES; ) {
      parts.push(piece.bytes);
      length += piece.bytes.length;
      this.#sentCount++;
      piece = this.#pieces[this.#sentCount];
    }
    this.#queuedBytes -= length;
    const bytes = concatBytes(parts);
    this.#post({ type: "output", id: this.#id, bytes, isSkipped }, [bytes.buffer as ArrayBuffer]);
    return length;
  }
}
