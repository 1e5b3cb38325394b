import { type InputEvent, MAX_SCREENS, type ViewerScreen } from "@poterne/wire";
import type { SessionState } from "../connection/session-state.ts";
import { canAct } from "../connection/session-state.ts";
import type { DesktopView } from "../desktop/desktop-view.ts";
import type { Room, Size } from "../desktop/scaling.ts";
import { type Observable, ObservableValue } from "../observable.ts";
import { arrangeScreens, partsOf, type WindowRoom } from "./arrange.ts";
import { hadWindows, rememberWindows } from "./had-windows.ts";
import { callChannel, type FromScreenWindow, isGreeting, type ToScreenWindow } from "./screen-messages.ts";
import { findScreen, screenLeftOf } from "./window-placement.ts";

/** A window that said goodbye and is not back after so long was closed. */
const RELOAD_MS = 3000;
/** A page that was loaded again waits so long for its windows before it tells the target its screens. */
const GATHER_MS = 2500;
/** How often it is looked whether a window still stands. */
const LOOK_EVERY_MS = 500;

/** What the windows of a session need of its page. */
export interface ScreenWindowsHost {
  readonly sessionId: string;
  readonly desktop: Pick<DesktopView, "addScreen" | "placeScreen" | "removeScreen" | "showPart">;
  state(): SessionState;
  input(events: readonly InputEvent[]): void;
  sendClipboard(kind: number, content: Uint8Array): boolean;
  /** The target is to be laid out for these screens. */
  layOut(screens: readonly ViewerScreen[]): void;
}

/** What the page shows of its further windows. */
export interface ScreenWindowsState {
  readonly count: number;
  /** The browser refused to open the last one. */
  readonly isRefused: boolean;
}

interface Further {
  readonly window: Window;
  port: MessagePort | null;
  room: WindowRoom | null;
  leftAtMs: number | null;
}

/**
 * The further windows of a session, each showing one screen of its desktop. There is one viewer all the same: this page
 * holds the session's socket, decodes and acknowledges; the windows get their pixels and send what is done in them
 * (decision 0125).
 */
export class ScreenWindows {
  readonly state: Observable<ScreenWindowsState>;
  readonly #state = new ObservableValue<ScreenWindowsState>({ count: 0, isRefused: false });
  readonly #host: ScreenWindowsHost;
  readonly #windows = new Map<number, Further>();
  readonly #abort = new AbortController();
  readonly #calls: BroadcastChannel;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #gatherUntilMs: number;
  #room: Room | null = null;
  #desktop: Size = { width: 0, height: 0 };
  #wanted: readonly ViewerScreen[] = [];
  #asked = "";

