/** A typed character that was not echoed for so long counts as hidden. */
export const ECHO_WITHIN_MS = 1500;
/** The longest line that is held until its echo is complete; more of it is redacted. */
export const MAX_HELD_LINE_BYTES = 4096;
/** Lines waiting for their echo; with more the newest one takes in what is typed, hidden. */
export const MAX_HELD_LINES = 256;

const CR = 0x0d;
const LF = 0x0a;
const DEL = 0x7f;
const SPACE = 0x20;

/** What may be recorded of a person's input: bytes that the target showed, or only how many it hid. */
export type WatchedInput =
  | { readonly type: "shown"; readonly bytes: Uint8Array }
  | { readonly type: "hidden"; readonly byteCount: number };

/** One line of input, up to and with its Enter. */
interface Line {
  readonly bytes: number[];
  /** Printable bytes typed and not yet seen in the output. */
  readonly awaited: number[];
  typedAtMs: number;
  isHidden: boolean;
  isEnded: boolean;
  extraCount: number;
}

/**
 * Decides which typed bytes may enter a recording, since SSH does not tell when a target hides what is typed
 * (docs/decisions/0036). A line is recordable only as a whole, and only when every printable byte of it came back,
 * in order and as the very next thing shown after it was typed, within `ECHO_WITHIN_MS`. Anything else, passwords,
 * keys of full-screen programs, is counted but never kept. Doubt always means hidden.
 */
export class EchoWatch {
  #lines: Line[] = [];
  #escape: "none" | "escape" | "csi" | "string" = "none";

  /** The person typed these bytes. */
  typed(bytes: Uint8Array, nowMs: number): void {
    for (const byte of bytes) {
      const line = this.#openLine(nowMs);
      if (line.bytes.length >= MAX_HELD_LINE_BYTES) {
        line.isHidden = true;
        line.extraCount++;
      } else line.bytes.push(byte);
      line.typedAtMs = nowMs;
      if (byte >= SPACE && byte !== DEL) line.awaited.push(byte);
      if (byte === CR || byte === LF) line.isEnded = true;
    }
  }

  /** The target showed these bytes. */
  shown(bytes: Uint8Array): void {
    let line = this.#firstAwaiting();
    for (const byte of bytes) {
      if (line === undefined) break;
      if (this.#isPartOfSequence(byte)) continue;
      const isNewLine = byte === CR || byte === LF;
      if (!isNewLine && (byte < SPACE || byte === DEL)) continue;
      // A new line before the echo is complete: the program hid what was typed and goes on.
      if (!isNewLine && line.awaited[0] === byte) line.awaited.shift();
      else line.isHidden = true;
      if (line.isHidden || line.awaited.length === 0) line = this.#firstAwaiting();
    }
    if (line === undefined) this.#escape = "none";
  }

  /** What has been decided by now, oldest first; call it now and then and once more with `Infinity` at the end. */
  take(nowMs: number): WatchedInput[] {
    const decided: WatchedInput[] = [];
    while (this.#lines.length > 0) {
      const line = this.#lines[0] as Line;
      const isEchoed = line.awaited.length === 0;
      if (!isEchoed && nowMs - line.typedAtMs >= ECHO_WITHIN_MS) line.isHidden = true;
      // A line without its Enter is still being typed: its next byte may turn out to be hidden.
      const isDecided = line.isEnded ? line.isHidden || isEchoed : nowMs === Number.POSITIVE_INFINITY;
      if (!isDecided) break;
      this.#lines.shift();
      const isShown = line.isEnded && !line.isHidden && isEchoed;
      if (isShown) decided.push({ type: "shown", bytes: Uint8Array.from(line.bytes) });
      else decided.push({ type: "hidden", byteCount: line.bytes.length + line.extraCount });
    }
    return decided;
  }

  #openLine(nowMs: number): Line {
    const last = this.#lines.at(-1);
    if (last !== undefined && !last.isEnded) return last;
    if (last !== undefined && this.#lines.length >= MAX_HELD_LINES) {
      last.isHidden = true;
      return last;
    }
    const line: Line = {
      bytes: [],
      awaited: [],
      typedAtMs: nowMs,
      isHidden: false,
      isEnded: false,
      extraCount: 0,
    };
    this.#lines.push(line);
    return line;
  }

  #firstAwaiting(): Line | undefined {
    return this.#lines.find((line) => line.awaited.length > 0 && !line.isHidden);
  }

  /** Escape sequences colour an echo without being part of it. */
  #isPartOfSequence(byte: number): boolean {
    if (this.#escape === "none") {
      if (byte !== 0x1b) return false;
      this.#escape = "escape";
    } else if (this.#escape === "escape") {
      if (byte === 0x5b) this.#escape = "csi";
      else if (byte === 0x5d || byte === 0x50 || byte === 0x5f || byte === 0x5e) this.#escape = "string";
      else if (byte >= 0x30) this.#escape = "none";
    } else if (this.#escape === "csi") {
      if (byte >= 0x40 && byte <= 0x7e) this.#escape = "none";
    } else if (byte === 0x07) this.#escape = "none";
    else if (byte === 0x1b) this.#escape = "escape";
    return true;
  }
}
