/// <reference path="../css.d.ts" />
import { encodeUtf8 } from "@poterne/bytes";
import { Channel, type Frame, FrameFlag, type InputEvent } from "@poterne/wire";
import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { UnicodeGraphemesAddon } from "@xterm/addon-unicode-graphemes";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { WebglAddon } from "@xterm/addon-webgl";
import { Terminal } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { ignoreEndlessRepetitions } from "@poterne/wire";
import type { FrameBatch, FrameSink } from "../connection/session-connection.ts";
import { decodeMarker } from "../marker.ts";
import { allowInlineColours } from "./inline-colours.ts";
import { readOsc52 } from "./osc52.ts";
import { installReplyGuard, isAnswer } from "./reply-guard.ts";
import { cleanTitle, readSafeLink } from "./safe-text.ts";
import { type TerminalThemeName, terminalTheme } from "./terminal-theme.ts";
import { binaryBytes, chunkTyped } from "./typed-chunks.ts";

/** Lines kept above the screen. */
export const SCROLLBACK_LINES = 10_000;
/** The smallest and largest grid the viewer asks a target for. */
export const MIN_COLUMNS = 20;
export const MAX_COLUMNS = 1000;
export const MIN_ROWS = 4;
export const MAX_ROWS = 500;
/** A window that changes size is followed after this quiet time. */
const FIT_AFTER_MS = 80;

/** How a person wants the terminal to look and behave. */
export interface TerminalPreferences {
  readonly fontFamily: string;
  readonly fontSizePx: number;
  readonly theme: TerminalThemeName;
  readonly isCopyOnSelect: boolean;
  /** Reads what is printed aloud; costs speed. */
  readonly isScreenReader: boolean;
}

/** What the terminal tells the page. None of it was decided by the target alone but `title`, `bell` and `osc52`. */
export interface TerminalEvents {
  /** Keys, mouse and pasted text for the target. */
  input(events: readonly InputEvent[]): void;
  /** The grid that fits the window, when this viewer drives. */
  resized(columns: number, rows: number): void;
  /** Cleaned and bounded. */
  title(title: string): void;
  bell(): void;
  /** A link was clicked: the page asks before it opens the address, which is cleaned already. */
  link(address: string): void;
  /** A person pastes: the page decides (`decidePaste`) and calls `paste`. */
  pasted(text: string): void;
  /** Selected text to copy. */
  copied(text: string): void;
  /** The target wants to write the clipboard (OSC 52); the page asks the policy. */
  osc52(text: string): void;
}

/** One terminal on the page: xterm, fenced in. Live view and player drive it the same way. */
export class TerminalView implements FrameSink {
  readonly terminal: Terminal;
  readonly #host: HTMLElement;
  readonly #events: TerminalEvents;
  readonly #fit = new FitAddon();
  readonly #search = new SearchAddon();
  readonly #observer: ResizeObserver;
  #isDriving = false;
  #isCopyOnSelect: boolean;
  #fitTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: HTMLElement, preferences: TerminalPreferences, events: TerminalEvents) {
    this.#host = host;
    this.#events = events;
    this.#isCopyOnSelect = preferences.isCopyOnSelect;
    this.terminal = new Terminal({
      allowProposedApi: true,
      cursorBlink: false,
      fontFamily: preferences.fontFamily,
      fontSize: preferences.fontSizePx,
      linkHandler: { activate: (_event, address) => this.#openLink(address), allowNonHttpProtocols: true },
      macOptionClickForcesSelection: true,
      minimumContrastRatio: preferences.theme === "contrast" ? 7 : 1,
      rightClickSelectsWord: false,
      screenReaderMode: preferences.isScreenReader,
      scrollback: SCROLLBACK_LINES,
      theme: terminalTheme(preferences.theme),
    });
    this.#paintHost(preferences);
    this.#load();
    this.#listen();
    this.#observer = new ResizeObserver(() => this.#fitSoon());
    this.#observer.observe(host);
  }

  /** Begins again with an empty screen: a new socket or a seek. */
  reset(): void {
    this.terminal.write("", () => this.terminal.reset());
  }

  /** Writes a batch; it is done when xterm has parsed the last of it. */
  show(batch: FrameBatch): void {
    for (const frame of batch.frames) this.#frame(frame);
    this.terminal.write("", () => batch.done());
  }

  /** Whether this viewer's window gives the grid; otherwise the grid is what the target was told by another. */
  setDriving(isDriving: boolean): void {
    this.#isDriving = isDriving;
    this.terminal.options.disableStdin = !isDriving;
    if (isDriving) this.#fitNow();
  }

  /** Applies what the person changed in the display menu. */
  setPreferences(preferences: TerminalPreferences): void {
    const { options } = this.terminal;
    options.fontFamily = preferences.fontFamily;
    options.fontSize = preferences.fontSizePx;
    options.theme = terminalTheme(preferences.theme);
    options.minimumContrastRatio = preferences.theme === "contrast" ? 7 : 1;
    options.screenReaderMode = preferences.isScreenReader;
    this.#isCopyOnSelect = preferences.isCopyOnSelect;
    this.#paintHost(preferences);
    this.#fitSoon();
  }

  /** Sends pasted text, within bracketed paste when the target asked for that. */
  paste(text: string): void {
    this.terminal.paste(text);
    this.terminal.focus();
  }