  constructor(host: ScreenWindowsHost) {
    this.#host = host;
    this.state = this.#state;
    this.#gatherUntilMs = performance.now() + (hadWindows(host.sessionId) ? GATHER_MS : 0);
    const { signal } = this.#abort;
    window.addEventListener("message", (event) => this.#heard(event), { signal });
    window.addEventListener("pagehide", () => this.#tellAll({ type: "away" }), { signal });
    this.#calls = new BroadcastChannel(callChannel(host.sessionId));
    this.#calls.postMessage("here");
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  /** Opens one more window, on a screen of its own where the browser has told of them. */
  async add(): Promise<void> {
    const screenId = this.#freeNumber();
    if (screenId === null) return;
    const place = await findScreen(this.#windows.size);
    const opened = window.open(
      `/s/${this.#host.sessionId}?screen=${screenId}`,
      `poterne-${this.#host.sessionId}-${screenId}`,
      place,
    );
    if (opened !== null)
      this.#windows.set(screenId, { window: opened, port: null, room: null, leftAtMs: null });
    this.#changed(opened === null);
  }

  /** The room of the page's own window. */
  setRoom(room: Room): void {
    this.#room = room;
    this.#arrange();
  }

  /** The desktop's size, or what the gateway says, has changed. */
  follow(desktop: Size | null): void {
    if (desktop !== null) this.#desktop = desktop;
    const { phase } = this.#host.state();
    if (phase === "ended") return this.#tellAll({ type: "end" });
    if (this.#room === null) this.#place();
    else this.#arrange();
  }

  /** Clipboard content of the target, for the window the person is in. */
  clipboard(kind: number, content: Uint8Array): void {
    this.#tellAll({ type: "clipboard", kind, content });
  }

  dispose(): void {
    this.#abort.abort();
    clearInterval(this.#timer);
    this.#calls.close();
    this.#tellAll({ type: this.#host.state().phase === "ended" ? "end" : "away" });
    for (const { port } of this.#windows.values()) port?.close();
    this.#windows.clear();
  }

  #freeNumber(): number | null {
    const max = Math.min(this.#host.state().screens?.max ?? 1, MAX_SCREENS);
    for (let number = 2; number <= max; number++) if (!this.#windows.has(number)) return number;
    return null;
  }

  #heard(event: MessageEvent): void {
    if (event.origin !== location.origin || !isGreeting(event.data, this.#host.sessionId)) return;
    const { screenId } = event.data;
    const [port, pixels] = event.ports;
    const isNumber = screenId >= 2 && screenId <= MAX_SCREENS;
    if (port === undefined || pixels === undefined || !isNumber || event.source === null) return;
    const known = this.#windows.get(screenId);
    known?.port?.postMessage({ type: "replaced" } satisfies ToScreenWindow);
    known?.port?.close();
    const room = known?.room ?? null;
    const further: Further = { window: event.source as Window, port, room, leftAtMs: null };
    this.#windows.set(screenId, further);
    port.onmessage = ({ data }: MessageEvent<FromScreenWindow>) => this.#said(screenId, further, data);
    this.#host.desktop.addScreen(screenId, pixels);
    this.#changed(false);
    this.#arrange();
    this.#place();
  }

  #said(screenId: number, further: Further, message: FromScreenWindow): void {
    if (this.#windows.get(screenId) !== further) return;
    switch (message.type) {
      case "room":
        further.room = message.room;
        return this.#arrange();
      case "input":
        if (canAct(this.#host.state())) this.#host.input(message.events);
        return;
      case "clipboard":
        if (canAct(this.#host.state())) this.#host.sendClipboard(message.kind, message.content);
        return;
      case "bye":
        further.leftAtMs = performance.now();
        // A window that is closed says so at once, or nearly.
        setTimeout(() => this.#look(), 100);
    }
  }

  /** Lets go of windows that were closed. */
  #look(): void {
    const nowMs = performance.now();
    let isLess = false;
    for (const [screenId, { window: opened, port, leftAtMs }] of this.#windows) {
      const isGone = opened.closed || (leftAtMs !== null && nowMs - leftAtMs > RELOAD_MS);
      if (!isGone) continue;
      isLess = true;
      port?.close();
      this.#windows.delete(screenId);
      this.#host.desktop.removeScreen(screenId);
    }
    if (isLess) this.#changed(false);
    if (isLess || this.#isGathering) this.#arrange();
  }

  get #isGathering(): boolean {
    return this.#asked === "" && this.#room !== null;
  }

  #changed(isRefused: boolean): void {
    const count = this.#windows.size;
    rememberWindows(this.#host.sessionId, count);
    this.#state.write({ count, isRefused });
  }

  /** Windows whose room is known, by number. */
  get #ready(): [number, WindowRoom][] {
    const ready: [number, WindowRoom][] = [];
    for (const [screenId, { room }] of this.#windows) if (room !== null) ready.push([screenId, room]);
    return ready.toSorted(([one], [other]) => one - other);
  }

  #arrange(): void {
    const own = this.#room;
    const ready = this.#ready;
    if (own === null) return;
    // The target is not asked to take a screen away that comes back in a moment.
    const isComplete = ready.length > 0 && ready.length === this.#windows.size;
    if (!isComplete && performance.now() < this.#gatherUntilMs) return this.#place();
    this.#wanted = arrangeScreens([
      { ...own, screenLeft: screenLeftOf(window) },
      ...ready.map(([, room]) => room),
    ]);
    this.#place();
    const text = JSON.stringify(this.#wanted);
    if (text === this.#asked || !canAct(this.#host.state())) return;
    this.#asked = text;
    this.#host.layOut(this.#wanted);
  }

  /** Gives each window its part of the desktop, and tells what it has to know. */
  #place(): void {
    const state = this.#host.state();
    const ready = this.#ready;
    const [own = null, ...parts] = partsOf(this.#wanted, state.screens?.places ?? [], this.#desktop);
    this.#host.desktop.showPart(own, this.#windows.size > 0);
    for (const [index, [screenId]] of ready.entries())
      this.#host.desktop.placeScreen(screenId, parts[index] ?? null);
    for (const [screenId, { port }] of this.#windows) {
      const index = ready.findIndex(([number]) => number === screenId);
      port?.postMessage({
        type: "state",
        state: {
          phase: state.phase,
          canAct: canAct(state),
          isPaused: state.pausedBy !== null,
          machineName: state.hello?.machineName ?? "",
          policy: state.hello?.policy ?? null,
          part: parts[index] ?? null,
          desktop: this.#desktop,
        },
      } satisfies ToScreenWindow);
    }
  }

  #tellAll(message: ToScreenWindow): void {
    for (const { port } of this.#windows.values()) port?.postMessage(message);
  }
}
