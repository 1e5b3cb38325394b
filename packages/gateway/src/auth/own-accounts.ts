import { barOf, type Told } from "../identity/bound-people.ts";
import type { IdentityStore } from "../identity/identity-store.ts";
import { realmOf } from "../identity/ldap/realm.ts";
import type { LiveProvider, ProviderRegistry } from "../identity/provider-registry.ts";
import type { Person } from "../people/people-store.ts";

/** A person's own account at a directory, as targets know it. */
export interface OwnAccount {
  readonly login: string;
  /** Realm or domain, null where the directory has none. */
  readonly realm: string | null;
  readonly providerId: string;
  readonly providerName: string;
}

/** What a directory says of a password. `login` is the name as the directory writes it. */
export type OwnVerdict =
  | { readonly result: "right"; readonly login: string }
  | { readonly result: "wrong"; readonly reason: string }
  | { readonly result: "barred"; readonly told: Exclude<Told, "sign-in-refused"> }
  | { readonly result: "away"; readonly reason: string };

/** The account's name for people and for Kerberos: `alice@LAB.TEST`, or `alice`. */
export function ownAccountName({ login, realm }: Pick<OwnAccount, "login" | "realm">): string {
  return realm === null ? login : `${login}@${realm}`;
}

/** Finds people's own accounts: in the directory they come from, or in the one their federation names. */
export class OwnAccounts {
  readonly #identities: IdentityStore;
  readonly #registry: ProviderRegistry;

  constructor(parts: { readonly identities: IdentityStore; readonly registry: ProviderRegistry }) {
    this.#identities = parts.identities;
    this.#registry = parts.registry;
  }

  /** A person's account, null where no enabled directory is known for them. */
  async of(person: Pick<Person, "id" | "login">): Promise<OwnAccount | null> {
    const found = await this.#find(person.id);
    if (found === null || found.live.config.kind !== "ldap") return null;
    const { row, config } = found.live;
    return { login: person.login, realm: realmOf(config), providerId: row.id, providerName: row.name };
  }

  /** Asks the directory whether a password is the person's. Nothing is counted or journaled here. */
  async verify(person: Pick<Person, "id" | "login">, password: string): Promise<OwnVerdict> {
    const found = await this.#find(person.id);
    const prover = found?.live.provider.password;
    if (found === null || prover === undefined) return { result: "wrong", reason: "no directory" };
    const { live, subject } = found;
    const typed = { login: person.login, password };
    const proof = await (prover.confirm?.(typed) ?? prover.prove(typed));
    if (proof.result === "away") return { result: "away", reason: proof.reason };
    if (proof.result !== "proven")
      return { result: "wrong", reason: proof.result === "refused" ? proof.reason : "nobody of this name" };
    // The name may have been given to somebody else since: what binds is the subject.
    if (subject !== null && proof.identity.subject !== subject)
      return { result: "wrong", reason: "the name belongs to another subject of the provider" };
    const told = proof.identity.account === "usable" ? undefined : barOf(live.config, proof.identity)?.told;
    if (told === "sign-in-refused") return { result: "wrong", reason: proof.identity.account };
    if (told !== undefined) return { result: "barred", told };
    return { result: "right", login: proof.identity.login };
  }

  /** The directory that answers for a person, and what it calls them where it is their own provider. */
  async #find(
    personId: string,
  ): Promise<{ readonly live: LiveProvider; readonly subject: string | null } | null> {
    const binding = await this.#identities.bindingOf(personId);
    if (binding === null) return null;
    const enabled = await this.#registry.enabled();
    const origin = enabled.find(({ row }) => row.id === binding.provider_id);
    if (origin === undefined) return null;
    if (origin.config.kind === "ldap") return { live: origin, subject: binding.subject };
    const directoryId = origin.config.accountDirectoryId ?? null;
    const live = enabled.find(({ row, config }) => row.id === directoryId && config.kind === "ldap");
    return live === undefined ? null : { live, subject: null };
  }
}
