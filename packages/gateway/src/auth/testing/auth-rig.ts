import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { SignInState } from "@poterne/contract";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { serveHandlers } from "../../http/serve.ts";
import { makeServer } from "../../http/server.ts";
import type { JournalEntry } from "../../journal/journal.ts";
import type { Keeper } from "../../keeper/keeper.ts";
import type { Store } from "../../store/store.ts";
import { type AuthSettings, defaultAuthSettings } from "../auth-settings.ts";
import { type Auth, type AuthDependencies, createAuth } from "../create-auth.ts";
import { FEDERATION_COOKIE } from "../federation-flow.ts";
import { DEVICE_COOKIE } from "../remembered-devices.ts";
import { SIGN_IN_COOKIE } from "../sign-in-store.ts";
import { totpCode, totpStep } from "../totp.ts";

/** A good password for tests. */
export const PASSWORD = "quatorze hérissons bavards";

/** Signing in over the real HTTP layer and a real store, with a clock moved by hand and a journal that is a list. */
export interface AuthRig {
  readonly auth: Auth;
  readonly app: FastifyInstance;
  readonly clock: { nowMs: number };
  readonly entries: JournalEntry[];
  readonly settings: { current: AuthSettings };
  /** Sites below a root, for administrators of subtrees. */
  readonly subtrees: Map<string, string[]>;
  /** People told to be ended. */
  readonly ended: string[];
  /** Set to make the journal refuse. */
  readonly journal: { isBroken: boolean };
  browser(address?: string): Browser;
  /** Kinds journaled since the last call. */
  takeKinds(): string[];
  close(): Promise<void>;
}

/** Puts a rig on a store; `more` is what only some tests have. */
export async function authRig(
  store: Store,
  keeper: Pick<Keeper, "sealSecret" | "openSecret">,
  publicUrl = "https://gate.example.org",
  more: Pick<AuthDependencies, "tickets"> = {},
): Promise<AuthRig> {
  const clock = { nowMs: Date.parse("2026-11-21T08:00:00Z") };
  const entries: JournalEntry[] = [];
  const settings = { current: defaultAuthSettings(new URL(publicUrl)) };
  const subtrees = new Map<string, string[]>();
  const ended: string[] = [];
  const journalState = { isBroken: false };
  const environment = {
    now: () => clock.nowMs,
    monotonicMs: () => clock.nowMs,
    randomBytes: (count: number) => new Uint8Array(randomBytes(count)),
  };
  const journal = {
    async append(entry: JournalEntry) {
      if (journalState.isBroken) throw new Error("the journal is full");
      entries.push(entry);
      return String(entries.length);
    },
  };
  const auth = createAuth({
    ...more,
    store,
    journal,
    keeper,
    environment,
    settings: () => settings.current,
    sites: { underAny: async (ids) => new Set(ids.flatMap((id) => [id, ...(subtrees.get(id) ?? [])])) },
    onPersonEnded: async (personId) => void ended.push(personId),
    // What recordings say of themselves: their own tests show that they do it.
    eraseRecordings: async () => ({
      deletedCount: 2,
      heldCount: 1,
      retainedCount: 3,
      retainedUntilMs: 4_000,
    }),
  });
  const app = await makeServer({
    certificate: null,
    trustedProxies: [],
    logger: pino({ level: "silent" }),
  });
  serveHandlers(app, auth.handlers, {
    authenticator: auth.authenticator,
    journal,
    publicUrl: new URL(publicUrl),
  });
  return {
    auth,
    app,
    clock,
    entries,
    settings,
    subtrees,
    ended,
    journal: journalState,
    browser: (address = "192.0.2.1") => new Browser(app, address, clock),
    takeKinds: () => entries.splice(0).map((entry) => entry.kind),
    close: () => app.close(),
  };
}

/** What a request came back with. */
export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
  readonly body: any;
  readonly text: string;
}

/** A browser without a page: keeps the cookie and sends the CSRF token of the last state. */
export class Browser {
  readonly #app: FastifyInstance;
  readonly #clock: { nowMs: number };
  address: string;
  cookie: string | null = null;
  csrf: string | null = null;
  /** The cookie of a sign-in at a federation under way. */
  federation: string | null = null;
  /** The cookie of a remembered browser. */
  device: string | null = null;

  constructor(app: FastifyInstance, address: string, clock: { nowMs: number }) {
    this.#app = app;
    this.address = address;
    this.#clock = clock;
  }

