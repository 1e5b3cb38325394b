import { ignoreEndlessRepetitions } from "@poterne/wire";
import serialize from "@xterm/addon-serialize";
import graphemes from "@xterm/addon-unicode-graphemes";
import headless from "@xterm/headless";
import { EscapeScanner } from "./escape-scanner.ts";
import { Skimmer } from "./skim.ts";

/** Lines kept above the screen: a session whose scrollback is full stays under 1 MB (docs/decisions/0050). */
export const SCROLLBACK_LINES = 300;
/** A serialised screen longer than this is made again with less scrollback. */
export const MAX_SCREEN_CHARACTERS = 2 * 1024 * 1024;
/** Output held back because it ends inside a control sequence; a longer sequence is handed on torn. */
export const MAX_HELD_BYTES = 64 * 1024;
/** Output parsed without a pause. */
const PARSED_PIECE_BYTES = 16 * 1024;

/** Modes that the serialise add-on leaves out, with the state an empty terminal has. */
const EXTRA_MODES: readonly [mode: number, isSetAtStart: boolean][] = [
  [12, false],
  [25, true],
  [1005, false],
  [1006, false],
  [1007, false],
  [1015, false],
  [1016, false],
];

/**
 * One session's terminal inside the worker: parses at its own pace and gives its screen as text that draws it. It
 * answers nothing to the target: what the headless terminal would reply is never listened to.
 */
export class FollowedTerminal {
  readonly #terminal: headless.Terminal;
  readonly #serializer = new serialize.SerializeAddon();
  readonly #scanner = new EscapeScanner();
  readonly #skimmer = new Skimmer();
  readonly #modes = new Map<number, boolean>();
  readonly #charsets = new Map<string, string>();
  #region = "";
  #held: Buffer = Buffer.alloc(0);
  #isSkipping = false;
  #isTorn = false;
  #isDisposed = false;
  #position: number;

