import { decodeFrames } from "@poterne/wire";
import type { FrameSink } from "../connection/session-connection.ts";
import { type Observable, ObservableValue } from "../observable.ts";
import type { Timers } from "../timers.ts";
import { FrameBuffer, MAX_BUFFERED_BYTES } from "./frame-buffer.ts";
import { findIdleJump } from "./idle.ts";
import type { PlayerIndex, RecordingSource } from "./recording-source.ts";

/** The speeds a player offers. */
export const PLAYER_SPEEDS = [0.5, 1, 2, 4, 8, 16] as const;
/** How often the clock moves on. */
const TICK_MS = 30;
/** The clock never moves more than this at once: a tab that slept does not play a minute in one go. */
const MAX_STEP_MS = 250;
/** How far ahead of the position frames are loaded, in recorded time at speed 1. */
const AHEAD_MS = 15_000;
/** Bytes handed to the display and not shown yet; the clock waits above. */
const MAX_UNSHOWN_BYTES = 8 * 1024 * 1024;
/** A desktop that jumps further ahead begins at the entry point, of which the gateway sends only what is still seen. */
const NEAR_MS = 2000;
/** A running session's index is read again this often. */
const LIVE_REFRESH_MS = 2000;
/** At the live edge the player stays this far behind, so that frames are there when they are due. */
const LIVE_LAG_MS = 2000;

/** Where a player stands; replaced as a whole at each change. */
export interface PlayerState {
  readonly index: PlayerIndex | null;
  readonly positionMs: number;
  readonly isPlaying: boolean;
  readonly speed: number;
  readonly isSkippingIdle: boolean;
  /** Playing at the end of a session that still runs. */
  readonly isFollowing: boolean;
  /** The clock waits for frames. */
  readonly isLoading: boolean;
  readonly error: unknown;
}

/**
 * Decides when which frame is shown; the display it is given decides how. The same display shows live sessions, so a
 * replay cannot differ from what the person saw.
 */
