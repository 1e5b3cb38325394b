import { concatBytes, DecodeError, encodeUtf8 } from "@poterne/bytes";
import { Command, Option, TerminalType } from "./codes.ts";
import { type Negotiation, type OptionChange, OptionState } from "./option-state.ts";

/** The longest subnegotiation that is looked at; a longer one is read over. */
export const MAX_SUBNEGOTIATION_BYTES = 256;
/** Answers to negotiations in one connection; a peer that wants more is not negotiating but flooding. */
export const MAX_ANSWERS = 1000;

const NUL = 0;
const CR = 13;

/** What the core wants done, in order. */
export type TelnetEvent =
  /** What the target shows; the bytes are the receiver's. */
  | { readonly type: "data"; readonly bytes: Uint8Array }
  /** Bytes for the target. */
  | { readonly type: "send"; readonly bytes: Uint8Array }
  /** The target now echoes what is typed, or does not. */
  | { readonly type: "echo"; readonly isRemote: boolean };

type State = "data" | "iac" | "negotiation" | "sub" | "sub-iac";

/**
 * RFC 854 Telnet, the client's side, without I/O: bytes in, events out. Knows BINARY (RFC 856), ECHO (857), SGA (858),
 * TTYPE (1091) and NAWS (1073), refuses every other option once. It speaks of options only to a peer that does.
 */
export class TelnetCore {
  readonly #terminalType: string;
  #columns: number;
  #rows: number;
  readonly #local = new Map<number, OptionState>();
  readonly #remote = new Map<number, OptionState>();
  #state: State = "data";
  #command = 0;
  #sub: number[] = [];
  #isAfterCr = false;
  #hasBegun = false;
  #answerCount = 0;
  #events: TelnetEvent[] = [];

  constructor(options: { readonly terminalType: string; readonly columns: number; readonly rows: number }) {
    this.#terminalType = options.terminalType;
    this.#columns = options.columns;
    this.#rows = options.rows;
  }

  /** Whether the target echoes what is typed: then, and only then, can it hide a password. */
  get isEchoRemote(): boolean {
    return this.#remote.get(Option.ECHO)?.isEnabled ?? false;
  }

  /** Whether the target has spoken Telnet at all, not just sent text. */
  get isTelnet(): boolean {
    return this.#hasBegun;
  }

