import { createHash } from "node:crypto";
import { Failure, type SignInState } from "@poterne/contract";
import type { SignInOutcome } from "../identity/identity-sign-in.ts";
import type { IdentityStore } from "../identity/identity-store.ts";
import type { LiveProvider, ProviderRegistry } from "../identity/provider-registry.ts";
import type { Person } from "../people/people-store.ts";
import { UNKNOWN_ACTOR } from "./auth-journal.ts";
import type { AuthParts } from "./auth-parts.ts";
import { QuestionLimit } from "./question-limit.ts";
import { isSameSecret, makeSecretToken } from "./secret-token.ts";
import type { GuardedAttempt } from "./sign-in-guard.ts";
import type { SignInStates } from "./sign-in-states.ts";
import type { Visit } from "./visit.ts";

/** Name of the cookie that ties an answer to the browser that asked. */
export const FEDERATION_COOKIE = "__Host-poterne-federation";
/** Coming back takes at most so long. */
export const FEDERATION_MS = 10 * 60_000;
/** Most parameters of an answer. */
const MAX_PARAMETERS = 30;

/** What the flow is made of. */
export interface FederationParts {
  readonly identities: IdentityStore;
  readonly registry: ProviderRegistry;
}

/** Signing in at a federation: there, and back. Whatever is wrong, the browser hears one refusal and the journal why. */
export class FederationFlow {
  readonly #parts: AuthParts & FederationParts;
  readonly #states: SignInStates;
  readonly #questions: QuestionLimit;

  constructor(parts: AuthParts & FederationParts, states: SignInStates) {
    this.#parts = parts;
    this.#states = states;
    this.#questions = new QuestionLimit(parts.environment);
  }

  /** The address a federation must send people back to. */
  get redirectUri(): string {
    return new URL("/sign-in", this.#parts.settings().publicUrl).href;
  }

  /** Where the browser goes, and the token for its cookie. Fails with `federation-refused`, `too-many-requests`. */
  async begin(visit: Visit, providerId: string): Promise<{ readonly url: string; readonly browser: string }> {
    const { environment, identities, identity } = this.#parts;
    this.#questions.take(visit.sourceAddress);
    const live = await this.#live(providerId);
    if (live?.provider.redirect === undefined) throw new Failure("federation-refused");
    const state = makeSecretToken(environment);
    const browser = makeSecretToken(environment);
    const begun = await live.provider.redirect.begin({ state, redirectUri: this.redirectUri });
    await identity.noteAnswer(live, begun.url === null ? begun.reason : null);
    if (begun.url === null) throw new Failure("federation-refused");
    await identities.keepRequest({
      state_hash: hashOf(state),
      provider_id: providerId,
      browser_hash: hashOf(browser),
      memory: begun.memory,
      expires_at_ms: environment.now() + FEDERATION_MS,
    });
    return { url: begun.url, browser };
  }

  /** Ends it with the query the browser came back with. */
  async end(visit: Visit, answer: string, browser: string | null): Promise<SignInState> {
    const { guard } = this.#parts;
    const attempt = await guard.attemptSource(visit.sourceAddress);
    const outcome = await this.#prove(answer, browser, visit).catch(async (error: unknown) => {
      await attempt.withdraw();
      throw error;
    });
    if (outcome.result !== "in") return this.#refuse(visit, attempt, outcome);
    const { person } = outcome;
    const open = await this.#states.open(visit);
    const isMidway = open?.step === "password";
    if (isMidway && open.row.person_id !== person.id)
      return this.#refuse(visit, attempt, { ...outcome, reason: "another person than the link's" });
    await attempt.succeed();
    const progress = { password_at_ms: this.#parts.environment.now() };
    if (isMidway) return this.#states.advance(visit, open.row, progress, "federation");
    await this.#requireLink(visit, person);
    const start = { person_id: person.id, link_kind: "" as const, link_id: null, ...progress };
    return this.#states.begin(visit, start, "federation");
  }

  async #prove(answer: string, browser: string | null, visit: Visit): Promise<SignInOutcome> {
    const { identities, identity } = this.#parts;
    const parameters = new URLSearchParams(answer);
    const states = parameters.getAll("state");
    const [state = ""] = states;
    if (states.length !== 1 || parameters.size > MAX_PARAMETERS) return refusal("no single state");
    if (browser === null) return refusal("not the browser that began, or it began too long ago");
    const request = await identities.takeRequest(hashOf(state));
    if (request === null) return refusal("unknown, used or expired state");
    if (!isSameSecret(request.browser_hash, hashOf(browser))) return refusal("not the browser that began");
    const live = await this.#live(request.provider_id);
    if (live?.provider.redirect === undefined) return refusal("the provider is disabled");
    const { memory } = request;
    const { redirectUri } = this;
    const proof = await live.provider.redirect.end({ parameters, state, redirectUri, memory });
    return identity.receive(live, proof, visit.sourceAddress);
  }

  /** As after a password: devices that were reset are enrolled anew with the help desk's link only. */
  async #requireLink(visit: Visit, person: Person): Promise<void> {
    const { factors, settings } = this.#parts;
    if (person.needs_link === 0 || !settings().isFactorRequired) return;
    if ((await factors.devices(person.id)).length > 0) return;
    await this.#write(visit, person, { reason: "enrolment link needed" });
    throw new Failure("enrolment-link-needed");
  }

  async #refuse(
    visit: Visit,
    attempt: GuardedAttempt,
    outcome: {
      readonly result: string;
      readonly providerName: string | null;
      readonly reason?: string;
      readonly person?: Person | null;
      readonly told?: string;
    },
  ): Promise<never> {
    const { providerName, reason = "", person = null } = outcome;
    // Nobody failed where the federation did not answer, or where it did and the account is barred.
    const isFailure = outcome.result !== "away" && (outcome.told ?? "sign-in-refused") === "sign-in-refused";
    if (isFailure) attempt.fail();
    else await attempt.withdraw();
    await this.#write(visit, person, {
      reason,
      ...(providerName === null ? {} : { provider: providerName }),
    });
    if (isFailure && attempt.banMs > 0) await this.#writeBan(visit, attempt.banMs);
    throw new Failure(outcome.told === "not-admitted" ? "not-admitted" : "federation-refused");
  }

  async #live(providerId: string): Promise<LiveProvider | undefined> {
    return (await this.#parts.registry.enabled()).find(({ row }) => row.id === providerId);
  }

  async #write(
    visit: Visit,
    person: Person | null,
    details: Readonly<Record<string, string>>,
  ): Promise<void> {
    await this.#parts.journal.append({
      kind: "sign-in.failed",
      level: "notice",
      actor: person === null ? UNKNOWN_ACTOR : { personId: person.id, name: person.name },
      sourceAddress: visit.sourceAddress,
      subject: person === null ? {} : { personId: person.id },
      details: { method: "federation", isKnown: person !== null, ...details },
    });
  }

  async #writeBan(visit: Visit, banMs: number): Promise<void> {
    await this.#parts.journal.append({
      kind: "sign-in.banned",
      level: "alarm",
      actor: UNKNOWN_ACTOR,
      sourceAddress: visit.sourceAddress,
      subject: {},
      details: { seconds: Math.ceil(banMs / 1000) },
    });
  }
}

function refusal(reason: string): SignInOutcome {
  return { result: "out", person: null, told: "sign-in-refused", providerName: null, reason };
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
