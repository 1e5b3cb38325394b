import { SESSION_KIND } from "@poterne/contract";
import {
  BarChord,
  CHORD_HOLD_MS,
  ClipboardBridge,
  canAct,
  chordEvents,
  type DesktopChord,
  type DesktopView,
  decidePaste,
  detectPlatform,
  enterFullScreen,
  KeyboardCapture,
  leaveFullScreen,
  loadDesktopView,
  loadTerminalView,
  type Observable,
  ObservableValue,
  type PasteDecision,
  type SessionConnection,
  type SessionState,
  type Size,
  SoundOutlet,
  type StickyKey,
  stickyEvent,
  TERMINAL_CHORDS,
  type TerminalChord,
  type TerminalView,
} from "@poterne/viewer";
import type { FileEvent, ViewerRole } from "@poterne/wire";
import type { ApiFailure } from "../api/api-failure.ts";
import { clipboardRules, pasteKeys } from "./clipboard-rules.ts";
import { beginSession, tellRoom } from "./connect.ts";
import { takeHandover } from "./handover.ts";
import { preferences } from "./preferences.ts";
import type { StageQuestion } from "./stage-question.tsx";
import { StageScreens } from "./stage-screens.ts";

/** The most finished transfers that the end page counts one by one. */
const MAX_FILE_EVENTS = 10_000;

/** A terminal is measured in cells. */
const NO_PIXELS = { widthPx: 0, heightPx: 0, scalePercent: 100 } as const;

/** A form that asked something has left the page by then. */
const FOCUS_AFTER_MS = 50;

/** Files that were pasted into a desktop. */
interface PastedFiles {
  readonly count: number;
  readonly state: "sending" | "sent" | "failed";
  readonly error: ApiFailure | null;
}

/** What the stage tells the page beside the connection's own state. */
export interface StageState {
  readonly kind: "terminal" | "desktop" | null;
  /** The terminal's title, as the target gave it, cleaned. */
  readonly title: string;
  readonly question: StageQuestion | null;
  readonly pasteRefused: Extract<PasteDecision, { action: "refuse" }>["reason"] | null;
  /** Files pasted last: on their way, offered to the target, or not. */
  readonly pastedFiles: PastedFiles | null;
  /** How often the target rang, for a brief sign. */
  readonly bellCount: number;
  /** How often the target wrote the clipboard, for a brief sign. */
  readonly clipboardWrites: number;
  readonly desktopSize: Size | null;
  /** The picture is H.264, which this browser does not decode. */
  readonly isUndecodable: boolean;
  readonly held: ReadonlySet<StickyKey>;
  readonly fileEvents: readonly FileEvent[];
  /** How often the session bar was called by its keys. */
  readonly barCalls: number;
  readonly areFilesShown: boolean;
  /** Full screen holds all keys for the target. */
  readonly isKeyboardLocked: boolean;
  readonly loadError: unknown;
}

/**
 * One session page without its chrome: connection, display, keyboard and clipboard put together. React only draws what
 * is around it.
 */
