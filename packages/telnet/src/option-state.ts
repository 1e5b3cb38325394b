/** RFC 1143 §7: the state of one option on one side, with what was asked for meanwhile. */
type QState = "no" | "yes" | "want-no" | "want-no-opposite" | "want-yes" | "want-yes-opposite";

/** What came in or goes out for one side of an option: WILL or DO is `on`, WONT or DONT is `off`. */
export type Negotiation = "on" | "off";

/** What an event did: the answer to send, if any, and the option's state after it when that changed. */
export interface OptionChange {
  readonly answer: Negotiation | null;
  readonly isEnabled: boolean | null;
}

const NOTHING: OptionChange = { answer: null, isEnabled: null };

/**
 * One side of one option by RFC 1143's Q method, which cannot loop: every request is answered at most once, and an
 * answer is never answered.
 */
export class OptionState {
  readonly #isWelcome: boolean;
  #state: QState = "no";
  #hasRefused = false;

  /** `isWelcome`: whether the peer may turn this option on. */
  constructor(isWelcome: boolean) {
    this.#isWelcome = isWelcome;
  }

  get isEnabled(): boolean {
    return this.#state === "yes";
  }

  /** The peer has sent WILL or DO (`on`), WONT or DONT (`off`). */
  received(negotiation: Negotiation): OptionChange {
    return negotiation === "on" ? this.#receivedOn() : this.#receivedOff();
  }

  /** This side wants the option on. */
  request(): OptionChange {
    if (this.#state === "no") {
      this.#state = "want-yes";
      return { answer: "on", isEnabled: null };
    }
    if (this.#state === "want-no") this.#state = "want-no-opposite";
    else if (this.#state === "want-yes-opposite") this.#state = "want-yes";
    return NOTHING;
  }

  /** This side wants the option off. */
  withdraw(): OptionChange {
    if (this.#state === "yes") {
      this.#state = "want-no";
      return { answer: "off", isEnabled: false };
    }
    if (this.#state === "want-yes") this.#state = "want-yes-opposite";
    else if (this.#state === "want-no-opposite") this.#state = "want-no";
    return NOTHING;
  }

  #receivedOn(): OptionChange {
    switch (this.#state) {
      case "no":
        return this.#consider();
      case "yes":
        return NOTHING;
      case "want-no":
        this.#state = "no";
        return NOTHING;
      case "want-no-opposite":
      case "want-yes":
        this.#state = "yes";
        return { answer: null, isEnabled: true };
      case "want-yes-opposite":
        this.#state = "want-no";
        return { answer: "off", isEnabled: null };
    }
  }

  #consider(): OptionChange {
    if (this.#isWelcome) {
      this.#state = "yes";
      return { answer: "on", isEnabled: true };
    }
    // Said once: a peer that keeps asking is not answered again, and cannot make this side talk without end.
    if (this.#hasRefused) return NOTHING;
    this.#hasRefused = true;
    return { answer: "off", isEnabled: null };
  }

  #receivedOff(): OptionChange {
    switch (this.#state) {
      case "no":
        return NOTHING;
      case "yes":
        this.#state = "no";
        return { answer: "off", isEnabled: false };
      case "want-no-opposite":
        this.#state = "want-yes";
        return { answer: "on", isEnabled: null };
      case "want-no":
      case "want-yes":
      case "want-yes-opposite":
        this.#state = "no";
        return { answer: null, isEnabled: false };
    }
  }
}
