import { MATCHED_CHARACTERS } from "./prompt-pattern.ts";

/** Output must pause so long before its end counts as a prompt: “Last login: …” arrives in pieces too. */
export const SETTLE_MS = 250;
/** No prompt within so long: it is not recognised. */
export const PROMPT_TIMEOUT_MS = 20_000;
/** Quiet after the secret for so long, no new prompt: the log-in has worked. */
export const ACCEPTED_AFTER_MS = 1200;
/** The same when a word of refusal was seen: a message of the day may hold one. */
export const DOUBTED_AFTER_MS = 4000;

/** Colours and the like around a prompt are no part of it. */
const CONTROL_SEQUENCE = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[@-~]`, "g");

/** The patterns of one target, made by `parsePromptPattern`. */
export interface LoginPatterns {
  readonly login: RegExp;
  readonly password: RegExp;
  readonly failure: RegExp;
}

/** What the script wants next. `send-*` and the ends come once each. */
export type LoginStep =
  | "wait"
  | "send-username"
  | "send-password"
  | "accepted"
  | "refused"
  | "not-recognised";

/**
 * Log-in by prompts as a state machine without I/O: what the target shows goes in with the time, what to do comes
 * out. The secret is asked for once, at a password prompt only; a prompt after it means it was refused.
 */
export class LoginScript {
  readonly #patterns: LoginPatterns;
  #phase: "username" | "password" | "verdict" | "over" = "username";
  #line = "";
  #lastShownMs: number;
  #startedMs: number;
  #hasShown = false;
  #isDoubted = false;

  constructor(patterns: LoginPatterns, nowMs: number) {
    this.#patterns = patterns;
    this.#startedMs = nowMs;
    this.#lastShownMs = nowMs;
  }

  /** Output of the target, as text without a claim to be whole. */
  shown(text: string, nowMs: number): void {
    this.#lastShownMs = nowMs;
    // The new line that follows a secret says nothing yet: a refusal may come seconds later.
    if (/\S/.test(text)) this.#hasShown = true;
    const lines = (this.#line + text).replace(CONTROL_SEQUENCE, "").split(/[\r\n]+/);
    this.#line = (lines.at(-1) ?? "").slice(-MATCHED_CHARACTERS);
    if (this.#phase !== "verdict") return;
    for (const line of lines.slice(-8))
      if (this.#patterns.failure.test(line.slice(-MATCHED_CHARACTERS))) this.#isDoubted = true;
  }

  /** What to do now; call it after output and from time to time. */
  next(nowMs: number): LoginStep {
    const quietMs = nowMs - this.#lastShownMs;
    if (this.#phase === "over") return "wait";
    const isLate = nowMs - this.#startedMs > PROMPT_TIMEOUT_MS;
    if (isLate && (this.#phase !== "verdict" || !this.#hasShown)) return this.#end("not-recognised");
    if (this.#phase === "verdict") return this.#verdict(quietMs);
    if (!this.#hasShown || quietMs < SETTLE_MS) return "wait";
    if (this.#phase === "username" && this.#patterns.login.test(this.#line)) {
      this.#advance("password", nowMs);
      return "send-username";
    }
    if (!this.#patterns.password.test(this.#line)) return "wait";
    this.#advance("verdict", nowMs);
    return "send-password";
  }

  /** The person has answered a question: the time that took does not count. */
  resumed(nowMs: number): void {
    this.#startedMs = nowMs;
    this.#lastShownMs = nowMs;
  }

  /** The target has closed the connection. */
  closed(): LoginStep {
    return this.#end(this.#phase === "verdict" ? "refused" : "not-recognised");
  }

  #verdict(quietMs: number): LoginStep {
    if (!this.#hasShown || quietMs < SETTLE_MS) return "wait";
    if (this.#patterns.login.test(this.#line) || this.#patterns.password.test(this.#line))
      return this.#end("refused");
    if (quietMs >= (this.#isDoubted ? DOUBTED_AFTER_MS : ACCEPTED_AFTER_MS)) return this.#end("accepted");
    return "wait";
  }

  #advance(phase: "password" | "verdict", nowMs: number): void {
    this.#phase = phase;
    this.#line = "";
    this.#hasShown = false;
    this.#startedMs = nowMs;
    this.#lastShownMs = nowMs;
  }

  #end(step: LoginStep): LoginStep {
    this.#phase = "over";
    return step;
  }
}