  /** Sends keys of the keys menu, as a keyboard would. */
  sendKeys(text: string): void {
    this.#events.input(chunkTyped(encodeUtf8(text)));
    this.terminal.focus();
  }

  /** Finds text in screen and scrollback; answers whether it was found. */
  find(text: string, direction: "next" | "previous"): boolean {
    return direction === "next" ? this.#search.findNext(text) : this.#search.findPrevious(text);
  }

  /** Removes the search's marks. */
  endFind(): void {
    this.#search.clearDecorations();
    this.terminal.focus();
  }

  focus(): void {
    this.terminal.focus();
  }

  dispose(): void {
    clearTimeout(this.#fitTimer);
    this.#observer.disconnect();
    this.#host.removeEventListener("paste", this.#onPaste, true);
    this.terminal.dispose();
  }

  /** What the grid does not cover has the terminal's own colour. */
  #paintHost(preferences: TerminalPreferences): void {
    this.#host.style.backgroundColor = terminalTheme(preferences.theme).background ?? "";
  }

  #load(): void {
    const { terminal } = this;
    installReplyGuard(terminal);
    ignoreEndlessRepetitions(terminal);
    terminal.parser.registerOscHandler(52, (data) => {
      const text = readOsc52(data);
      if (text !== null) this.#events.osc52(text);
      return true;
    });
    terminal.loadAddon(this.#fit);
    terminal.loadAddon(this.#search);
    terminal.loadAddon(new UnicodeGraphemesAddon());
    terminal.loadAddon(new WebLinksAddon((_event, address) => this.#openLink(address)));
    terminal.open(this.#host);
    this.#loadWebgl();
  }

  /** The fast renderer; where it is missing or its context is lost, xterm draws with elements. */
  #loadWebgl(): void {
    try {
      const webgl = new WebglAddon();
      webgl.onContextLoss(() => {
        allowInlineColours();
        webgl.dispose();
      });
      this.terminal.loadAddon(webgl);
    } catch {
      // No WebGL2 here: the DOM renderer is already in place.
      allowInlineColours();
    }
  }

  #listen(): void {
    const { terminal } = this;
    terminal.onData((data) => {
      if (!isAnswer(data)) this.#events.input(chunkTyped(encodeUtf8(data)));
    });
    terminal.onBinary((data) => this.#events.input(chunkTyped(binaryBytes(data))));
    terminal.onTitleChange((title) => this.#events.title(cleanTitle(title)));
    terminal.onBell(() => this.#events.bell());
    terminal.onSelectionChange(() => {
      if (this.#isCopyOnSelect && terminal.hasSelection()) this.#events.copied(terminal.getSelection());
    });
    terminal.attachCustomKeyEventHandler((event) => this.#onKey(event));
    // Captured before xterm's own listener: pasted text is decided on by the page.
    this.#host.addEventListener("paste", this.#onPaste, true);
  }

  /** Ctrl+Shift+C copies, Ctrl+Shift+V pastes through the browser; answers whether xterm may have the key. */
  #onKey(event: KeyboardEvent): boolean {
    const isPair = event.ctrlKey && event.shiftKey && !event.altKey && !event.metaKey;
    if (isPair && event.code === "KeyV") return false;
    if (!isPair || event.code !== "KeyC") return true;
    event.preventDefault();
    if (event.type === "keydown" && this.terminal.hasSelection())
      this.#events.copied(this.terminal.getSelection());
    return false;
  }

  readonly #onPaste = (event: ClipboardEvent): void => {
    event.preventDefault();
    event.stopPropagation();
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (text !== "" && this.#isDriving) this.#events.pasted(text);
  };

  #openLink(address: string): void {
    const safe = readSafeLink(address);
    if (safe !== null) this.#events.link(safe);
  }

  #frame(frame: Frame): void {
    const isEntry = (frame.flags & FrameFlag.entryStart) !== 0;
    if (isEntry) this.reset();
    if (frame.channel === Channel.text) this.terminal.write(frame.payload);
    if (frame.channel === Channel.marker) this.#followGrid(frame, isEntry);
  }

  /** The target's grid, as its marker tells it: for entries always, later only where another viewer drives. */
  #followGrid(frame: Frame, isEntry: boolean): void {
    const marker = decodeMarker(frame.payload);
    if (marker?.type !== "resize" || marker.columns === 0 || marker.rows === 0) return;
    const columns = clamp(marker.columns, 1, MAX_COLUMNS);
    const rows = clamp(marker.rows, 1, MAX_ROWS);
    this.terminal.write("", () => {
      if (isEntry || !this.#isDriving) this.terminal.resize(columns, rows);
      if (isEntry && this.#isDriving) this.#fitSoon();
    });
  }

  #fitSoon(): void {
    clearTimeout(this.#fitTimer);
    this.#fitTimer = setTimeout(() => this.#fitNow(), FIT_AFTER_MS);
  }

  #fitNow(): void {
    if (!this.#isDriving) return;
    const proposed = this.#fit.proposeDimensions();
    if (proposed === undefined || !Number.isFinite(proposed.cols) || !Number.isFinite(proposed.rows)) return;
    const columns = clamp(proposed.cols, MIN_COLUMNS, MAX_COLUMNS);
    const rows = clamp(proposed.rows, MIN_ROWS, MAX_ROWS);
    this.terminal.resize(columns, rows);
    this.#events.resized(columns, rows);
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, Math.floor(value)));
}
