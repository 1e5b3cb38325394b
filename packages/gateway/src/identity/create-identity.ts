import type { PasswordHasher } from "../auth/password-hasher.ts";
import type { Environment } from "../environment.ts";
import type { Journal } from "../journal/journal.ts";
import type { Keeper } from "../keeper/keeper.ts";
import type { Groups } from "../people/groups.ts";
import { LinkedPeople } from "../people/linked-people.ts";
import type { PeopleStore } from "../people/people-store.ts";
import type { Store } from "../store/store.ts";
import { BoundPeople } from "./bound-people.ts";
import type { DomainProof } from "./domain-proof.ts";
import { IdentitySignIn } from "./identity-sign-in.ts";
import { IdentityStore } from "./identity-store.ts";
import { LocalProvider } from "./local-provider.ts";
import { ProviderRegistry } from "./provider-registry.ts";
import { Recheck } from "./recheck.ts";
import type { DomainNames } from "./typed-name.ts";

/** What identity is built on. */
export interface IdentityDependencies {
  readonly store: Store;
  readonly journal: Journal;
  readonly keeper: Pick<Keeper, "openSecret">;
  readonly environment: Environment;
  readonly people: PeopleStore;
  readonly groups: Groups;
  readonly hasher: PasswordHasher;
  /** Proof of passwords by KDCs, for members of Protected Users; null or left out: none. */
  readonly domain?: DomainProof | null;
  /** Short names of domains that people may type with their own. */
  readonly domainNames?: DomainNames;
  /** Ends a person's sign-ins and live sessions. */
  readonly endPerson: (personId: string) => Promise<void>;
}

/** Puts the providers together. */
export function createIdentity(dependencies: IdentityDependencies) {
  const { store, environment, people, hasher } = dependencies;
  const identities = new IdentityStore(store, environment);
  const registry = new ProviderRegistry({ ...dependencies, identities });
  const linked = new LinkedPeople(store, environment);
  const bound = new BoundPeople({ ...dependencies, identities, linked });
  const local = new LocalProvider({ people, hasher, identities });
  const signIn = new IdentitySignIn({ ...dependencies, identities, registry, local, bound });
  const recheck = new Recheck({ ...dependencies, identities, registry, signIn, bound });
  return { identities, registry, signIn, recheck };
}
