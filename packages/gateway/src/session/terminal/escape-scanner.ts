/** The longest control sequence that is collected; a longer one is followed to its end but not reported. */
export const MAX_SEQUENCE_BYTES = 512;

const ESC = 0x1b;
const BEL = 0x07;
const CAN = 0x18;
const SUB = 0x1a;
/** First byte of U+0080…U+00BF in UTF-8: the C1 controls come with it. */
const C1_LEAD = 0xc2;

type State = "ground" | "escape" | "csi" | "string" | "string-escape";

/**
 * Follows the control sequences of a terminal's output (ECMA-48 §5.4, and the strings OSC, DCS, APC, PM, SOS) without
 * acting on them: where a sequence ends, and where the stream may be cut without tearing one or a UTF-8 character.
 */
export class EscapeScanner {
  #state: State = "ground";
  readonly #collected = Buffer.alloc(MAX_SEQUENCE_BYTES);
  #length = 0;
  /** Bytes of a UTF-8 character still to come. */
  #missing = 0;
  #lead = 0;

  /** Whether the stream could be cut here. */
  get isGround(): boolean {
    return this.#state === "ground" && this.#missing === 0;
  }

  /**
   * Feeds bytes. Each whole sequence of at most `MAX_SEQUENCE_BYTES` goes to `onSequence` (a view, valid during the
   * call; C1 forms appear as their two UTF-8 bytes). Returns the index after the last place where the stream could be
   * cut, -1 when there was none in these bytes.
   */
  scan(bytes: Uint8Array, onSequence?: (sequence: Uint8Array) => void): number {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = 0;
    let cut = -1;
    while (at < buffer.length) {
      if (this.#isTornC1(buffer[at] ?? 0)) {
        this.#begin(C1_LEAD);
        this.#step(buffer[at] ?? 0, onSequence);
        at++;
      } else if (this.#state === "ground") {
        const end = this.#nextControl(buffer, at);
        const boundary = this.#takeText(buffer, at, end);
        cut = Math.max(cut, boundary);
        at = end;
        if (at >= buffer.length) break;
        this.#begin(buffer[at] ?? 0);
        at++;
      } else {
        this.#step(buffer[at] ?? 0, onSequence);
        at++;
        if (this.isGround) cut = at;
      }
    }
    return cut;
  }

  /** Index of the next byte that leaves plain text: ESC, or a C1 control that begins a sequence. */
  #nextControl(buffer: Buffer, from: number): number {
    const introducer = buffer.indexOf(ESC, from);
    const end = introducer < 0 ? buffer.length : introducer;
    let lead = buffer.indexOf(C1_LEAD, from);
    while (lead >= 0 && lead < end) {
      const next = buffer[lead + 1];
      if (next === undefined) return end;
      if (isC1Introducer(next)) return lead;
      lead = buffer.indexOf(C1_LEAD, lead + 1);
    }
    return end;
  }

  /** Counts UTF-8 over plain text; returns the last character boundary in `from…end`, -1 for none. */
  #takeText(buffer: Buffer, from: number, end: number): number {
    let at = from;
    while (this.#missing > 0 && at < end) {
      if (((buffer[at] ?? 0) & 0xc0) !== 0x80) this.#missing = 0;
      else {
        this.#missing--;
        at++;
      }
    }
    if (this.#missing > 0) return -1;
    const back = startOfLastCharacter(buffer, at, end);
    if (back === 0) return end;
    this.#lead = buffer[end - back] ?? 0;
    this.#missing = lengthOfCharacter(this.#lead) - back;
    return end - back;
  }

  /** Whether this byte ends a C1 control whose first byte ended the bytes before. */
  #isTornC1(byte: number): boolean {
    return this.#state === "ground" && this.#missing === 1 && this.#lead === C1_LEAD && isC1Introducer(byte);
  }

  #begin(byte: number): void {
    this.#missing = 0;
    this.#length = 0;
    this.#collect(byte);
    this.#state = "escape";
  }

  #collect(byte: number): void {
    if (this.#length < MAX_SEQUENCE_BYTES) this.#collected[this.#length] = byte;
    this.#length++;
  }

  #finish(onSequence?: (sequence: Uint8Array) => void): void {
    this.#state = "ground";
    if (onSequence !== undefined && this.#length <= MAX_SEQUENCE_BYTES)
      onSequence(this.#collected.subarray(0, this.#length));
  }

  #step(byte: number, onSequence?: (sequence: Uint8Array) => void): void {
    if (byte === CAN || byte === SUB) {
      this.#state = "ground";
      return;
    }
    if (byte === ESC) {
      if (this.#state === "string") {
        this.#collect(byte);
        this.#state = "string-escape";
      } else this.#begin(byte);
      return;
    }
    this.#collect(byte);
    if (this.#state === "escape") this.#stepEscape(byte, onSequence);
    else if (this.#state === "csi") {
      if (byte >= 0x40 && byte <= 0x7e) this.#finish(onSequence);
    } else if (this.#state === "string") {
      const isC1End = byte === 0x9c && this.#collected[this.#length - 2] === C1_LEAD;
      if (byte === BEL || isC1End) this.#finish(onSequence);
    } else if (byte === 0x5c) this.#finish(onSequence);
    else {
      // ESC ends a string even when ST does not follow: what comes begins a new sequence.
      this.#length = 0;
      this.#collect(ESC);
      this.#collect(byte);
      this.#state = "escape";
      this.#stepEscape(byte, onSequence);
    }
  }

  #stepEscape(byte: number, onSequence?: (sequence: Uint8Array) => void): void {
    const isC1 = this.#collected[0] === C1_LEAD && this.#length === 2;
    const kind = isC1 ? byte - 0x40 : byte;
    const isIntroduction = this.#length === 2;
    if (isIntroduction && kind === 0x5b) this.#state = "csi";
    else if (
      isIntroduction &&
      (kind === 0x5d || kind === 0x50 || kind === 0x58 || kind === 0x5e || kind === 0x5f)
    )
      this.#state = "string";
    else if (byte >= 0x30) this.#finish(onSequence);
  }
}

/** Second UTF-8 byte of the C1 controls DCS, SOS, CSI, OSC, PM and APC. */
function isC1Introducer(byte: number): boolean {
  return byte === 0x90 || byte === 0x98 || byte === 0x9b || byte === 0x9d || byte === 0x9e || byte === 0x9f;
}

/** How many bytes before `end` a character begins that is not whole yet, 0 when the last one is whole. */
function startOfLastCharacter(buffer: Buffer, from: number, end: number): number {
  for (let back = 1; back <= 3 && end - back >= from; back++) {
    const byte = buffer[end - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return lengthOfCharacter(byte) > back ? back : 0;
  }
  return 0;
}

function lengthOfCharacter(lead: number): number {
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
}
