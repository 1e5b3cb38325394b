import type { InputEvent } from "@poterne/wire";
import { ClipboardBridge } from "../clipboard/clipboard-bridge.ts";
import { placeCanvas, watchRoom } from "../desktop/canvas-place.ts";
import { cursorStyle } from "../desktop/cursor-style.ts";
import { type DesktopPreferences, RESIZE_AFTER_MS } from "../desktop/desktop-view.ts";
import { PointerCapture } from "../desktop/pointer-capture.ts";
import { type Room, remotePoint } from "../desktop/scaling.ts";
import type { FromScreen, ToScreen } from "../desktop/screen-part.ts";
import { stickyEvent } from "../keyboard/chords.ts";
import { KeyboardCapture } from "../keyboard/keyboard-capture.ts";
import type { KeyboardOptions } from "../keyboard/keyboard-machine.ts";
import { type Observable, ObservableValue } from "../observable.ts";
import {
  callChannel,
  type FromScreenWindow,
  type ScreenGreeting,
  type ScreenState,
  type ToScreenWindow,
} from "./screen-messages.ts";
import { screenLeftOf } from "./window-placement.ts";

/** How often a window without a place asks for one. */
const GREET_EVERY_MS = 400;

/** Where a further window stands: waiting for the session's page, shown, or at its end. */
export interface ScreenViewState {
  readonly connection: "waiting" | "shown" | "no-page" | "replaced" | "ended";
  readonly session: ScreenState | null;
}

/** What a further window draws on, and how the person likes it. */
export interface ScreenViewOptions {
  readonly host: HTMLElement;
  readonly field: HTMLTextAreaElement;
  readonly sessionId: string;
  readonly screenId: number;
  readonly desktop: DesktopPreferences;
  readonly keyboard: KeyboardOptions;
}

/** A further window of a session: one screen of its desktop, drawn and typed in here, everything else done by its page. */
export class ScreenView {
  readonly state: Observable<ScreenViewState>;
  readonly #state = new ObservableValue<ScreenViewState>({ connection: "waiting", session: null });
  readonly #options: ScreenViewOptions;
  readonly #canvas = document.createElement("canvas");
  readonly #context: CanvasRenderingContext2D | null;
  readonly #pointer: PointerCapture;
  readonly #keyboard: KeyboardCapture;
  readonly #clipboard: ClipboardBridge;
  readonly #abort = new AbortController();
  readonly #stopWatching: () => void;
  readonly #calls: BroadcastChannel;
  #port: MessagePort | null = null;
  #pixels: MessagePort | null = null;
  #greetTimer: ReturnType<typeof setTimeout> | undefined;
  #roomTimer: ReturnType<typeof setTimeout> | undefined;
  #told = "";

