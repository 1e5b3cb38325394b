import type { Recorder } from "../recording/recorder.ts";
import type { SessionDriver } from "./driver.ts";
import type { FrameOutlet } from "./frame-outlet.ts";

/** The recording gets an entry point after so much change or time (design §3). */
const ENTRY_AFTER_CHANGED_BYTES = 8 * 1024 * 1024;
const ENTRY_AFTER_MS = 60_000;
/** Entry points are asked of a target at most this often. */
const ENTRY_INTERVAL_MS = 500;
/** Drivers hear of the queue each time it crosses a multiple of this. */
const FLOW_STEP_BYTES = 64 * 1024;

/** A recorder gathers up to 256 kB or one second; twice that is behind. */
const RECORDER_GATHER_BYTES = 512 * 1024;

/** What the pace is made of. */
export interface PaceSources {
  readonly outlet: FrameOutlet;
  /** What there is now: driver and recorder come and go during a session's life. */
  look(): {
    readonly driver: SessionDriver | null;
    readonly recorder: Recorder | null;
    readonly isOpen: boolean;
  };
  nowMs(): number;
}

/** Keeps a target's pace to what its viewer and its recording take, and asks it for entry points when one is due. */
export class HubPace {
  readonly #sources: PaceSources;
  #lastEntryRequestMs = Number.NEGATIVE_INFINITY;
  #lastFlowStep = 0;
  #decodesH264 = false;
  #decodesOpus = false;

  constructor(sources: PaceSources) {
    this.#sources = sources;
  }

  get #queuedBytes(): number {
    const { outlet } = this.#sources;
    const { recorder } = this.#sources.look();
    const unwritten = recorder?.queuedBytes ?? 0;
    // What a recorder gathers before it writes is no lag: a driver that paces finely would read it as a slow link.
    let queued = unwritten > RECORDER_GATHER_BYTES ? unwritten : 0;
    for (const viewer of outlet.viewers)
      if (viewer.hasControl) queued = Math.max(queued, viewer.outstandingBytes);
    return queued;
  }

  /** Whether whoever has control, or had it last, decodes H.264. */
  get decodesH264(): boolean {
    this.#askController();
    return this.#decodesH264;
  }

  /** The same of Opus. */
  get decodesOpus(): boolean {
    this.#askController();
    return this.#decodesOpus;
  }

  #askController(): void {
    for (const viewer of this.#sources.outlet.viewers) {
      if (!viewer.hasControl) continue;
      this.#decodesH264 = viewer.decodesH264;
      this.#decodesOpus = viewer.decodesOpus;
    }
  }

  /** After an emit: tells the driver when the queue crossed a mark. */
  emitted(): void {
    if (Math.floor(this.#queuedBytes / FLOW_STEP_BYTES) !== this.#lastFlowStep) this.changed();
  }

  /** After an acknowledgement, a drain, a viewer coming or going. */
  changed(): void {
    // What waits for the end of this turn counts as sent: else it would look to the driver as if it had arrived.
    this.#sources.outlet.flush();
    const queuedBytes = this.#queuedBytes;
    this.#lastFlowStep = Math.floor(queuedBytes / FLOW_STEP_BYTES);
    const isWatched = this.#sources.outlet.viewers.size > 0;
    this.#sources.look().driver?.flow({ queuedBytes, isWatched, decodesH264: this.decodesH264 });
  }

  /** Asks for an entry point if a viewer waits for one or the recording is due one. */
  requestEntryIfDue(): void {
    const { outlet } = this.#sources;
    const { driver, isOpen } = this.#sources.look();
    if (!isOpen || driver === null) return;
    const now = this.#sources.nowMs();
    const isDue = outlet.isEntryWanted || this.#isRecordingEntryDue(now);
    if (!isDue || now - this.#lastEntryRequestMs < ENTRY_INTERVAL_MS) return;
    this.#lastEntryRequestMs = now;
    driver.requestEntryPoint();
  }

  #isRecordingEntryDue(nowMs: number): boolean {
    const { recorder } = this.#sources.look();
    if (recorder === null) return false;
    const { changedBytes, timeMs } = recorder.sinceEntryPoint;
    return changedBytes > ENTRY_AFTER_CHANGED_BYTES || (changedBytes > 0 && nowMs - timeMs > ENTRY_AFTER_MS);
  }
}
