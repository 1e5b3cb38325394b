import type { Environment } from "../environment.ts";
import type { RequestContext } from "../http/context.ts";

/** Who was there so lately, by the same sign-in and from the same address, comes back without being asked again. */
export const REATTACH_MS = 120_000;

/** What else a live session rests on: its person's last address, and the account, which may be a shared one. */
interface Basis {
  readonly sourceAddress: string;
  readonly accountId: string;
}
const NO_BASIS: Basis = { sourceAddress: "", accountId: "" };

/** By whom a live session was last attended. */
interface Seen {
  readonly by: string;
  readonly sourceAddress: string;
  atMs: number;
}

/** A live session, as far as somebody's presence goes. */
interface Attended {
  readonly sessionId: string;
  readonly room: { readonly all: readonly { readonly role: string }[] };
}

/**
 * From where, by which sign-in and until when each live session's person was there. A reload or a short cut is the same
 * person at the same desk; another browser, another address or a long absence is not known to be (docs/decisions/0117).
 */
export class Presence {
  readonly #environment: Environment;
  readonly #bases = new Map<string, Basis>();
  readonly #seen = new Map<string, Seen>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** What a session rests on; empty texts for one that is not known. */
  basisOf(sessionId: string): Basis {
    return this.#bases.get(sessionId) ?? NO_BASIS;
  }

  /** The session begins, or its person comes from another address. */
  rest(sessionId: string, basis: Partial<Basis>): void {
    this.#bases.set(sessionId, { ...this.basisOf(sessionId), ...basis });
  }

  /** The session is over. */
  forget(sessionId: string): void {
    this.#bases.delete(sessionId);
    this.#seen.delete(sessionId);
  }

  /** The caller opened the session, or was let in again. */
  note(sessionId: string, context: RequestContext): void {
    const { sourceAddress } = context;
    const atMs = this.#environment.monotonicMs();
    if (this.#bases.has(sessionId)) this.#seen.set(sessionId, { by: callerOf(context), sourceAddress, atMs });
  }

  /** Whether the caller was there within `REATTACH_MS`, by the same sign-in and from the same address. */
  isRecent(sessionId: string, context: RequestContext): boolean {
    const seen = this.#seen.get(sessionId);
    if (seen?.by !== callerOf(context) || seen.sourceAddress !== context.sourceAddress) return false;
    return this.#environment.monotonicMs() - seen.atMs <= REATTACH_MS;
  }

  /** Those whose person is attached are seen now. Called every half second or so. */
  refresh(live: Iterable<Attended>): void {
    const atMs = this.#environment.monotonicMs();
    for (const { sessionId, room } of live) {
      const seen = this.#seen.get(sessionId);
      if (seen !== undefined && room.all.some(({ role }) => role === "controller")) seen.atMs = atMs;
    }
  }
}

function callerOf(context: RequestContext): string {
  const { by } = context.person();
  return by.kind === "sign-in" ? by.signInId : by.tokenId;
}