  constructor(options: {
    readonly columns: number;
    readonly rows: number;
    /** Bytes of output that came before. */
    readonly position: number;
    onTitle(title: string): void;
    onBell(): void;
  }) {
    const { columns, rows } = options;
    this.#position = options.position;
    this.#terminal = new headless.Terminal({
      cols: columns,
      rows,
      scrollback: SCROLLBACK_LINES,
      allowProposedApi: true,
      logLevel: "off",
    });
    this.#terminal.loadAddon(this.#serializer as unknown as headless.ITerminalAddon);
    this.#terminal.loadAddon(new graphemes.UnicodeGraphemesAddon() as unknown as headless.ITerminalAddon);
    this.#terminal.onTitleChange(options.onTitle);
    this.#terminal.onBell(options.onBell);
    ignoreEndlessRepetitions(this.#terminal);
    this.#watchModes();
  }

  /** Whether the screen ends inside a sequence too long to wait for: it cannot be an entry point then. */
  get isTorn(): boolean {
    return this.#isTorn;
  }

  /** Bytes of output the screen shows. */
  get position(): number {
    return this.#position;
  }

  /** Parses output up to the last place where it may be cut; the rest waits for what follows. */
  async write(bytes: Uint8Array): Promise<void> {
    const incoming = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).subarray(
      this.#isSkipping ? await this.#endSkip(bytes) : 0,
    );
    const cut = this.#scanner.scan(incoming);
    if (cut < 0 && this.#held.length + incoming.length <= MAX_HELD_BYTES) {
      this.#held = Buffer.concat([this.#held, incoming]);
      return;
    }
    const end = cut < 0 ? incoming.length : cut;
    this.#isTorn = cut < 0;
    const whole = Buffer.concat([this.#held, incoming.subarray(0, end)]);
    this.#held = Buffer.from(incoming.subarray(end));
    await this.#parse(whole);
    this.#position += whole.length;
  }

  /** Reads over output, keeping only what it does to the modes. */
  skip(bytes: Uint8Array): void {
    if (!this.#isSkipping) {
      this.#isSkipping = true;
      this.#skimmer.skip(this.#held);
      this.#position += this.#held.length;
      this.#held = Buffer.alloc(0);
    }
    this.#scanner.scan(bytes);
    this.#skimmer.skip(bytes);
    this.#position += bytes.length;
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
  }

  /** The cursor, from 1. */
  cursor(): { readonly row: number; readonly column: number } {
    const buffer = this.#terminal.buffer.active;
    return { row: buffer.cursorY + 1, column: Math.min(buffer.cursorX + 1, this.#terminal.cols) };
  }

  /** The size and the text that draws this screen, modes and scrollback on an empty terminal of that size. */
  screen(): { readonly columns: number; readonly rows: number; readonly text: string } {
    let scrollback = SCROLLBACK_LINES;
    let text = this.#serializer.serialize({ scrollback });
    while (text.length > MAX_SCREEN_CHARACTERS && scrollback > 0) {
      scrollback = scrollback >> 2;
      text = this.#serializer.serialize({ scrollback });
    }
    return { columns: this.#terminal.cols, rows: this.#terminal.rows, text: `\x1bc${text}${this.#extras()}` };
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#terminal.dispose();
  }

  /** Reads on to the first place where parsing may begin; returns how many bytes that took. */
  async #endSkip(bytes: Uint8Array): Promise<number> {
    let at = 0;
    while (at < bytes.length && !this.#scanner.isGround) {
      this.skip(bytes.subarray(at, at + 1));
      at++;
    }
    if (this.#scanner.isGround) {
      this.#isSkipping = false;
      await this.#parse(this.#skimmer.finish());
    }
    return at;
  }

  /** Parses in pieces, so that the thread's other terminals get their turn in between. */
  async #parse(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length && !this.#isDisposed; at += PARSED_PIECE_BYTES) {
      const piece = bytes.subarray(at, at + PARSED_PIECE_BYTES);
      await new Promise<void>((resolve) => this.#terminal.write(piece, resolve));
    }
  }

  #watchModes(): void {
    const parser = this.#terminal.parser;
    for (const [final, isSet] of [
      ["h", true],
      ["l", false],
    ] as const)
      parser.registerCsiHandler({ prefix: "?", final }, (parameters) => {
        for (const mode of parameters)
          if (typeof mode === "number" && EXTRA_MODES.some(([known]) => known === mode))
            this.#modes.set(mode, isSet);
        return false;
      });
    parser.registerCsiHandler({ final: "r" }, (parameters) => {
      const [top, bottom] = parameters;
      this.#region = typeof top === "number" && top > 0 ? `\x1b[${top};${Number(bottom ?? 0) || ""}r` : "";
      return false;
    });
    for (const intermediate of ["(", ")"])
      for (const final of ["0", "B", "A"])
        parser.registerEscHandler({ intermediates: intermediate, final }, () => {
          this.#charsets.set(intermediate, final);
          return false;
        });
    parser.registerEscHandler({ final: "c" }, () => this.#forgetModes());
    parser.registerCsiHandler({ intermediates: "!", final: "p" }, () => this.#forgetModes());
  }

  #forgetModes(): boolean {
    this.#modes.clear();
    this.#charsets.clear();
    this.#region = "";
    return false;
  }

  #extras(): string {
    let text = "";
    for (const [mode, isSetAtStart] of EXTRA_MODES) {
      const isSet = this.#modes.get(mode) ?? isSetAtStart;
      if (isSet !== isSetAtStart) text += `\x1b[?${mode}${isSet ? "h" : "l"}`;
    }
    for (const [intermediate, final] of this.#charsets)
      if (final !== "B") text += `\x1b${intermediate}${final}`;
    // Setting the region moves the cursor home, so it is put back; with origin mode rows count from the region's top.
    if (this.#region !== "" && !this.#terminal.modes.originMode) {
      const { row, column } = this.cursor();
      text += `${this.#region}\x1b[${row};${column}H`;
    }
    return text;
  }
}