export class Player {
  readonly state: Observable<PlayerState>;
  readonly #state = new ObservableValue<PlayerState>({
    index: null,
    positionMs: 0,
    isPlaying: false,
    speed: 1,
    isSkippingIdle: false,
    isFollowing: false,
    isLoading: true,
    error: null,
  });
  readonly #source: RecordingSource;
  readonly #timers: Timers;
  readonly #buffer = new FrameBuffer();
  #sink: FrameSink | null = null;
  #loadedUntilMs = 0;
  #loading: AbortController | null = null;
  /** Where a person jumped to before the display was there. */
  #wantedMs: number | null = null;
  #isAfter = false;
  /** The picture is being made from an entry point: everything up to the position is shown at once. */
  #isSeeking = false;
  #isEntryShown = false;
  /** Where it stands the display failed and was given everything again. */
  #hasRestarted = false;
  #unshownBytes = 0;
  #generation = 0;
  #tickedAtMs = 0;
  #cancelTick: () => void = () => undefined;
  #cancelRefresh: () => void = () => undefined;

  constructor(source: RecordingSource, timers: Timers) {
    this.#source = source;
    this.#timers = timers;
    this.state = this.#state;
  }

  /** Shows the picture at `atMs`, or where a person went meanwhile; reads the index first when nobody has yet. */
  async open(sink: FrameSink, atMs = 0): Promise<void> {
    this.#sink = sink;
    if (this.#state.read().index === null) await this.refresh();
    if (this.#state.read().index === null) return;
    if (this.#state.read().isFollowing) this.follow();
    else this.seek(this.#wantedMs ?? atMs);
    this.#tickedAtMs = this.#timers.nowMs();
    this.#tick();
  }

  /** Reads the index again: the session may have gone on. */
  async refresh(): Promise<void> {
    this.#cancelRefresh();
    try {
      const index = await this.#source.index();
      this.#change({ index });
      if (index.isRunning)
        this.#cancelRefresh = this.#timers.after(LIVE_REFRESH_MS, () => void this.refresh());
    } catch (error) {
      this.#change({ error, isLoading: false });
    }
  }

  play(): void {
    const { positionMs, index } = this.#state.read();
    if (index !== null && !index.isRunning && positionMs >= index.durationMs) this.seek(0);
    this.#change({ isPlaying: true, error: null });
  }

  pause(): void {
    this.#change({ isPlaying: false, isFollowing: false });
  }

  /** Sets the speed, one of `PLAYER_SPEEDS`. */
  setSpeed(speed: number): void {
    this.#change({ speed, isFollowing: false });
  }

  setSkippingIdle(isSkippingIdle: boolean): void {
    this.#change({ isSkippingIdle });
  }

  /** Goes to the end of a session that still runs and stays there. */
  follow(): void {
    const { index } = this.#state.read();
    if (index === null) return;
    this.seek(Math.max(0, index.durationMs - LIVE_LAG_MS));
    this.#change({ isPlaying: true, isFollowing: true, speed: 1 });
  }

  /** Shows the picture at a time: from where it stands when that is near ahead, else from the entry point before it. */
  seek(toMs: number): void {
    const { index, positionMs } = this.#state.read();
    if (index === null || this.#sink === null) {
      this.#wantedMs = toMs;
      return;
    }
    const target = Math.min(Math.max(0, toMs), index.durationMs);
    const entryMs = index.entryPointsMs.findLast((entry) => entry <= target) ?? 0;
    const isNear = index.kind === "terminal" || target - positionMs <= NEAR_MS;
    const isReachable = this.#isAfter && isNear && target >= positionMs && entryMs <= positionMs;
    this.#change({ positionMs: target, isFollowing: false, error: null });
    this.#isSeeking = true;
    this.#hasRestarted = false;
    if (!isReachable) this.#startFromEntry(target);
    this.#advance();
  }

  /** The display could not go on: it begins again at the entry point, once for each place, with all there is since. */
  restart(): void {
    if (this.#hasRestarted || this.#sink === null) return;
    this.#hasRestarted = true;
    this.#isSeeking = true;
    this.#startFromEntry(this.#state.read().positionMs);
    this.#advance();
  }

  dispose(): void {
    this.#generation++;
    this.#loading?.abort();
    this.#cancelTick();
    this.#cancelRefresh();
    this.#sink = null;
  }

  #startFromEntry(targetMs: number): void {
    this.#generation++;
    this.#loading?.abort();
    this.#loading = null;
    this.#buffer.clear();
    this.#unshownBytes = 0;
    this.#isAfter = false;
    this.#isEntryShown = false;
    this.#loadedUntilMs = targetMs;
    this.#sink?.reset();
  }

  #tick(): void {
    const nowMs = this.#timers.nowMs();
    const stepMs = Math.min(MAX_STEP_MS, nowMs - this.#tickedAtMs);
    this.#tickedAtMs = nowMs;
    this.#moveClock(stepMs);
    this.#advance();
    this.#cancelTick = this.#timers.after(TICK_MS, () => this.#tick());
  }

  #moveClock(stepMs: number): void {
    const state = this.#state.read();
    const isWaiting = this.#isSeeking || this.#unshownBytes > MAX_UNSHOWN_BYTES;
    if (!state.isPlaying || state.index === null || isWaiting) return;
    const wanted = this.#skipIdle(state, state.positionMs + stepMs * state.speed);
    // The clock never runs past what is loaded: a slow network stops it instead of losing frames.
    const limit = Math.min(state.index.durationMs, Math.max(this.#loadedUntilMs, state.positionMs));
    const positionMs = Math.min(wanted, limit);
    const isAtEnd = positionMs >= state.index.durationMs && !state.index.isRunning;
    this.#change({
      positionMs,
      isLoading: wanted > limit && !isAtEnd,
      ...(isAtEnd ? { isPlaying: false } : {}),
    });
  }

  #skipIdle(state: PlayerState, wantedMs: number): number {
    if (!state.isSkippingIdle || state.isFollowing || state.index === null) return wantedMs;
    const jump = findIdleJump(wantedMs, {
      nextChangeMs: this.#buffer.nextChangeMs(),
      loadedUntilMs: this.#loadedUntilMs,
      durationMs: state.index.durationMs,
      activity: state.index.activity,
    });
    if (jump === null) return wantedMs;
    // Nothing changes until there: what lies between need not be loaded piece by piece.
    if (this.#loading === null && state.error === null && jump > this.#loadedUntilMs) this.#load(jump);
    return jump;
  }

  /** Shows what is due and loads what comes. */
  #advance(): void {
    const { index, positionMs, speed } = this.#state.read();
    if (index === null) return;
    this.#showDue(positionMs, index.kind);
    const aheadMs = AHEAD_MS * Math.max(1, speed);
    const end = Math.min(index.durationMs, positionMs + aheadMs);
    const isShort = !this.#isAfter || this.#loadedUntilMs < Math.min(end, positionMs + aheadMs / 2);
    const canLoad = this.#loading === null && this.#state.read().error === null;
    // A seek loads no more than its picture needs; what comes after it is loaded once that is there.
    if (isShort && canLoad && this.#buffer.sizeBytes < MAX_BUFFERED_BYTES)
      this.#load(this.#isAfter ? end : positionMs);
    if (this.#isSeeking && this.#isAfter && this.#loadedUntilMs >= Math.min(positionMs, index.durationMs)) {
      this.#isSeeking = false;
      this.#change({ isLoading: false });
    }
  }

  #showDue(positionMs: number, kind: PlayerIndex["kind"]): void {
    const sink = this.#sink;
    if (sink === null) return;
    const room = MAX_UNSHOWN_BYTES - this.#unshownBytes;
    if (room <= 0) return;
    const maxBytes = this.#isSeeking ? Number.POSITIVE_INFINITY : room;
    const skipsEntries = kind === "terminal" && this.#isEntryShown;
    const slices = this.#buffer.take(positionMs, { maxBytes, skipsEntries });
    if (slices.length > 0) this.#isEntryShown = true;
    const generation = this.#generation;
    for (const { message } of slices) {
      const sizeBytes = message.byteLength;
      this.#unshownBytes += sizeBytes;
      const done = () => {
        if (generation === this.#generation) this.#unshownBytes -= sizeBytes;
      };
      sink.show({ message, frames: [...decodeFrames(new Uint8Array(message))], done });
    }
  }

  #load(toMs: number): void {
    const generation = this.#generation;
    const loading = new AbortController();
    this.#loading = loading;
    // The picture at the end of the first reply is shown at once, none before it and nothing behind it.
    const isForEnd = this.#isSeeking && !this.#isAfter;
    const request = {
      fromMs: this.#loadedUntilMs,
      toMs: isForEnd ? Math.floor(toMs) : Math.max(toMs, this.#loadedUntilMs + 1),
      isAfter: this.#isAfter,
      isEndOnly: isForEnd && !this.#hasRestarted,
      signal: loading.signal,
    };
    this.#source.frames(request).then(
      ({ bytes, nextMs }) => {
        if (generation !== this.#generation) return;
        this.#loading = null;
        this.#buffer.add(bytes);
        this.#isAfter = true;
        this.#loadedUntilMs = nextMs ?? request.toMs + 1;
        this.#advance();
      },
      (error: unknown) => {
        if (generation !== this.#generation) return;
        this.#loading = null;
        this.#isSeeking = false;
        this.#change({ error, isPlaying: false, isLoading: false });
      },
    );
  }

  #change(part: Partial<PlayerState>): void {
    const state = this.#state.read();
    const isSame = Object.entries(part).every(([name, value]) =>
      Object.is(state[name as keyof PlayerState], value),
    );
    if (!isSame) this.#state.write({ ...state, ...part });
  }
}
