import { decodeUtf8, encodeUtf8 } from "@poterne/bytes";
import { Failure, type TelnetOptions } from "@poterne/contract";
import {
  type LoginPatterns,
  LoginScript,
  type LoginStep,
  parsePromptPattern,
  SecretFilter,
} from "@poterne/telnet";
import type { DriverHop, DriverHost } from "../driver.ts";

/** How often the log-in looks at the clock. */
const TICK_MS = 50;

/** What a log-in needs of its driver. */
export interface LoginHost {
  readonly host: DriverHost;
  isEchoRemote(): boolean;
  /** Sends text as if typed. */
  send(text: string): void;
  /** Shows output, cleaned of the secret. */
  show(bytes: Uint8Array): void;
}

/**
 * Runs a `LoginScript` for one connection: asks the person where the account says so, sends the secret once and only
 * when the target hides it, and keeps it out of what is shown should the target echo it all the same.
 */
export class TelnetLogin {
  readonly #hop: DriverHop;
  readonly #login: LoginHost;
  readonly #script: LoginScript;
  #username: string | null;
  #password: string | null;
  #filter: SecretFilter | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isAsking = false;
  #settle: ((failure: Failure | null) => void) | null = null;
  #result: Failure | null | undefined = undefined;

  private constructor(hop: DriverHop, patterns: LoginPatterns, login: LoginHost) {
    this.#hop = hop;
    this.#login = login;
    this.#script = new LoginScript(patterns, login.host.nowMs());
    this.#username = hop.credentials.username;
    this.#password = hop.credentials.kind === "password" ? hop.credentials.password : null;
  }

  /** Throws the Failure `bad-prompt-pattern` before anything is sent. */
  static prepare(hop: DriverHop, options: TelnetOptions, login: LoginHost): TelnetLogin {
    const pattern = (name: "loginPrompt" | "passwordPrompt" | "failurePrompt") => {
      const parsed = parsePromptPattern(options[name]);
      if (parsed === null) throw new Failure("bad-prompt-pattern", { name });
      return parsed;
    };
    const patterns = {
      login: pattern("loginPrompt"),
      password: pattern("passwordPrompt"),
      failure: pattern("failurePrompt"),
    };
    return new TelnetLogin(hop, patterns, login);
  }

  /** Resolves once logged in; rejects with a Failure. */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settle = (failure) => (failure === null ? resolve() : reject(failure));
      if (this.#result !== undefined) return this.#settle(this.#result);
      this.#timer = setInterval(() => this.#tick(), TICK_MS);
    });
  }

  /** Output of the target, UTF-8. */
  shown(bytes: Uint8Array): void {
    const clean = this.#filter?.filter(bytes) ?? bytes;
    this.#script.shown(decodeUtf8(bytes), this.#login.host.nowMs());
    if (clean.length > 0) this.#login.show(clean);
  }

  /** The target has closed the connection. */
  closed(): void {
    if (this.#isAsking) return this.fail(new Failure("target-closed"));
    this.#take(this.#script.closed() === "refused" ? "refused" : "wait");
    this.fail(new Failure("target-closed"));
  }

  fail(failure: Failure): void {
    this.#finish(failure);
  }

  close(): void {
    this.#finish(new Failure("target-closed"));
  }

  #tick(): void {
    if (this.#isAsking) return;
    this.#take(this.#script.next(this.#login.host.nowMs()));
  }

  #take(step: LoginStep): void {
    if (step === "send-username") void this.#sendUsername();
    else if (step === "send-password") void this.#sendPassword();
    else if (step === "accepted") this.#finish(null);
    else if (step === "refused") this.#finish(new Failure("wrong-password"));
    else if (step === "not-recognised") this.#notRecognised();
  }

  /** Whoever is asked for a password by hand can also log in by hand. */
  #notRecognised(): void {
    const isPerson = this.#hop.credentials.kind === "ask";
    this.#finish(isPerson ? null : new Failure("login-not-recognised", { target: this.#hop.name }));
  }

  async #sendUsername(): Promise<void> {
    if (this.#username === null && !(await this.#ask())) return;
    this.#login.send(`${this.#username}\r`);
  }

  async #sendPassword(): Promise<void> {
    if (!this.#login.isEchoRemote()) return this.#wouldShow();
    if (this.#password === null && !(await this.#ask())) return;
    const password = this.#password ?? "";
    this.#password = null;
    this.#filter = new SecretFilter(encodeUtf8(password));
    this.#login.send(`${password}\r`);
  }

  /** Where the target does not hide what is typed, only a person may decide to type it. */
  #wouldShow(): void {
    const isPerson = this.#hop.credentials.kind === "ask";
    this.#finish(isPerson ? null : new Failure("secret-would-show", { target: this.#hop.name }));
  }

  async #ask(): Promise<boolean> {
    if (this.#hop.credentials.kind === "ssh-key") {
      this.#finish(new Failure("login-not-recognised", { target: this.#hop.name }));
      return false;
    }
    const details: Record<string, string> = { target: this.#hop.name };
    if (this.#username !== null) details.username = this.#username;
    const isNameWanted = this.#username === null;
    const fields = [
      ...(isNameWanted ? [{ prompt: "username", echo: true }] : []),
      { prompt: "password", echo: false },
    ];
    this.#isAsking = true;
    const values = await this.#login.host.ask({ kind: "credentials", details, fields });
    this.#isAsking = false;
    this.#script.resumed(this.#login.host.nowMs());
    if (values === null) {
      this.#finish(new Failure("question-unanswered"));
      return false;
    }
    if (isNameWanted) this.#username = values[0] ?? "";
    this.#password = values.at(-1) ?? "";
    return true;
  }

  #finish(result: Failure | null): void {
    if (this.#result !== undefined) return;
    this.#result = result;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#password = null;
    const held = this.#filter?.finish() ?? new Uint8Array(0);
    this.#filter = null;
    if (held.length > 0) this.#login.show(held);
    this.#settle?.(result);
  }
}