  /** Takes bytes of the target. Throws `DecodeError` `limit` when it negotiates without end. */
  receive(bytes: Uint8Array): TelnetEvent[] {
    this.#events = [];
    let start = -1;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      const isPlain = this.#state === "data" && byte !== Command.IAC && !(this.#isAfterCr && byte === NUL);
      if (isPlain) {
        if (start < 0) start = at;
        this.#isAfterCr = byte === CR;
        continue;
      }
      if (start >= 0) this.#events.push({ type: "data", bytes: bytes.slice(start, at) });
      start = -1;
      this.#step(byte);
    }
    if (start >= 0) this.#events.push({ type: "data", bytes: bytes.slice(start) });
    return this.#events;
  }

  /** What is typed as it goes to the target: IAC doubled, and outside BINARY a lone CR followed by NUL (RFC 854). */
  encode(typed: Uint8Array): Uint8Array {
    const isBinary = this.#local.get(Option.BINARY)?.isEnabled ?? false;
    const out: number[] = [];
    for (let at = 0; at < typed.length; at++) {
      const byte = typed[at] ?? 0;
      out.push(byte);
      if (byte === Command.IAC) out.push(Command.IAC);
      else if (byte === CR && !isBinary && typed[at + 1] !== 10) out.push(NUL);
    }
    return Uint8Array.from(out);
  }

  /** The window has a new size: bytes for the target, empty when it does not want to know. */
  resize(columns: number, rows: number): Uint8Array {
    this.#columns = columns;
    this.#rows = rows;
    return this.#local.get(Option.NAWS)?.isEnabled === true ? this.#windowSize() : new Uint8Array(0);
  }

  #step(byte: number): void {
    switch (this.#state) {
      case "data":
        // Either IAC or the NUL after CR, which stands for nothing.
        if (byte === Command.IAC) this.#state = "iac";
        else this.#isAfterCr = false;
        return;
      case "iac":
        return this.#takeCommand(byte);
      case "negotiation":
        this.#state = "data";
        return this.#negotiate(byte);
      case "sub":
        if (byte === Command.IAC) this.#state = "sub-iac";
        else this.#collect(byte);
        return;
      case "sub-iac":
        this.#state = "sub";
        if (byte === Command.IAC) this.#collect(byte);
        else {
          // Anything but IAC ends the subnegotiation; SE is what should.
          this.#state = "data";
          if (byte === Command.SE) this.#subnegotiate();
          else this.#takeCommand(byte);
        }
    }
  }

  #takeCommand(byte: number): void {
    this.#state = "data";
    if (byte === Command.IAC) {
      this.#events.push({ type: "data", bytes: Uint8Array.of(Command.IAC) });
      this.#isAfterCr = false;
    } else if (byte >= Command.WILL && byte <= Command.DONT) {
      this.#command = byte;
      this.#state = "negotiation";
    } else if (byte === Command.SB) {
      this.#sub = [];
      this.#state = "sub";
    }
  }

  #collect(byte: number): void {
    if (this.#sub.length <= MAX_SUBNEGOTIATION_BYTES) this.#sub.push(byte);
  }

  #negotiate(option: number): void {
    this.#begin();
    const isRemote = this.#command === Command.WILL || this.#command === Command.WONT;
    const negotiation: Negotiation =
      this.#command === Command.WILL || this.#command === Command.DO ? "on" : "off";
    const state = isRemote ? this.#remoteState(option) : this.#localState(option);
    this.#apply(option, isRemote, state.received(negotiation));
  }

  /** The peer speaks Telnet: say what this side would like. */
  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    for (const option of [Option.SGA, Option.ECHO])
      this.#apply(option, true, this.#remoteState(option).request());
    for (const option of [Option.NAWS, Option.TTYPE])
      this.#apply(option, false, this.#localState(option).request());
  }

  #apply(option: number, isRemote: boolean, change: OptionChange): void {
    if (change.answer !== null) {
      const isOn = change.answer === "on";
      const verb = isRemote ? (isOn ? Command.DO : Command.DONT) : isOn ? Command.WILL : Command.WONT;
      this.#answer(Uint8Array.of(Command.IAC, verb, option));
    }
    if (change.isEnabled === null) return;
    if (isRemote && option === Option.ECHO) this.#events.push({ type: "echo", isRemote: change.isEnabled });
    if (!isRemote && option === Option.NAWS && change.isEnabled) this.#answer(this.#windowSize());
  }

  #subnegotiate(): void {
    const [option, verb] = this.#sub;
    const isWanted = option === Option.TTYPE && verb === TerminalType.SEND;
    if (!isWanted || this.#local.get(Option.TTYPE)?.isEnabled !== true) return;
    this.#answer(subnegotiation(Option.TTYPE, [TerminalType.IS, ...encodeUtf8(this.#terminalType)]));
  }

  #answer(bytes: Uint8Array): void {
    this.#answerCount++;
    if (this.#answerCount > MAX_ANSWERS)
      throw new DecodeError("limit", "telnet negotiation", 0, `more than ${MAX_ANSWERS} answers`);
    this.#events.push({ type: "send", bytes });
  }

  #windowSize(): Uint8Array {
    const [columns, rows] = [this.#columns, this.#rows];
    return subnegotiation(Option.NAWS, [columns >> 8, columns & 0xff, rows >> 8, rows & 0xff]);
  }

  #localState(option: number): OptionState {
    const isWelcome =
      option === Option.TTYPE || option === Option.NAWS || option === Option.SGA || option === Option.BINARY;
    return stateOf(this.#local, option, isWelcome);
  }

  #remoteState(option: number): OptionState {
    const isWelcome = option === Option.ECHO || option === Option.SGA || option === Option.BINARY;
    return stateOf(this.#remote, option, isWelcome);
  }
}

function stateOf(states: Map<number, OptionState>, option: number, isWelcome: boolean): OptionState {
  let state = states.get(option);
  if (state === undefined) {
    state = new OptionState(isWelcome);
    states.set(option, state);
  }
  return state;
}

/** RFC 855: IAC SB option … IAC SE, IAC inside doubled. */
function subnegotiation(option: number, content: readonly number[]): Uint8Array {
  const escaped = content.flatMap((byte) => (byte === Command.IAC ? [byte, byte] : [byte]));
  return concatBytes([
    Uint8Array.of(Command.IAC, Command.SB, option),
    Uint8Array.from(escaped),
    Uint8Array.of(Command.IAC, Command.SE),
  ]);
}