export class SessionStage {
  readonly connection: SessionConnection;
  readonly clipboard: ClipboardBridge;
  readonly screens: StageScreens;
  readonly sound = new SoundOutlet(preferences.read().isMuted);
  readonly state: Observable<StageState>;
  readonly #state = new ObservableValue<StageState>({
    kind: null,
    title: "",
    question: null,
    pasteRefused: null,
    pastedFiles: null,
    bellCount: 0,
    clipboardWrites: 0,
    desktopSize: null,
    isUndecodable: false,
    held: new Set(),
    fileEvents: [],
    barCalls: 0,
    areFilesShown: false,
    isKeyboardLocked: false,
    loadError: null,
  });
  readonly #host: HTMLElement;
  readonly #field: HTMLTextAreaElement;
  readonly #abort = new AbortController();
  readonly #chord = new BarChord();
  readonly #unsubscribe: (() => void)[];
  readonly #keyboard: KeyboardCapture;
  #terminal: TerminalView | null = null;
  #desktop: DesktopView | null = null;
  #isLoading = false;
  #isPasteWarningOff = false;
  #isDriving = false;
  #phase: SessionState["phase"] = "unattached";

  constructor(place: { host: HTMLElement; field: HTMLTextAreaElement }, sessionId: string, role: ViewerRole) {
    this.state = this.#state;
    this.#host = place.host;
    this.#field = place.field;
    const handed = role === "controller" ? takeHandover(sessionId) : null;
    const begun = handed?.begun ?? beginSession({ sessionId, role, ticket: null });
    this.connection = begun.connection;
    this.screens = new StageScreens(this.connection, sessionId);
    this.clipboard = new ClipboardBridge({
      rules: () => clipboardRules(this.connection.state.read()),
      send: (kind, content) => this.connection.sendClipboard(kind, content),
      sendFiles: (files) => this.#sendFiles(sessionId, files),
      replayPaste: () => this.connection.input(pasteKeys()),
    });
    this.#keyboard = new KeyboardCapture(place.field, this.#keyboardOptions(), {
      input: (events) => this.connection.input(events),
      leavesToBrowser: (event) => this.clipboard.wantsPasteEvent(event),
      gesture: () => this.clipboard.gesture(),
    });
    this.#listen();
    this.#unsubscribe = [
      this.connection.state.subscribe(() => this.#follow()),
      preferences.subscribe(() => this.#applyPreferences()),
    ];
    begun.listen({
      clipboard: (kind, content) => {
        this.clipboard.received(kind, content);
        this.screens.clipboard(kind, content);
      },
      fileEvent: (event) => this.#keepFileEvent(event),
      sound: (payload) => this.sound.play(payload),
    });
    tellRoom(this.connection, place.host, () => this.#terminal !== null || this.#desktop !== null);
    if (handed !== null) void this.#makeDisplay(SESSION_KIND[handed.protocol]);
    this.#follow();
  }

  /** Gives the keyboard to the picture. */
  focus(): void {
    if (this.#terminal !== null) this.#terminal.focus();
    else this.#keyboard.focus();
  }

  showFiles(areFilesShown: boolean): void {
    this.#change({ areFilesShown });
    if (!areFilesShown) this.focus();
  }

  /** Shows the page in full screen, or leaves it. The whole page, since menus and dialogues stand at its end. */
  async toggleFullScreen(): Promise<void> {
    if (document.fullscreenElement !== null) {
      await leaveFullScreen();
      return;
    }
    this.#change({ isKeyboardLocked: await enterFullScreen(document.documentElement) });
    this.focus();
  }

  sendDesktopChord(chord: DesktopChord): void {
    const { down, up } = chordEvents(chord);
    this.connection.input(down);
    // Left in between, the gateway lets go of the keys.
    setTimeout(() => this.connection.input(up), CHORD_HOLD_MS);
    this.focus();
  }

  sendTerminalChord(chord: TerminalChord): void {
    this.#terminal?.sendKeys(TERMINAL_CHORDS[chord]);
  }

  /** Holds a modifier down on the target, or lets it go. */
  toggleHeld(key: StickyKey): void {
    const held = new Set(this.#state.read().held);
    const isDown = !held.delete(key);
    if (isDown) held.add(key);
    this.connection.input([stickyEvent(key, isDown)]);
    this.#change({ held });
  }

  /** Finds text in a terminal; false when it is not there. */
  find(text: string, direction: "next" | "previous"): boolean {
    return this.#terminal?.find(text, direction) ?? false;
  }

  endFind(): void {
    this.#terminal?.endFind();
  }

  /** Answers the question of the moment; `isAlways` is the person's "do not ask again". */
  answer(isAgreed: boolean, isAlways = false): void {
    const { question } = this.#state.read();
    this.#change({ question: null });
    if (question === null || !isAgreed) return this.focus();
    if (question.kind === "paste") {
      this.#isPasteWarningOff ||= isAlways;
      this.#terminal?.paste(question.text);
    } else window.open(question.address, "_blank", "noopener,noreferrer");
  }

  dismissPasteRefused(): void {
    this.#change({ pasteRefused: null });
  }

  dispose(): void {
    for (const stop of this.#unsubscribe) stop();
    this.#abort.abort();
    this.screens.dispose();
    this.connection.close();
    this.sound.dispose();
    this.clipboard.dispose();
    this.#keyboard.dispose();
    this.#terminal?.dispose();
    this.#desktop?.dispose();
  }

  #listen(): void {
    const { signal } = this.#abort;
    const options = { signal, capture: true };
    for (const type of ["pointerdown", "keydown"] as const)
      window.addEventListener(type, () => this.sound.gesture(), options);
    window.addEventListener("keydown", (event) => this.#chord.keyDown(event), options);
    window.addEventListener(
      "keyup",
      (event) => {
        if (this.#chord.keyUp(event)) this.#change({ barCalls: this.#state.read().barCalls + 1 });
      },
      options,
    );
    this.#field.addEventListener("paste", (event) => this.clipboard.pasteEvent(event), { signal });
    // Leaving the picture or the window lets everything go on the target, held modifiers too.
    const forgetHeld = (): void => this.#change({ held: new Set() });
    window.addEventListener("blur", forgetHeld, { signal });
    this.#field.addEventListener("blur", forgetHeld, { signal });
  }

  /** Follows the connection: makes the display when its kind is known, and gives or takes the input. */
  #follow(): void {
    const state = this.connection.state.read();
    const { hello } = state;
    if (hello !== null && this.#state.read().kind === null && !this.#isLoading)
      void this.#makeDisplay(hello.kind);
    this.clipboard.refresh();
    this.screens.follow();
    this.#setDriving(drives(state));
    if (state.phase !== this.#phase) this.#phaseChanged(state.phase);
  }

  /** The picture takes the keyboard when it opens or comes back, unless the person is using something around it. */
  #phaseChanged(phase: SessionState["phase"]): void {
    this.#phase = phase;
    if (phase !== "open") return;
    // By then the form or notice that had the keyboard is gone from the page.
    setTimeout(() => {
      if (document.activeElement === document.body && !this.#abort.signal.aborted) this.focus();
    }, FOCUS_AFTER_MS);
  }

  async #makeDisplay(kind: "terminal" | "desktop"): Promise<void> {
    this.#isLoading = true;
    try {
      if (kind === "terminal") await this.#makeTerminal();
      else await this.#makeDesktop();
    } catch (error) {
      this.#change({ loadError: error });
      return;
    }
    if (this.#abort.signal.aborted) return;
    this.#change({ kind });
    this.#isDriving = false;
    this.#follow();
    this.focus();
  }

  async #makeTerminal(): Promise<void> {
    const { terminal } = preferences.read();
    const TerminalView = await loadTerminalView();
    // Measured with another font, the grid would not fit.
    await document.fonts.load(`${terminal.fontSizePx}px ${terminal.fontFamily}`).catch(() => []);
    if (this.#abort.signal.aborted) return;
    this.#terminal = new TerminalView(this.#host, terminal, {
      input: (events) => this.connection.input(events),
      resized: (columns, rows) => this.connection.resize({ ...NO_PIXELS, columns, rows }),
      title: (title) => this.#change({ title }),
      bell: () => this.#change({ bellCount: this.#state.read().bellCount + 1 }),
      link: (address) => this.#change({ question: { kind: "link", address } }),
      pasted: (text) => this.#pasted(text),
      copied: (text) => void navigator.clipboard?.writeText(text).catch(() => undefined),
      osc52: (text) => this.#osc52(text),
    });
    this.connection.attachSink(this.#terminal);
  }

  async #makeDesktop(): Promise<void> {
    const DesktopView = await loadDesktopView();
    if (this.#abort.signal.aborted) return;
    this.#desktop = new DesktopView(this.#host, preferences.read().desktop, {
      input: (events) => this.connection.input(events),
      resized: (room) => this.screens.resized(room),
      size: (desktopSize) => {
        this.#change({ desktopSize });
        this.screens.desktopSized(desktopSize);
      },
      undecodable: (isUndecodable) => this.#change({ isUndecodable }),
      needEntry: () => this.connection.control({ type: "need-entry" }),
      pressed: () => {
        this.clipboard.gesture();
        this.#keyboard.focus();
      },
    });
    this.connection.attachSink(this.#desktop);
    this.screens.attach(this.#desktop);
  }

  #setDriving(isDriving: boolean): void {
    if (isDriving === this.#isDriving) return;
    this.#isDriving = isDriving;
    this.#terminal?.setDriving(isDriving);
    this.#desktop?.setDriving(isDriving);
    this.#keyboard.setDriving(isDriving && this.#desktop !== null);
  }

  #pasted(text: string): void {
    const isAllowed = clipboardRules(this.connection.state.read()).toTarget !== "off";
    const decision = decidePaste(text, { isAllowed, isWarningOff: this.#isPasteWarningOff });
    if (decision.action === "send") this.#terminal?.paste(decision.text);
    else if (decision.action === "refuse") this.#change({ pasteRefused: decision.reason });
    else this.#change({ question: { kind: "paste", text: decision.text, lineCount: decision.lineCount } });
  }

  #osc52(text: string): void {
    const policy = this.connection.state.read().hello?.policy;
    if (policy?.terminalClipboardWrite !== true || policy.clipboardFromTarget === "off") return;
    void navigator.clipboard?.writeText(text).then(
      () => this.#change({ clipboardWrites: this.#state.read().clipboardWrites + 1 }),
      () => undefined,
    );
  }

  async #sendFiles(sessionId: string, files: readonly File[]): Promise<boolean> {
    this.#change({ pastedFiles: { count: files.length, state: "sending", error: null } });
    const { offerFiles } = await import("./files/offer-files.ts");
    const error = await offerFiles(sessionId, files);
    const state = error === null ? "sent" : "failed";
    this.#change({ pastedFiles: { count: files.length, state, error } });
    return error === null;
  }

  dismissPastedFiles(): void {
    this.#change({ pastedFiles: null });
  }

  #keyboardOptions() {
    const { keyboardMode, commandKeyAs } = preferences.read();
    return { mode: keyboardMode, commandKeyAs, platform: detectPlatform(navigator.platform) } as const;
  }

  #applyPreferences(): void {
    this.#terminal?.setPreferences(preferences.read().terminal);
    this.#desktop?.setPreferences(preferences.read().desktop);
    this.#keyboard.setOptions(this.#keyboardOptions());
    this.sound.setMuted(preferences.read().isMuted);
  }

  #keepFileEvent(event: FileEvent): void {
    this.#change({ fileEvents: [...this.#state.read().fileEvents, event].slice(-MAX_FILE_EVENTS) });
  }

  #change(part: Partial<StageState>): void {
    this.#state.write({ ...this.#state.read(), ...part });
  }
}

/** Whether this page's window and keys count: already while opening, so that the target opens at the right size. */
function drives(state: SessionState): boolean {
  const isOpening = state.phase === "opening" && state.hello?.role === "controller";
  return canAct(state) || (isOpening && state.hello?.policy.readOnly === false);
}
