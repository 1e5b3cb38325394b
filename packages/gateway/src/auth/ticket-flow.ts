import { Failure, type SignInState } from "@poterne/contract";
import { formatPrincipal, type Principal } from "@poterne/kerberos";
import type { SignInOutcome } from "../identity/identity-sign-in.ts";
import type { ProviderRegistry } from "../identity/provider-registry.ts";
import type { TicketAcceptor } from "../kerberos/ticket-acceptor.ts";
import type { Person } from "../people/people-store.ts";
import { UNKNOWN_ACTOR } from "./auth-journal.ts";
import type { AuthParts } from "./auth-parts.ts";
import type { SignInStates } from "./sign-in-states.ts";
import type { Visit } from "./visit.ts";

/** What the flow is made of. */
export interface TicketFlowParts {
  readonly registry: ProviderRegistry;
  /** Null where no keytab is configured. */
  readonly tickets: TicketAcceptor | null;
}

/** What the browser gets: where the sign-in stands, and the server's proof for it, base64; empty for none. */
export interface TicketSignIn {
  readonly state: SignInState;
  readonly answer: string;
}

/**
 * Signing in by a ticket the browser has from the domain (RFC 4559). The ticket opens with the gateway's own key, so it is
 * the realm's; the directory that answers for that realm says who the person is, their groups, and whether they may come in.
 * Whatever is wrong, the browser hears one refusal and the journal why.
 */
export class TicketFlow {
  readonly #parts: AuthParts & TicketFlowParts;
  readonly #states: SignInStates;

  constructor(parts: AuthParts & TicketFlowParts, states: SignInStates) {
    this.#parts = parts;
    this.#states = states;
  }

  /** Signs in by the request's `Authorization` header. Fails with `ticket-wanted` without one, `ticket-refused`. */
  async signIn(visit: Visit, authorization: string | null): Promise<TicketSignIn> {
    const { guard, tickets, environment } = this.#parts;
    const attempt = await guard.attemptSource(visit.sourceAddress);
    const verdict = tickets?.judge(authorization) ?? null;
    if (verdict === null) {
      await attempt.withdraw();
      throw new Failure("ticket-wanted");
    }
    if (!verdict.isProven) {
      const { reason, detail } = verdict.failure;
      // A browser without a ticket offers NTLM: nobody tried to get in by that.
      if (reason === "kerberos-not-offered") await attempt.withdraw();
      else {
        attempt.fail();
        if (attempt.banMs > 0) await this.#writeBan(visit, attempt.banMs);
      }
      return this.#refuse(visit, { reason: `${reason}: ${detail}`.slice(0, 200) });
    }
    const principal = formatPrincipal(verdict.client);
    const outcome = await this.#find(verdict.client, visit).catch(async (error: unknown) => {
      await attempt.withdraw();
      throw error;
    });
    // From here on the ticket was right: nobody guessed anything.
    if (outcome?.result !== "in") await attempt.withdraw();
    if (outcome === null)
      return this.#refuse(visit, { principal, reason: "no directory answers for the realm" });
    if (outcome.result !== "in")
      return this.#refuse(visit, { principal, reason: outcome.reason, provider: outcome.providerName ?? "" });
    await attempt.succeed();
    await this.#requireLink(visit, outcome.person);
    const start = {
      person_id: outcome.person.id,
      link_kind: "" as const,
      link_id: null,
      password_at_ms: environment.now(),
    };
    const state = await this.#states.begin(visit, start, "ticket");
    return { state, answer: Buffer.from(verdict.answer).toString("base64") };
  }

  /** Asks the first enabled directory that answers for the ticket's realm; null where none does. */
  async #find({ realm, name }: Principal, visit: Visit): Promise<SignInOutcome | null> {
    const { registry, identity } = this.#parts;
    const live = (await registry.enabled()).find(({ provider }) => provider.ticket?.realms.includes(realm));
    const [login] = name.parts;
    if (live?.provider.ticket === undefined || login === undefined || name.parts.length > 1) return null;
    const proof = await live.provider.ticket.resolve(login, realm);
    return identity.receive(live, proof, visit.sourceAddress);
  }

  /** As after a password: devices that were reset are enrolled anew with the help desk's link only. */
  async #requireLink(visit: Visit, person: Person): Promise<void> {
    const { factors, settings } = this.#parts;
    if (person.needs_link === 0 || !settings().isFactorRequired) return;
    if ((await factors.devices(person.id)).length > 0) return;
    await this.#write(visit, { personId: person.id, name: person.name }, { reason: "enrolment link needed" });
    throw new Failure("enrolment-link-needed");
  }

  async #refuse(visit: Visit, details: Readonly<Record<string, string>>): Promise<never> {
    await this.#write(visit, null, details);
    throw new Failure("ticket-refused");
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

  async #write(
    visit: Visit,
    person: { readonly personId: string; readonly name: string } | null,
    details: Readonly<Record<string, string>>,
  ): Promise<void> {
    await this.#parts.journal.append({
      kind: "sign-in.failed",
      level: "notice",
      actor: person ?? UNKNOWN_ACTOR,
      sourceAddress: visit.sourceAddress,
      subject: person === null ? {} : { personId: person.personId },
      details: { method: "ticket", ...details },
    });
  }
}
