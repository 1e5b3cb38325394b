import { EscapeScanner } from "./escape-scanner.ts";

/** The most modes of one sort that are remembered while text is skipped. */
const MAX_MODES = 128;
/** The most SGR sequences kept since the last reset of attributes. */
const MAX_ATTRIBUTES = 32;

// These match what follows ESC.
const CSI = /^\[([?>!]?)([0-9;:]*)([ $"]?)([@-~])$/;
const CHARACTER_SET = /^[()*+\-./][ -~]+$/;
const TITLE = /^\][012];/;

/** Last bytes of the CSI sequences that set something: the others are read over at little cost. */
const MODE_FINALS: ReadonlySet<number> = new Set(Buffer.from("hlmrqp", "latin1"));

/**
 * What a terminal's modes became over output whose text is skipped: screen, cursor keys, mouse, attributes, scrolling
 * region, character sets, title. Its size is bounded whatever the output was, since a mode set twice counts once.
 */
export class Skimmer {
  readonly #scanner = new EscapeScanner();
  readonly #modes = new Map<string, string>();
  #attributes: string[] = [];
  #isReset = false;

  /** Reads over output. Returns the index after the last place where whole parsing may begin again, -1 for none. */
  skip(bytes: Uint8Array): number {
    return this.#scanner.scan(bytes, (sequence) => this.#take(sequence));
  }

  /** The sequences that bring a terminal from before the skipped output into the modes after it; then starts anew. */
  finish(): Uint8Array {
    const parts = [this.#isReset ? "\x1bc" : "", ...this.#modes.values(), ...this.#attributes];
    this.#modes.clear();
    this.#attributes = [];
    this.#isReset = false;
    return Buffer.from(parts.join(""), "latin1");
  }

  #take(sequence: Uint8Array): void {
    if (isCsi(sequence) && !MODE_FINALS.has(sequence[sequence.length - 1] ?? 0)) return;
    const text = Buffer.from(sequence.buffer, sequence.byteOffset, sequence.length).toString("latin1");
    // The C1 form of CSI is two bytes of UTF-8, the second 0x40 above the letter that follows ESC.
    const body = text.startsWith("\xc2\x9b") ? `[${text.slice(2)}` : text.slice(1);
    const csi = CSI.exec(body);
    if (csi !== null) this.#takeCsi(csi[1] ?? "", csi[2] ?? "", (csi[3] ?? "") + (csi[4] ?? ""));
    else if (CHARACTER_SET.test(body)) this.#remember(`charset ${body[0]}`, text);
    else if (body === "=" || body === ">") this.#remember("keypad", text);
    else if (body === "c") this.#reset();
    else if (TITLE.test(body)) this.#remember("title", text);
  }

  #takeCsi(prefix: string, parameters: string, final: string): void {
    if ((final === "h" || final === "l") && (prefix === "?" || prefix === ""))
      for (const mode of parameters.split(";", 16)) {
        if (/^\d{1,5}$/.test(mode)) this.#remember(`${prefix}${mode}`, `\x1b[${prefix}${mode}${final}`);
      }
    else if (final === "m" && prefix === "") this.#takeAttributes(parameters);
    else if (final === "r" && prefix === "") this.#remember("region", `\x1b[${parameters}r`);
    else if (final === " q") this.#remember("cursor shape", `\x1b[${parameters} q`);
    else if (final === "p" && prefix === "!") this.#reset();
  }

  #takeAttributes(parameters: string): void {
    if (parameters === "" || /^0*(;|$)/.test(parameters)) this.#attributes = [];
    this.#attributes.push(`\x1b[${parameters}m`);
    if (this.#attributes.length > MAX_ATTRIBUTES) this.#attributes.shift();
  }

  #remember(key: string, sequence: string): void {
    this.#modes.delete(key);
    this.#modes.set(key, sequence);
    if (this.#modes.size > MAX_MODES) {
      const oldest = this.#modes.keys().next().value;
      if (oldest !== undefined) this.#modes.delete(oldest);
    }
  }

  #reset(): void {
    this.#modes.clear();
    this.#attributes = [];
    this.#isReset = true;
  }
}

function isCsi(sequence: Uint8Array): boolean {
  return sequence[1] === 0x5b || (sequence[0] === 0xc2 && sequence[1] === 0x9b);
}
