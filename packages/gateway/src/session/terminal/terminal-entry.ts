import { encodeUtf8 } from "@poterne/bytes";
import { Channel, FrameFlag, type Marker } from "@poterne/wire";
import type { FollowedScreen, FollowerEvents, TerminalFollower } from "./follower.ts";
import { clampSize, type TerminalFollowers } from "./followers.ts";

/** The raw output an entry point may always carry after its screen; with more the screen is asked for again … */
export const TAIL_BYTES = 1024 * 1024;
/** … unless it is at most this part of what was shown since the last entry point, so that a recording grows little … */
const TAIL_PART = 1 / 8;
/** … and never more than this. */
export const MAX_TAIL_BYTES = 3 * 1024 * 1024;
/** The pause before the screen is asked for again. */
export const RETRY_MS = 200;
/** The same while the target is held, which costs it this time: what it has sent already arrives meanwhile. */
export const HELD_RETRY_MS = 10;
/** After so many screens that came too late the target is held until the next one is there. */
export const TRIES_BEFORE_HOLD = 2;
/** After so many the request is given up; the hub asks again. */
export const MAX_TRIES = 25;

/** What making entry points needs of its driver. */
export interface EntryHost {
  /** Hands a frame to the hub, at once and in order with the output. */
  emit(channel: number, flags: number, payload: Uint8Array): void;
  /** Hands over output that is gathered and not emitted yet: an entry point stands after all of it. */
  flush(): void;
  /** Stops and lets go the target's output. */
  hold(isHeld: boolean): void;
}

/**
 * Entry points of a terminal session: a resize marker, then one text frame that holds the follower's screen and the
 * raw output since, so that it is exact at its place in the stream (brief of docs/wire.md). Output is never slowed
 * for it, unless it outruns the follower so far that no screen would ever be in time: then it is held for the
 * milliseconds one screen takes.
 */
export class TerminalEntry {
  readonly #followers: TerminalFollowers;
  readonly #host: EntryHost;
  readonly #events: FollowerEvents;
  #follower: TerminalFollower;
  #columns: number;
  #rows: number;
  #isWanted = false;
  #isBusy = false;
  #isClosed = false;
  #isHeld = false;
  /** Output shown when the last entry point was made. */
  #entryAt = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: {
    readonly followers: TerminalFollowers;
    readonly host: EntryHost;
    readonly events?: FollowerEvents;
    readonly columns: number;
    readonly rows: number;
  }) {
    this.#followers = options.followers;
    this.#host = options.host;
    this.#events = options.events ?? {};
    this.#columns = options.columns;
    this.#rows = options.rows;
    this.#follower = this.#followers.open(this.#columns, this.#rows, this.#events);
  }

  /** Output that was just emitted; the bytes are the follower's from now on. */
  shown(bytes: Uint8Array): void {
    this.#alive().write(bytes);
  }

  /** The terminal's new size, told to the target as well. */
  resized(columns: number, rows: number): void {
    const size = clampSize(columns, rows);
    this.#columns = size.columns;
    this.#rows = size.rows;
    this.#alive().resize(size.columns, size.rows);
  }

  /** The cursor, for the answer to a position report; null when the follower is behind. */
  cursor(): Promise<{ readonly row: number; readonly column: number } | null> {
    return this.#alive().cursor();
  }

  /** Asks for an entry point; several requests before it is there are one. */
  request(): void {
    this.#isWanted = true;
    if (!this.#isBusy && !this.#isClosed) void this.#make();
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#follower.close();
  }

  /** The follower, a new and empty one when the worker died: what is shown from now on is right again soon. */
  #alive(): TerminalFollower {
    if (this.#follower.isClosed && !this.#isClosed) {
      this.#follower = this.#followers.open(this.#columns, this.#rows, this.#events);
      this.#entryAt = 0;
    }
    return this.#follower;
  }

  async #make(): Promise<void> {
    this.#isBusy = true;
    this.#isWanted = false;
    for (let attempt = 0; attempt < MAX_TRIES && !this.#isClosed; attempt++) {
      const follower = this.#alive();
      const screen = await follower.screen();
      if (this.#isClosed || (screen !== null && this.#emit(follower, screen))) break;
      // Held until it is done: what the target may still send before it stops is a window at most. But a screen that
      // ends inside a sequence only becomes whole when the target goes on.
      const isTooLate = screen === null || screen.screen.length > 0;
      this.#hold(isTooLate && attempt + 1 >= TRIES_BEFORE_HOLD);
      await this.#pause(this.#isHeld ? HELD_RETRY_MS : RETRY_MS);
    }
    this.#hold(false);
    this.#isBusy = false;
    if (this.#isWanted && !this.#isClosed) void this.#make();
  }

  #hold(isHeld: boolean): void {
    if (this.#isHeld === isHeld) return;
    this.#isHeld = isHeld;
    this.#host.hold(isHeld);
  }

  /** Emits the entry point, unless too much was shown since its screen. */
  #emit(follower: TerminalFollower, screen: FollowedScreen): boolean {
    if (screen.screen.length === 0) return false;
    this.#host.flush();
    if (follower.end - screen.position > this.#tailLimit(follower)) return false;
    const tail = follower.since(screen.position);
    if (tail === null) return false;
    const { columns, rows } = screen;
    const marker: Marker = { type: "resize", columns, rows, widthPx: 0, heightPx: 0 };
    this.#host.emit(Channel.marker, FrameFlag.entryStart, encodeUtf8(JSON.stringify(marker)));
    this.#host.emit(Channel.text, FrameFlag.entryEnd, Buffer.concat([screen.screen, ...tail]));
    this.#entryAt = follower.end;
    return true;
  }

  #tailLimit({ end }: TerminalFollower): number {
    return Math.min(MAX_TAIL_BYTES, Math.max(TAIL_BYTES, (end - this.#entryAt) * TAIL_PART));
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#timer = setTimeout(resolve, ms).unref();
    });
  }
}
