import { Channel, FRAME_HEADER_BYTES, type Frame, FrameFlag, writeFrameHeader } from "@poterne/wire";
import { freeMemory } from "../free-memory.ts";
import { MESSAGE_ROOM_BYTES } from "./message-room.ts";
import type { ViewerLink } from "./viewer-link.ts";

/** An observer this far behind is dropped from the stream and starts again at an entry point. */
export const OBSERVER_LAG_LIMIT_BYTES = 8 * 1024 * 1024;

/** The controller paces the target, so it falls this far behind only if it stopped consuming altogether. */
export const CONTROLLER_LAG_LIMIT_BYTES = 48 * 1024 * 1024;

/** A dropped viewer asks for its entry point once it has consumed down to this. */
const RESUME_LAG_BYTES = 256 * 1024;

/** Frames of one burst are sent as one message up to this size. */
const MAX_BATCH_BYTES = 256 * 1024;

/** Messages shorter than this come from Node's pool of small buffers. */
const POOLED_BELOW_BYTES = 4096;
const NO_BYTES = new Uint8Array(0);
/** Node's `queueMicrotask` makes an object to follow each call by; a promise's reaction does not. */
const SOON = Promise.resolve();

/**
 * Sends a session's frames to its viewers: the frames of one turn of the event loop as one message, encoded once for
 * all. Viewers without state wait for the next entry point; slow ones are sent back to waiting, never waited for.
 */
export class FrameOutlet {
  readonly #viewers = new Set<ViewerLink>();
  /** Entry frames of a terminal repeat what live viewers already show: only waiting viewers get them. */
  readonly #areEntriesPrivate: boolean;
  readonly #wantEntry: () => void;
  readonly #batch = new Message();
  #isFlushDue = false;
  #isInEntry = false;
  #entrants: ViewerLink[] = [];

  constructor(options: { areEntriesPrivate: boolean; wantEntry: () => void }) {
    this.#areEntriesPrivate = options.areEntriesPrivate;
    this.#wantEntry = options.wantEntry;
  }

  get viewers(): ReadonlySet<ViewerLink> {
    return this.#viewers;
  }

  /** Whether some viewer needs an entry point to go on. */
  get isEntryWanted(): boolean {
    for (const viewer of this.#viewers) if (this.#isReadyToEnter(viewer)) return true;
    return false;
  }

  add(viewer: ViewerLink): void {
    this.#viewers.add(viewer);
  }

  remove(viewer: ViewerLink): void {
    this.#viewers.delete(viewer);
    this.#entrants = this.#entrants.filter((entrant) => entrant !== viewer);
  }

  /** Puts a viewer back to waiting (it lost its state) and asks for an entry point. */
  restart(viewer: ViewerLink): void {
    viewer.state = "waiting";
    this.#wantEntry();
  }

  /** Takes one frame, in stream order. */
  emit(frame: Frame): void {
    if ((frame.flags & FrameFlag.recordOnly) !== 0) return;
    if ((frame.flags & FrameFlag.entryStart) !== 0) this.#beginEntry();
    if (this.#isInEntry && this.#areEntriesPrivate) this.#sendApart(frame);
    else this.#enqueue(frame);
    if ((frame.flags & FrameFlag.entryEnd) !== 0) this.#endEntry();
  }

  #beginEntry(): void {
    this.flush();
    this.#isInEntry = true;
    this.#entrants = [...this.#viewers].filter((viewer) => this.#isReadyToEnter(viewer));
    if (!this.#areEntriesPrivate) for (const viewer of this.#entrants) viewer.state = "live";
  }

  #endEntry(): void {
    this.#isInEntry = false;
    for (const viewer of this.#entrants) viewer.state = "live";
    this.#entrants = [];
  }

  #isReadyToEnter(viewer: ViewerLink): boolean {
    return viewer.state === "waiting" && viewer.outstandingBytes <= RESUME_LAG_BYTES;
  }

  #sendApart(frame: Frame): void {
    const message = new Message();
    message.add(frame);
    message.sendTo(this.#entrants);
  }

  #enqueue(frame: Frame): void {
    // Who comes later waits for an entry point, and that begins with a flush.
    if (this.#viewers.size === 0) return;
    if (this.#batch.length > 0 && this.#batch.length + frame.payload.length > MAX_BATCH_BYTES) this.flush();
    this.#batch.add(frame);
    if (this.#batch.length >= MAX_BATCH_BYTES) this.flush();
    else if (!this.#isFlushDue) {
      this.#isFlushDue = true;
      void SOON.then(this.#flushDue);
    }
  }

  readonly #flushDue = (): void => this.flush();

  /** Sends what is batched now. */
  flush(): void {
    this.#isFlushDue = false;
    if (this.#batch.length === 0) return;
    const live: ViewerLink[] = [];
    for (const viewer of this.#viewers)
      if (viewer.state === "live" && this.#isKeepingUp(viewer)) live.push(viewer);
    this.#batch.sendTo(live);
  }

  #isKeepingUp(viewer: ViewerLink): boolean {
    const limit = viewer.hasControl ? CONTROLLER_LAG_LIMIT_BYTES : OBSERVER_LAG_LIMIT_BYTES;
    if (viewer.outstandingBytes + viewer.socket.bufferedBytes <= limit) return true;
    viewer.state = "waiting";
    return false;
  }
}

/** Frames of one burst as one message with room in front, encoded as they come; their payloads are copied at once. */
class Message {
  #bytes: Uint8Array = NO_BYTES;
  #length = MESSAGE_ROOM_BYTES;
  #streamBytes = 0;

  /** Of the frames so far. */
  get length(): number {
    return this.#length - MESSAGE_ROOM_BYTES;
  }

  add(frame: Frame): void {
    const { payload } = frame;
    const end = this.#length + FRAME_HEADER_BYTES + payload.length;
    if (end > this.#bytes.length) this.#grow(end);
    writeFrameHeader(this.#bytes, this.#length, frame, payload.length);
    this.#bytes.set(payload, this.#length + FRAME_HEADER_BYTES);
    this.#length = end;
    if (isCounted(frame.channel)) this.#streamBytes += payload.length;
  }

  /** The first frame of most bursts is the only one: it gets the room it needs and no more. */
  #grow(needed: number): void {
    const room = this.#bytes.length === 0 ? needed : Math.max(needed, 2 * this.#bytes.length);
    const larger = room < POOLED_BELOW_BYTES ? Buffer.allocUnsafe(room) : Buffer.allocUnsafeSlow(room);
    larger.set(this.#bytes.subarray(0, this.#length));
    freeMemory(this.#bytes);
    this.#bytes = larger;
  }

  /** Sends it to each viewer and forgets it; its memory is given back when the last has it. */
  sendTo(viewers: readonly ViewerLink[]): void {
    const bytes = this.#bytes.subarray(0, this.#length);
    const streamBytes = this.#streamBytes;
    this.#bytes = NO_BYTES;
    this.#length = MESSAGE_ROOM_BYTES;
    this.#streamBytes = 0;
    let unsent = viewers.length;
    if (unsent === 0) return freeMemory(bytes);
    const onSent = () => {
      unsent--;
      if (unsent === 0) freeMemory(bytes);
    };
    for (const viewer of viewers) viewer.sendStream(bytes, streamBytes, onSent);
  }
}

/** Channels whose payload bytes a viewer acknowledges on the `flow` channel: what it must draw or parse. */
export function isCounted(channel: number): boolean {
  return channel === Channel.picture || channel === Channel.text || channel === Channel.sound;
}
