import type { DesktopPlace, InputEvent } from "@poterne/wire";
import type { FrameBatch, FrameSink } from "../connection/session-connection.ts";
import { placeCanvas, watchRoom } from "./canvas-place.ts";
import { cursorStyle } from "./cursor-style.ts";
import { takeDisplayWorker } from "./display-workers.ts";
import { PointerCapture } from "./pointer-capture.ts";
import { type Room, remotePoint, type ScaleMode, type Size } from "./scaling.ts";
import type { TouchMode } from "./touch-machine.ts";
import type { FromDisplayWorker, ToDisplayWorker } from "./worker-protocol.ts";

/** The target is asked for a new size when the window has kept still for so long. */
export const RESIZE_AFTER_MS = 300;

/** How a person wants the desktop shown. */
export interface DesktopPreferences {
  readonly scale: ScaleMode;
  /** One remote pixel is one device pixel on a dense screen. */
  readonly isSharp: boolean;
  readonly touch: TouchMode;
}

/** What the desktop tells the page. */
export interface DesktopEvents {
  input(events: readonly InputEvent[]): void;
  /** The room this viewer has, in remote pixels: only while it drives and resizes the remote. */
  resized(room: Room): void;
  /** The remote desktop's size. */
  size(size: Size): void;
  /** The display lost its way and wants an entry point. */
  needEntry(): void;
  /** The picture is H.264 and this browser does not decode it; false once a picture is shown again. */
  undecodable(isUndecodable: boolean): void;
  /** The person pressed on the picture: a gesture, and the keyboard should come here. */
  pressed(): void;
}

/** One remote desktop on the page. Decoding and drawing happen in a worker; this file owns place, size and pointer. */
export class DesktopView implements FrameSink {
  readonly canvas: HTMLCanvasElement;
  readonly #host: HTMLElement;
  readonly #events: DesktopEvents;
  readonly #worker: Worker;
  readonly #pointer: PointerCapture;
  readonly #stopWatching: () => void;
  readonly #done = new Map<number, () => void>();
  #preferences: DesktopPreferences;
  #isDriving = false;
  #remote: Size = { width: 0, height: 0 };
  /** What this window shows of it; null for all. */
  #part: DesktopPlace | null = null;
  /** The desktop is shown in further windows too: then it follows their sizes, whatever the person likes else. */
  #hasFurther = false;
  #nextNumber = 0;
  #askTimer: ReturnType<typeof setTimeout> | undefined;
  #asked = "";

  constructor(host: HTMLElement, preferences: DesktopPreferences, events: DesktopEvents) {
    this.#host = host;
    this.#preferences = preferences;
    this.#events = events;
    this.canvas = document.createElement("canvas");
    this.canvas.style.display = "block";
    this.canvas.style.touchAction = "none";
    this.canvas.style.outline = "none";
    this.canvas.style.width = "0";
    host.append(this.canvas);
    this.#worker = takeDisplayWorker();
    this.#worker.onmessage = (event: MessageEvent<FromDisplayWorker>) => this.#heard(event.data);
    const offscreen = this.canvas.transferControlToOffscreen();
    this.#post({ type: "start", canvas: offscreen }, [offscreen]);
    this.#pointer = this.#capturePointer();
    this.#stopWatching = watchRoom(host, () => this.#layOut());
  }

  reset(): void {
    this.#post({ type: "reset" });
  }

  /** Gives the whole message to the worker, which owns it from now on. */
  show(batch: FrameBatch): void {
    const number = this.#nextNumber++;
    this.#done.set(number, () => batch.done());
    this.#post({ type: "message", number, message: batch.message }, [batch.message]);
  }

  /** Whether mouse and window size of this viewer go to the target. */
  setDriving(isDriving: boolean): void {
    this.#isDriving = isDriving;
    this.#asked = "";
    this.#layOut();
  }

  setPreferences(preferences: DesktopPreferences): void {
    this.#preferences = preferences;
    this.#pointer.setTouchMode(preferences.touch);
    this.#asked = "";
    this.#layOut();
  }

  /** Which part of the desktop this window shows, null for all, and whether further windows show theirs. */
  showPart(part: DesktopPlace | null, hasFurther: boolean): void {
    if (hasFurther !== this.#hasFurther) this.#asked = "";
    this.#part = part;
    this.#hasFurther = hasFurther;
    this.#post({ type: "part", part });
    this.#layOut();
  }

  /** A further window gets its pixels over `port`, as soon as it has a part. */
  addScreen(screenId: number, port: MessagePort): void {
    this.#post({ type: "screen", screenId, port }, [port]);
  }

  placeScreen(screenId: number, part: DesktopPlace | null): void {
    this.#post({ type: "screen-part", screenId, part });
  }

  removeScreen(screenId: number): void {
    this.#post({ type: "screen-gone", screenId });
  }

  get #shown(): DesktopPlace {
    return this.#part ?? { x: 0, y: 0, ...this.#remote };
  }

  dispose(): void {
    clearTimeout(this.#askTimer);
    this.#stopWatching();
    this.#pointer.dispose();
    this.#worker.terminate();
    this.canvas.remove();
    this.#done.clear();
  }

  #capturePointer(): PointerCapture {
    const view = this;
    return new PointerCapture(
      this.canvas,
      {
        toRemote: (x, y) =>
          remotePoint({ x, y }, view.canvas.getBoundingClientRect(), view.#shown, view.#remote),
        get remotePerCss() {
          return view.#shown.width / Math.max(1, view.canvas.getBoundingClientRect().width);
        },
        get remoteSize() {
          return view.#remote;
        },
        send: (events) => {
          if (view.#isDriving) view.#events.input(events);
        },
        pressed: () => view.#events.pressed(),
      },
      this.#preferences.touch,
    );
  }

  #heard(message: FromDisplayWorker): void {
    if (message.type === "done") {
      this.#done.get(message.number)?.();
      this.#done.delete(message.number);
    } else if (message.type === "size") {
      this.#remote = { width: message.widthPx, height: message.heightPx };
      this.#events.size(this.#remote);
      this.#layOut();
    } else if (message.type === "cursor") this.canvas.style.cursor = cursorStyle(message.shape, document);
    else if (message.type === "undecodable") this.#events.undecodable(message.isUndecodable);
    else if (message.type === "need-entry") this.#events.needEntry();
  }

  get #mode(): ScaleMode {
    return this.#hasFurther ? "resize" : this.#preferences.scale;
  }

  #layOut(): void {
    const wish = { mode: this.#mode, isSharp: this.#preferences.isSharp };
    this.#askSoon(placeCanvas(this.canvas, this.#host, this.#shown, wish));
  }

  #askSoon(wanted: Room | null): void {
    clearTimeout(this.#askTimer);
    if (!this.#isDriving || this.#mode !== "resize" || wanted === null) return;
    const text = `${wanted.width}x${wanted.height}@${wanted.scalePercent}`;
    if (text === this.#asked) return;
    this.#askTimer = setTimeout(() => {
      this.#asked = text;
      this.#events.resized(wanted);
    }, RESIZE_AFTER_MS);
  }

  #post(message: ToDisplayWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }
}