  constructor(options: ScreenViewOptions) {
    this.#options = options;
    this.state = this.#state;
    const { host, field, sessionId } = options;
    Object.assign(this.#canvas.style, { display: "block", touchAction: "none", outline: "none", width: "0" });
    host.append(this.#canvas);
    this.#context = this.#canvas.getContext("2d", { alpha: false });
    this.#pointer = this.#capturePointer();
    this.#clipboard = new ClipboardBridge({
      rules: () => this.#clipboardRules(),
      send: (kind, content) => this.#say({ type: "clipboard", kind, content }),
      sendFiles: () => Promise.resolve(false),
      replayPaste: () => this.#input(pasteKeys()),
    });
    this.#keyboard = new KeyboardCapture(field, options.keyboard, {
      input: (events) => this.#input(events),
      leavesToBrowser: (event) => this.#clipboard.wantsPasteEvent(event),
      gesture: () => this.#clipboard.gesture(),
    });
    const { signal } = this.#abort;
    field.addEventListener("paste", (event) => this.#clipboard.pasteEvent(event), { signal });
    window.addEventListener("pagehide", () => this.#say({ type: "bye" }), { signal });
    this.#stopWatching = watchRoom(host, () => this.#layOut());
    this.#calls = new BroadcastChannel(callChannel(sessionId));
    this.#calls.onmessage = () => this.#greet();
    this.#greet();
  }

  focus(): void {
    this.#keyboard.focus();
  }

  dispose(): void {
    this.#say({ type: "bye" });
    this.#abort.abort();
    clearTimeout(this.#greetTimer);
    clearTimeout(this.#roomTimer);
    this.#calls.close();
    this.#stopWatching();
    this.#pointer.dispose();
    this.#keyboard.dispose();
    this.#clipboard.dispose();
    this.#port?.close();
    this.#pixels?.close();
    this.#canvas.remove();
  }

  /** Asks the session's page for a place, until it gives one. */
  #greet(): void {
    clearTimeout(this.#greetTimer);
    const { sessionId, screenId } = this.#options;
    const page = window.opener as Window | null;
    if (page === null || page.closed) return this.#leave("no-page");
    const words = new MessageChannel();
    const pixels = new MessageChannel();
    const greeting: ScreenGreeting = { poterne: "screen", sessionId, screenId };
    page.postMessage(greeting, location.origin, [words.port2, pixels.port2]);
    words.port1.onmessage = ({ data }: MessageEvent<ToScreenWindow>) => this.#said(words.port1, data);
    pixels.port1.onmessage = ({ data }: MessageEvent<ToScreen>) => this.#draw(pixels.port1, data);
    this.#port?.close();
    this.#pixels?.close();
    this.#port = words.port1;
    this.#pixels = pixels.port1;
    this.#told = "";
    this.#greetTimer = setTimeout(() => this.#greet(), GREET_EVERY_MS);
    this.#layOut();
  }

  #said(port: MessagePort, message: ToScreenWindow): void {
    if (port !== this.#port) return;
    clearTimeout(this.#greetTimer);
    if (message.type === "state") this.#follow(message.state);
    else if (message.type === "clipboard") this.#clipboard.received(message.kind, message.content);
    else if (message.type === "replaced") this.#leave("replaced");
    else if (message.type === "end") {
      this.#leave("ended");
      window.close();
    } else {
      this.#change({ connection: "waiting" });
      this.#keyboard.setDriving(false);
      this.#greetTimer = setTimeout(() => this.#greet(), GREET_EVERY_MS);
    }
  }

  #leave(connection: "no-page" | "replaced" | "ended"): void {
    clearTimeout(this.#greetTimer);
    this.#keyboard.setDriving(false);
    this.#change({ connection });
  }

  #follow(session: ScreenState): void {
    this.#change({ connection: "shown", session });
    this.#keyboard.setDriving(session.canAct && session.part !== null);
    this.#clipboard.refresh();
    this.#layOut();
  }

  #change(part: Partial<ScreenViewState>): void {
    this.#state.write({ ...this.#state.read(), ...part });
  }

  #draw(port: MessagePort, message: ToScreen): void {
    if (message.type === "cursor") this.#canvas.style.cursor = cursorStyle(message.shape, document);
    else if (message.type === "size") {
      this.#canvas.width = message.width;
      this.#canvas.height = message.height;
      this.#layOut();
    } else {
      for (const { x, y, width, height, rgba } of message.pixels)
        this.#context?.putImageData(new ImageData(new Uint8ClampedArray(rgba), width, height), x, y);
      port.postMessage({ type: "drawn" } satisfies FromScreen);
    }
  }

  #layOut(): void {
    const { width, height } = this.#canvas;
    const wish = { mode: "resize", isSharp: this.#options.desktop.isSharp } as const;
    const room = placeCanvas(this.#canvas, this.#options.host, { width, height }, wish);
    clearTimeout(this.#roomTimer);
    if (room !== null)
      this.#roomTimer = setTimeout(() => this.#tellRoom(room), this.#told === "" ? 0 : RESIZE_AFTER_MS);
  }

  #tellRoom(room: Room): void {
    const told = { ...room, screenLeft: screenLeftOf(window) };
    const text = JSON.stringify(told);
    if (text === this.#told) return;
    this.#told = text;
    this.#say({ type: "room", room: told });
  }

  #say(message: FromScreenWindow): boolean {
    this.#port?.postMessage(message);
    return this.#port !== null;
  }

  #input(events: readonly InputEvent[]): void {
    if (events.length > 0 && this.#state.read().session?.canAct === true)
      this.#say({ type: "input", events });
  }

  #capturePointer(): PointerCapture {
    const view = this;
    const part = () => view.#state.read().session?.part ?? { x: 0, y: 0, width: 1, height: 1 };
    const desktop = () => view.#state.read().session?.desktop ?? { width: 1, height: 1 };
    return new PointerCapture(
      this.#canvas,
      {
        toRemote: (x, y) => remotePoint({ x, y }, view.#canvas.getBoundingClientRect(), part(), desktop()),
        get remotePerCss() {
          return part().width / Math.max(1, view.#canvas.getBoundingClientRect().width);
        },
        get remoteSize() {
          return desktop();
        },
        send: (events) => {
          if (view.#state.read().session?.part !== null) view.#input(events);
        },
        pressed: () => {
          view.#clipboard.gesture();
          view.#keyboard.focus();
        },
      },
      this.#options.desktop.touch,
    );
  }

  #clipboardRules() {
    const session = this.#state.read().session;
    return {
      toTarget: session?.policy?.clipboardToTarget ?? "off",
      fromTarget: session?.policy?.clipboardFromTarget ?? "off",
      canAct: session?.canAct ?? false,
      isRich: true,
      // A further screen has no way to send files: they are pasted in the session's own window.
      takesFiles: false,
    } as const;
  }
}

function pasteKeys(): InputEvent[] {
  const v = { type: "key", keysym: 0x76, scancode: 0x2f } as const;
  return [
    stickyEvent("control", true),
    { ...v, isDown: true },
    { ...v, isDown: false },
    stickyEvent("control", false),
  ];
}
