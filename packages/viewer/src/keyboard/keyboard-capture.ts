import type { InputEvent } from "@poterne/wire";
import { type KeyFacts, readKeyFacts } from "./key-facts.ts";
import { KeyboardMachine, type KeyboardOptions } from "./keyboard-machine.ts";

/** What the page does with the keyboard. */
export interface KeyboardEvents {
  input(events: readonly InputEvent[]): void;
  /** Whether the browser should have this key: it will answer with a paste event (see the clipboard bridge). */
  leavesToBrowser(event: KeyboardEvent): boolean;
  /** A key arrived: any key is a gesture for the clipboard. */
  gesture(): void;
}

/**
 * Listens to the keyboard through a text field that holds the focus while the remote desktop has the keyboard: a text
 * field is the only element that gets dead keys and input methods. Whatever it receives is taken out at once.
 */
export class KeyboardCapture {
  readonly #field: HTMLTextAreaElement;
  readonly #events: KeyboardEvents;
  readonly #abort = new AbortController();
  #machine: KeyboardMachine;
  #flushTimer: ReturnType<typeof setTimeout> | undefined;
  #isDriving = false;

  constructor(field: HTMLTextAreaElement, options: KeyboardOptions, events: KeyboardEvents) {
    this.#field = field;
    this.#events = events;
    this.#machine = new KeyboardMachine(options);
    const { signal } = this.#abort;
    field.addEventListener("keydown", (event) => this.#keyDown(event), { signal });
    field.addEventListener("keyup", (event) => this.#keyUp(event), { signal });
    field.addEventListener("input", (event) => this.#onInput(event as InputEventOfField), { signal });
    field.addEventListener("compositionend", (event) => this.#onText(event.data, event.timeStamp), {
      signal,
    });
    field.addEventListener("blur", () => this.releaseAll(), { signal });
    window.addEventListener("blur", () => this.releaseAll(), { signal });
  }

  /** Changes mode or the meaning of Command; what is down goes up first. */
  setOptions(options: KeyboardOptions): void {
    this.releaseAll();
    this.#machine = new KeyboardMachine(options);
  }

  /** Whether keys go to the target. */
  setDriving(isDriving: boolean): void {
    if (this.#isDriving && !isDriving) this.releaseAll();
    this.#isDriving = isDriving;
  }

  /** Puts the keyboard on the desktop. */
  focus(): void {
    this.#field.focus({ preventScroll: true });
  }

  /** Everything up, on the target too. */
  releaseAll(): void {
    clearTimeout(this.#flushTimer);
    const events = this.#machine.blur();
    if (this.#isDriving) this.#events.input(events);
  }

  dispose(): void {
    clearTimeout(this.#flushTimer);
    this.#abort.abort();
  }

  #keyDown(event: KeyboardEvent): void {
    this.#events.gesture();
    if (!this.#isDriving || this.#events.leavesToBrowser(event)) return;
    const facts = readKeyFacts(event);
    const { events, isTaken } = this.#machine.keyDown(facts);
    if (isTaken) {
      event.preventDefault();
      event.stopPropagation();
    }
    this.#events.input(events);
    this.#flushLater(facts);
  }

  #keyUp(event: KeyboardEvent): void {
    if (!this.#isDriving) return;
    const { events, isTaken } = this.#machine.keyUp(readKeyFacts(event));
    if (isTaken) event.preventDefault();
    this.#events.input(events);
  }

  #flushLater(facts: KeyFacts): void {
    clearTimeout(this.#flushTimer);
    const { deadlineMs } = this.#machine;
    if (deadlineMs === null) return;
    const waitMs = Math.max(0, deadlineMs - facts.timeMs);
    this.#flushTimer = setTimeout(() => this.#events.input(this.#machine.flush()), waitMs);
  }

  #onInput(event: InputEventOfField): void {
    const { inputType, data } = event;
    if (event.isComposing) return;
    this.#field.value = "";
    if (inputType === "insertText" && data !== null) this.#onText(data, event.timeStamp);
    // Soft keyboards tell these two by their effect only.
    if (inputType === "insertLineBreak") this.#onText("\n", event.timeStamp);
    if (inputType === "deleteContentBackward") this.#tapBackspace();
  }

  #onText(text: string, timeMs: number): void {
    this.#field.value = "";
    if (this.#isDriving && text !== "") this.#events.input(this.#machine.text(text, timeMs));
  }

  #tapBackspace(): void {
    if (!this.#isDriving) return;
    const key = { type: "key", keysym: 0xff08, scancode: 0x0e } as const;
    this.#events.input([
      { ...key, isDown: true },
      { ...key, isDown: false },
    ]);
  }
}

/** The DOM's own `InputEvent`, whose name the wire's input events share. */
interface InputEventOfField extends Event {
  readonly inputType: string;
  readonly data: string | null;
  readonly isComposing: boolean;
}
