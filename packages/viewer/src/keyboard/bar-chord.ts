/** What the chord needs to know of a key. */
export interface ChordKey {
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** Recognises Ctrl+Alt+Shift pressed and let go with no other key between: it opens the session bar. */
export class BarChord {
  #isWhole = false;

  keyDown(key: ChordKey): void {
    const isPart = /^(Control|Alt|Shift)(Left|Right)$/.test(key.code);
    if (!isPart) this.#isWhole = false;
    else if (key.ctrlKey && key.altKey && key.shiftKey) this.#isWhole = true;
  }

  /** Answers whether the chord is complete: all its keys are up again. */
  keyUp(key: ChordKey): boolean {
    if (!this.#isWhole || key.ctrlKey || key.altKey || key.shiftKey) return false;
    this.#isWhole = false;
    return true;
  }
}
