import type { InputEvent } from "@poterne/wire";
import type { FrameBatch, FrameSink } from "../connection/session-connection.ts";
import { cursorStyle } from "./cursor-style.ts";
import { PointerCapture } from "./pointer-capture.ts";
import { remotePoint, type ScaleMode, type Size, shownSize, wantedSize } from "./scaling.ts";
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
  resized(size: Size): void;
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
  readonly #observer: ResizeObserver;
  readonly #done = new Map<number, () => void>();
  #preferences: DesktopPreferences;
  #isDriving = false;
  #remote: Size = { width: 0, height: 0 };
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
    this.#worker = new Worker(new URL("./display-worker.ts", import.meta.url), { type: "module" });
    this.#worker.onmessage = (event: MessageEvent<FromDisplayWorker>) => this.#heard(event.data);
    const offscreen = this.canvas.transferControlToOffscreen();
    this.#post({ type: "start", canvas: offscreen }, [offscreen]);
    this.#pointer = this.#capturePointer();
    this.#observer = new ResizeObserver(() => this.#layOut());
    this.#observer.observe(host);
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

  dispose(): void {
    clearTimeout(this.#askTimer);
    this.#observer.disconnect();
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
        toRemote: (x, y) => remotePoint({ x, y }, view.canvas.getBoundingClientRect(), view.#remote),
        get remotePerCss() {
          return view.#remote.width / Math.max(1, view.canvas.getBoundingClientRect().width);
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

  #layOut(): void {
    const room = { width: this.#host.clientWidth, height: this.#host.clientHeight };
    const view = {
      mode: this.#preferences.scale,
      isSharp: this.#preferences.isSharp,
      pixelRatio: devicePixelRatio,
    };
    const shown = shownSize(this.#remote, room, view);
    this.canvas.style.width = `${shown.width}px`;
    this.canvas.style.height = `${shown.height}px`;
    this.canvas.style.marginLeft = `${Math.max(0, (room.width - shown.width) / 2)}px`;
    this.canvas.style.marginTop = `${Math.max(0, (room.height - shown.height) / 2)}px`;
    // Enlarged without blur where a pixel becomes a whole number of pixels.
    const factor = this.#remote.width === 0 ? 1 : (shown.width * devicePixelRatio) / this.#remote.width;
    this.canvas.style.imageRendering = factor >= 2 && Number.isInteger(factor) ? "pixelated" : "auto";
    this.#askSoon(room);
  }

  #askSoon(room: Size): void {
    clearTimeout(this.#askTimer);
    if (!this.#isDriving || this.#preferences.scale !== "resize" || room.width === 0) return;
    const wanted = wantedSize(room, { isSharp: this.#preferences.isSharp, pixelRatio: devicePixelRatio });
    const text = `${wanted.width}x${wanted.height}`;
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
