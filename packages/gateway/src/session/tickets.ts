import { createHash } from "node:crypto";
import type { ViewerRole } from "@poterne/wire";
import type { Environment } from "../environment.ts";

/** A ticket lives this long and is used once. */
export const TICKET_LIFETIME_MS = 30_000;

/** More tickets than this at once are a flood: the oldest go. */
const MAX_TICKETS = 2000;

/** What a ticket lets its bearer do: attach one viewer to one session. */
export interface TicketClaim {
  readonly sessionId: string;
  readonly personId: string;
  readonly name: string;
  readonly role: ViewerRole;
  readonly sourceAddress: string;
}

/** One-time tickets for the viewers' WebSockets. Only hashes are kept, so that a memory dump opens nothing. */
export class Tickets {
  readonly #environment: Environment;
  readonly #claims = new Map<string, TicketClaim & { readonly expiresAtMs: number }>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  issue(claim: TicketClaim): { ticket: string; expiresAtMs: number } {
    const ticket = Buffer.from(this.#environment.randomBytes(24)).toString("base64url");
    const now = this.#environment.monotonicMs();
    for (const [key, { expiresAtMs }] of this.#claims)
      if (expiresAtMs < now || this.#claims.size >= MAX_TICKETS) this.#claims.delete(key);
    this.#claims.set(hashTicket(ticket), { ...claim, expiresAtMs: now + TICKET_LIFETIME_MS });
    return { ticket, expiresAtMs: this.#environment.now() + TICKET_LIFETIME_MS };
  }

  /** The claim of a ticket, once; null when unknown, used, too old or brought from another address. */
  redeem(ticket: string, sessionId: string, sourceAddress: string): TicketClaim | null {
    const key = hashTicket(ticket);
    const claim = this.#claims.get(key);
    this.#claims.delete(key);
    if (claim === undefined || claim.expiresAtMs < this.#environment.monotonicMs()) return null;
    return claim.sessionId === sessionId && claim.sourceAddress === sourceAddress ? claim : null;
  }
}

function hashTicket(ticket: string): string {
  return createHash("sha256").update(ticket).digest("base64");
}
