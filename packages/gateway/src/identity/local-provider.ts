import type { PasswordHasher } from "../auth/password-hasher.ts";
import type { PeopleStore } from "../people/people-store.ts";
import type { IdentityProvider, ProofOutcome } from "./identity-provider.ts";
import type { IdentityStore } from "./identity-store.ts";

/** What it is made of. */
export interface LocalParts {
  readonly people: PeopleStore;
  readonly hasher: PasswordHasher;
  readonly identities: IdentityStore;
}

/**
 * This gateway itself: people with a password here. It depends on the store alone, so that the break-glass administrator
 * comes in whatever directories do.
 */
export class LocalProvider implements IdentityProvider {
  readonly password = { prove: (typed: { login: string; password: string }) => this.#prove(typed) };
  readonly #parts: LocalParts;

  constructor(parts: LocalParts) {
    this.#parts = parts;
  }

  /** Throws the Failure `too-many-requests` when a password could not be proved now. */
  requireRoom(): void {
    this.#parts.hasher.requireRoom();
  }

  /** Nothing to set, nothing to test. */
  async test() {
    return [];
  }

  /** Every name costs one hash, known or not. */
  async #prove(typed: { login: string; password: string }): Promise<ProofOutcome> {
    const { people, hasher, identities } = this.#parts;
    const person = await people.findByLogin(typed.login);
    const binding = await identities.bindingOf(person?.id ?? "");
    const isHere = person !== null && binding === null;
    const isUsable = isHere && person.is_disabled === 0;
    const isRight = await hasher.verify(typed.password, isUsable ? person.password_hash : null);
    if (!isHere) return { result: "unknown" };
    if (!isRight || !isUsable) return { result: "refused", reason: "wrong password" };
    const { id: subject, login, name, email } = person;
    return { result: "proven", identity: { subject, login, name, email, groups: [], account: "usable" } };
  }
}
