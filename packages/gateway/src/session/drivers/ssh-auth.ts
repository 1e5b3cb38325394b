import { Failure } from "@poterne/contract";
import ssh2, {
  type AnyAuthMethod,
  type AuthenticationType,
  type IdentityCallback,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from "ssh2";
import type { Credentials, DriverHop, DriverHost } from "../driver.ts";
import { certificateSignature, type ForeignMethod, makeCertificateKey } from "./ssh-extension.ts";
import { shorten } from "./ssh-failures.ts";
import { GSSAPI_WITH_MIC } from "./ssh-gssapi.ts";
import type { SshTicket } from "./ssh-ticket.ts";

/** How often a person may type a password, as in OpenSSH's client. */
export const MAX_PASSWORD_TRIES = 3;
/** Rounds of keyboard-interactive questions in one log-in; a server that asks on is refused. */
export const MAX_QUESTION_ROUNDS = 10;
/** Fields of one round. */
export const MAX_QUESTION_FIELDS = 8;

/** The vault's key behind ssh2's agent hook: only what is to be signed goes in, only signatures come out. */
class KeeperAgent extends ssh2.BaseAgent<ParsedKey> {
  readonly #key: ParsedKey;
  readonly #credentials: Extract<Credentials, { kind: "ssh-key" }>;

  constructor(credentials: Extract<Credentials, { kind: "ssh-key" }>) {
    super();
    this.#credentials = credentials;
    this.#key = parsePublicKey(credentials.publicKey);
  }

  override getIdentities(done: IdentityCallback<ParsedKey>): void {
    const { certificate } = this.#credentials;
    done(undefined, certificate === null ? [this.#key] : [makeCertificateKey(this.#key, certificate)]);
  }

  override sign(
    key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    done?: SignCallback,
  ): void {
    const callback = typeof options === "function" ? options : done;
    const hash = typeof options === "function" ? undefined : options.hash;
    this.#credentials.sign(data, signatureAlgorithm(key.type, hash)).then(
      (signature) => callback?.(undefined, Buffer.from(signature)),
      (error: unknown) => callback?.(error instanceof Error ? error : new Error("signing failed")),
    );
  }
}

function parsePublicKey(blob: Uint8Array): ParsedKey {
  const bytes = Buffer.from(blob);
  const typeLength = bytes.length >= 4 ? bytes.readUInt32BE(0) : 0;
  const type = bytes.subarray(4, 4 + typeLength).toString("latin1");
  const key = ssh2.utils.parseKey(`${type} ${bytes.toString("base64")}`);
  if (key instanceof Error) throw new Failure("key-refused", { target: "" }, key);
  return Array.isArray(key) ? (key[0] as ParsedKey) : key;
}

/** The name of a signature (RFC 8332 for RSA) for a key's type and the hash ssh2 chose. */
function signatureAlgorithm(keyType: string, hash: string | undefined): string {
  const plain = certificateSignature(keyType);
  if (plain !== null) return plain;
  if (keyType !== "ssh-rsa") return keyType;
  return hash === "sha512" ? "rsa-sha2-512" : hash === "sha256" ? "rsa-sha2-256" : "ssh-rsa";
}

/** Which step of a log-in this is, for the driver's timers: they stop while a person is asked. */
export interface AuthEvents {
  onAsking(isAsking: boolean): void;
  /** The log-in must end now. */
  onFailure(failure: Failure): void;
  /** Makes ssh2's method of one that it lacks; `stop` is called when that gives up. */
  adopt(username: string, method: ForeignMethod, stop: () => void): AnyAuthMethod;
}

/**
 * One hop's log-in: decides which method comes next, from the account's kind and what the server offers. A vault's
 * password is sent once; a person may try `MAX_PASSWORD_TRIES` times. Secrets live in this object only and go with it.
 */
export class SshAuth {
  readonly #hop: DriverHop;
  readonly #host: DriverHost;
  readonly #events: AuthEvents;
  #username: string | null;
  #password: string | null = null;
  #tries = 0;
  #rounds = 0;
  #isPasswordUsed = false;
  #hasTriedKey = false;
  #hasTriedQuestions = false;
  #isAskedFor = false;
  readonly #ticket: SshTicket | null;
  /** Set when the log-in must end with these words instead of ssh2's. */
  failure: Failure | null = null;

  constructor(hop: DriverHop, host: DriverHost, events: AuthEvents, ticket: SshTicket | null) {
    this.#hop = hop;
    this.#host = host;
    this.#events = events;
    this.#ticket = this.isKey ? null : ticket;
    this.#username = hop.credentials.username;
    if (hop.credentials.kind === "password") this.#password = hop.credentials.password;
  }

  /** Whether the account proves itself by a key. */
  get isKey(): boolean {
    return this.#hop.credentials.kind === "ssh-key";
  }

  /** The next method, or false to give up. `offered` is null before the server has said what it takes. */
  async next(offered: readonly string[] | null, isPartial: boolean): Promise<AnyAuthMethod | false> {
    if (!(await this.#knowUsername())) return false;
    const name = this.#username ?? "";
    const username = this.#ticket?.localName(name) ?? name;
    if (offered === null) return { type: "none", username };
    if (this.#ticket !== null && !isPartial) {
      const method = await this.#ticketMethod(this.#ticket, username, offered);
      if (method !== null) return method;
    }
    if (this.isKey && !this.#hasTriedKey && offered.includes("publickey")) return this.#keyMethod(username);
    if (this.isKey && !isPartial) return false;
    if (!isPartial) this.#allowRetry();
    if (offered.includes("password") && !this.#isPasswordUsed) return this.#passwordMethod(username);
    return offered.includes("keyboard-interactive") && this.#questionsMethod(username, isPartial);
  }

  #keyMethod(username: string): AnyAuthMethod | false {
    this.#hasTriedKey = true;
    const { credentials } = this.#hop;
    if (credentials.kind !== "ssh-key") return false;
    return { type: "agent", username, agent: new KeeperAgent(credentials) } as AnyAuthMethod;
  }

  #questionsMethod(username: string, isPartial: boolean): AnyAuthMethod | false {
    if (!isPartial && (this.#hasTriedQuestions || this.#isPasswordUsed)) return false;
    this.#hasTriedQuestions = true;
    return {
      type: "keyboard-interactive",
      username,
      prompt: (name, instructions, _language, prompts, finish) =>
        void this.#answer({ name, instructions, prompts }, finish),
    };
  }

  /** Log-in by ticket, false when nothing else may follow, null when it is another method's turn. */
  async #ticketMethod(
    ticket: SshTicket,
    username: string,
    offered: readonly string[],
  ): Promise<AnyAuthMethod | false | null> {
    if (ticket.isTried || !offered.includes(GSSAPI_WITH_MIC)) {
      if (!ticket.isOnly) return null;
      this.failure = ticket.refusal();
      return false;
    }
    for (;;) {
      const password = await this.#knowPassword();
      if (password === null) return false;
      // KDCs have their own limits of time.
      this.#events.onAsking(true);
      const step = await ticket.obtain(this.#username ?? "", password);
      this.#events.onAsking(false);
      if (step.type === "other") return null;
      if (step.type === "method")
        return this.#events.adopt(username, step.method, () => this.#events.onFailure(ticket.refusal()));
      const mayRetry = step.failure.code === "kerberos-wrong-password" && this.#isPerson;
      if (!mayRetry || this.#tries >= MAX_PASSWORD_TRIES) {
        this.failure = step.failure;
        return false;
      }
      this.#password = null;
    }
  }

  get #isPerson(): boolean {
    return this.#hop.credentials.kind === "ask";
  }

  /** After a wrong password a person, and only a person, may type another one. */
  #allowRetry(): void {
    if (!this.#isPerson || !this.#isPasswordUsed || this.#tries >= MAX_PASSWORD_TRIES) return;
    this.#password = null;
    this.#isPasswordUsed = false;
    this.#hasTriedQuestions = false;
  }

  async #passwordMethod(username: string): Promise<AnyAuthMethod | false> {
    const password = await this.#knowPassword();
    if (password === null) return false;
    this.#isPasswordUsed = true;
    return { type: "password", username, password };
  }

  /** Asks for the name, and with it for the password, when the account has none. */
  async #knowUsername(): Promise<boolean> {
    if (this.#username !== null) return true;
    return this.#askCredentials();
  }

  async #knowPassword(): Promise<string | null> {
    if (this.#password === null && !(await this.#askCredentials())) return null;
    return this.#password;
  }

  async #askCredentials(): Promise<boolean> {
    const isNameWanted = this.#username === null;
    const details: Record<string, string> = { target: this.#hop.name };
    if (this.#username !== null) details.username = this.#username;
    if (this.#isAskedFor) details.retry = "true";
    this.#isAskedFor = true;
    this.#tries++;
    const fields = [
      ...(isNameWanted ? [{ prompt: "username", echo: true }] : []),
      { prompt: "password", echo: false },
    ];
    const values = await this.#ask({ kind: "credentials", details, fields });
    if (values === null) return false;
    const password = values.at(-1);
    if (isNameWanted) this.#username = values[0] ?? "";
    this.#password = password ?? "";
    return true;
  }

  async #ask(question: Parameters<DriverHost["ask"]>[0]): Promise<readonly string[] | null> {
    this.#events.onAsking(true);
    const values = await this.#host.ask(question);
    this.#events.onAsking(false);
    if (values === null) this.failure = new Failure("question-unanswered");
    return values;
  }

  /** One round of RFC 4256: a single hidden prompt is answered with the account's password, once; others by the person. */
  async #answer(
    request: {
      readonly name: string;
      readonly instructions: string;
      readonly prompts: readonly { readonly prompt: string; readonly echo?: boolean }[];
    },
    finish: (answers: string[]) => void,
  ): Promise<void> {
    const { prompts } = request;
    this.#rounds++;
    if (this.#rounds > MAX_QUESTION_ROUNDS || prompts.length > MAX_QUESTION_FIELDS) {
      this.failure = new Failure("protocol-error", { detail: "too many questions" });
      return this.#events.onFailure(this.failure);
    }
    const isPassword = prompts.length === 1 && prompts[0]?.echo !== true && !this.#isPasswordUsed;
    if (isPassword && !this.isKey && /pass/i.test(prompts[0]?.prompt ?? "")) {
      const password = await this.#knowPassword();
      this.#isPasswordUsed = true;
      return finish([password ?? ""]);
    }
    const details: Record<string, string> = { target: this.#hop.name };
    if (request.name !== "") details.name = shorten(request.name);
    if (request.instructions !== "") details.instructions = shorten(request.instructions);
    const fields = prompts.map(({ prompt, echo }) => ({ prompt: shorten(prompt), echo: echo === true }));
    const values = await this.#ask({ kind: "keyboard-interactive", details, fields });
    finish(prompts.map((_, index) => values?.[index] ?? ""));
  }

  /** Forgets secrets, once logged in or given up. */
  forget(): void {
    this.#password = null;
    this.#ticket?.close();
  }
}

/** The middleware ssh2 calls for each next method. */
export function authHandlerOf(
  auth: SshAuth,
): (
  offered: AuthenticationType[],
  isPartial: boolean,
  next: (method: AuthenticationType | AnyAuthMethod) => void,
) => void {
  return (offered, isPartial, next) => {
    const list = (offered as AuthenticationType[] | null) ?? null;
    auth.next(list, isPartial === true).then(
      (method) => next((auth.failure === null ? method : false) as AnyAuthMethod),
      () => next(false as unknown as AnyAuthMethod),
    );
  };
}
