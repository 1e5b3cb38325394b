/** A line as it stood when it was left, and when its last character came. */
export interface TextLine {
  readonly ms: number;
  readonly text: string;
}

/** Longer lines are cut into several. */
export const MAX_LINE_CHARACTERS = 2_000;

/** Parameters of one control sequence that are kept. */
const MAX_SEQUENCE_CHARACTERS = 64;

type State = "ground" | "escape" | "charset" | "csi" | "string" | "string-escape";

/**
 * What a terminal showed, as lines of plain text for searching. It follows carriage returns, backspaces and moves
 * within a line; a move to another line ends the line. It keeps no screen: full-screen programs come out as the runs of
 * text they wrote, in their order.
 */
export class TerminalText {
  readonly #decoder = new TextDecoder("utf-8");
  #state: State = "ground";
  #sequence = "";
  #cells: string[] = [];
  #column = 0;
  #ms = 0;
  #previous = "";

  /** Takes output; returns the lines it completed. */
  push(bytes: Uint8Array, ms: number): TextLine[] {
    const lines: TextLine[] = [];
    for (const character of this.#decoder.decode(bytes, { stream: true })) this.#take(character, ms, lines);
    return lines;
  }

  /** The line that stands at the end, if any. */
  finish(): TextLine[] {
    const lines: TextLine[] = [];
    this.#leaveLine(lines);
    return lines;
  }

  #take(character: string, ms: number, lines: TextLine[]): void {
    if (this.#state !== "ground") return this.#takeSequence(character, lines);
    if (character >= " " && character !== "\x7f") return this.#print(character, ms, lines);
    if (character === "\n" || character === "\v" || character === "\f") {
      this.#leaveLine(lines);
      this.#column = 0;
    } else if (character === "\r") this.#column = 0;
    else if (character === "\b") this.#column = Math.max(0, this.#column - 1);
    else if (character === "\t") this.#column = Math.min(MAX_LINE_CHARACTERS, (this.#column | 7) + 1);
    else if (character === "\x1b") this.#state = "escape";
  }

  #print(character: string, ms: number, lines: TextLine[]): void {
    if (this.#column >= MAX_LINE_CHARACTERS) {
      this.#leaveLine(lines);
      this.#column = 0;
    }
    while (this.#cells.length < this.#column) this.#cells.push(" ");
    this.#cells[this.#column] = character;
    this.#column += 1;
    this.#ms = ms;
  }

  #takeSequence(character: string, lines: TextLine[]): void {
    if (this.#state === "escape") this.#takeEscape(character, lines);
    else if (this.#state === "charset") this.#state = "ground";
    else if (this.#state === "csi") this.#takeCsi(character, lines);
    else if (character === "\x07" || character === "\x18" || character === "\x1a") this.#state = "ground";
    else if (this.#state === "string-escape") this.#state = character === "\\" ? "ground" : "string";
    else if (character === "\x1b") this.#state = "string-escape";
  }

  #takeEscape(character: string, lines: TextLine[]): void {
    this.#sequence = "";
    if (character === "[") this.#state = "csi";
    else if ("]PX^_".includes(character)) this.#state = "string";
    else if ("()*+-./#% ".includes(character)) this.#state = "charset";
    else {
      this.#state = "ground";
      if ("MDEc8".includes(character)) this.#leaveLine(lines);
    }
  }

  #takeCsi(character: string, lines: TextLine[]): void {
    if (character === "\x1b") this.#state = "escape";
    else if (character < "@" || character > "~") {
      if (this.#sequence.length < MAX_SEQUENCE_CHARACTERS) this.#sequence += character;
    } else {
      this.#state = "ground";
      this.#runCsi(character, lines);
    }
  }

  #runCsi(final: string, lines: TextLine[]): void {
    const parameters = this.#sequence.split(";");
    const count = clamp(Number.parseInt(parameters[0] ?? "", 10) || 1);
    if (final === "C") this.#column = clamp(this.#column + count);
    else if (final === "D") this.#column = Math.max(0, this.#column - count);
    else if (final === "G" || final === "`") this.#column = count - 1;
    else if (final === "K") this.#eraseInLine(this.#sequence);
    else if (final === "P") this.#cells.splice(this.#column, count);
    else if (final === "X") this.#cells.fill(" ", this.#column, this.#column + count);
    else if (final === "@") this.#cells.splice(this.#column, 0, ...new Array<string>(count).fill(" "));
    else if ("ABEFHJdfLMSTr".includes(final) || this.#sequence.startsWith("?1049")) {
      this.#leaveLine(lines);
      if (final === "H" || final === "f")
        this.#column = clamp((Number.parseInt(parameters[1] ?? "", 10) || 1) - 1);
      else if (final === "E" || final === "F") this.#column = 0;
    }
  }

  #eraseInLine(parameter: string): void {
    if (parameter === "" || parameter === "0")
      this.#cells.length = Math.min(this.#cells.length, this.#column);
    else if (parameter === "1") this.#cells.fill(" ", 0, this.#column + 1);
    else if (parameter === "2") this.#cells = [];
  }

  /** The same line again (a redrawn prompt, a counter's frame) is told once. */
  #leaveLine(lines: TextLine[]): void {
    const text = this.#cells.join("").trimEnd();
    this.#cells = [];
    if (text === "" || text === this.#previous) return;
    this.#previous = text;
    lines.push({ ms: this.#ms, text });
  }
}

function clamp(column: number): number {
  return Math.min(MAX_LINE_CHARACTERS, Math.max(0, column));
}