  /** Sends a request to `/api/v1` + path. */
  async send(
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const reply = await this.#app.inject({
      method,
      url: `/api/v1${path}`,
      remoteAddress: this.address,
      headers: {
        ...(this.csrf === null ? {} : { "x-poterne-csrf": this.csrf }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      cookies: {
        ...(this.cookie === null ? {} : { [SIGN_IN_COOKIE]: this.cookie }),
        ...(this.federation === null ? {} : { [FEDERATION_COOKIE]: this.federation }),
        ...(this.device === null ? {} : { [DEVICE_COOKIE]: this.device }),
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    for (const cookie of reply.cookies) {
      const value = cookie.value === "" ? null : cookie.value;
      if (cookie.name === SIGN_IN_COOKIE) this.cookie = value;
      if (cookie.name === FEDERATION_COOKIE) this.federation = value;
      if (cookie.name === DEVICE_COOKIE) this.device = value;
    }
    const parsed = reply.body === "" ? null : JSON.parse(reply.body);
    const state = parsed?.signIn ?? parsed;
    if (typeof state?.csrfToken === "string") this.csrf = state.csrfToken;
    return { status: reply.statusCode, body: parsed, text: reply.body };
  }

  /** Sends what must succeed; replies the body. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
  async ok(method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<any> {
    const answer = await this.send(method, path, body);
    assert.equal(answer.status, 200, `${method} ${path}: ${answer.text}`);
    return answer.body;
  }

  /** Sends what must be refused; asserts the code. */
  async refused(
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    expected: { readonly body?: unknown; readonly code: string },
  ): Promise<Answer> {
    const answer = await this.send(method, path, expected.body);
    assert.equal(answer.body?.code, expected.code, `${method} ${path}: ${answer.text}`);
    return answer;
  }

  /** Where the sign-in stands. */
  state(): Promise<SignInState> {
    return this.ok("GET", "/sign-in");
  }

  /** Opens a one-time link as the page does. */
  openLink(url: string): Promise<SignInState> {
    const token = new URLSearchParams(new URL(url).hash.slice(1)).get("link") ?? "";
    return this.ok("POST", "/sign-in/link", { token });
  }

  /** Enrols an authenticator application; replies its base32 secret. */
  async enrolTotp(
    name = "phone",
  ): Promise<{ secret: string; factorId: string; recoveryCodes: string[] | null }> {
    const { factorId, secret } = await this.ok("POST", "/me/totp");
    const code = codeOf(secret, this.#clock.nowMs);
    const done = await this.ok("POST", `/me/totp/${factorId}/confirm`, { code, name });
    return { secret, factorId, recoveryCodes: done.recoveryCodes };
  }

  /** Password and code, as every morning. */
  async signIn(login: string, secret: string, password = PASSWORD): Promise<SignInState> {
    await this.ok("POST", "/sign-in/password", { login, password });
    return this.ok("POST", "/sign-in/totp", { code: codeOf(secret, this.#clock.nowMs) });
  }
}

/** The code an application with this base32 secret shows. */
export function codeOf(secret: string, nowMs: number): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((sign) => alphabet.indexOf(sign).toString(2).padStart(5, "0")).join("");
  const bytes = (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
  return totpCode(Uint8Array.from(bytes), totpStep(nowMs));
}

/** Signs the first administrator in by the first link; replies the browser and the application's secret. */
export async function firstAdministrator(rig: AuthRig, login = "amelie") {
  const link = await rig.auth.createFirstLink();
  assert.ok(link);
  const browser = rig.browser();
  await browser.openLink(link.url);
  await browser.ok("POST", "/sign-in/new-password", { password: PASSWORD, login, name: "Amélie Durand" });
  const { secret, recoveryCodes } = await browser.enrolTotp();
  return { browser, secret, recoveryCodes: recoveryCodes ?? [] };
}

/** Creates a person by an administrator and signs them in for the first time. */
export async function newPerson(rig: AuthRig, administrator: Browser, fields: Record<string, unknown>) {
  const { person, link } = await administrator.ok("POST", "/people", fields);
  const browser = rig.browser("192.0.2.77");
  await browser.openLink(link.url);
  await browser.ok("POST", "/sign-in/new-password", { password: PASSWORD });
  const { secret } = await browser.enrolTotp();
  return { browser, secret, personId: person.personId as string, link: link.url as string };
}
