import { setTimeout as wait } from "node:timers/promises";
import { SYSTEM_ACTOR } from "../auth/auth-journal.ts";
import type { Environment } from "../environment.ts";
import type { Journal } from "../journal/journal.ts";
import type { PeopleStore, Person } from "../people/people-store.ts";
import type { BoundPeople, Told } from "./bound-people.ts";
import type { ProofOutcome } from "./identity-provider.ts";
import type { IdentityStore } from "./identity-store.ts";
import type { LocalProvider } from "./local-provider.ts";
import type { LiveProvider, ProviderRegistry } from "./provider-registry.ts";
import { type DomainNames, readTypedName, type TypedName } from "./typed-name.ts";

/** With directories, no refusal is given sooner: how long each place took to say no would tell where a name is kept. */
const REFUSAL_FLOOR_MS = 1500;
const NO_NAMES: DomainNames = new Map();

/** What came of a proof, for the flow of a sign-in. */
export type SignInOutcome =
  | {
      readonly result: "in";
      readonly person: Person;
      readonly providerName: string | null;
      /** Whether a second factor was given at the provider. */
      readonly hasFactor?: boolean;
    }
  | {
      readonly result: "out";
      readonly person: Person | null;
      readonly told: Told;
      readonly providerName: string | null;
      readonly reason: string;
    }
  | { readonly result: "away"; readonly providerName: string; readonly reason: string };

/** What signing in at providers is made of. */
export interface IdentitySignInParts {
  readonly identities: IdentityStore;
  readonly registry: ProviderRegistry;
  readonly local: LocalProvider;
  readonly bound: BoundPeople;
  readonly people: PeopleStore;
  readonly journal: Journal;
  readonly environment: Environment;
  /** Short names of domains that people may type; left out: none but the first part of a directory's realm. */
  readonly domainNames?: DomainNames;
}

/** Signing in at all providers together: who is asked, in what order, and what people are told. */
export class IdentitySignIn {
  readonly #parts: IdentitySignInParts;

  constructor(parts: IdentitySignInParts) {
    this.#parts = parts;
  }

  /** What failures of a typed name are counted under: the same however the domain in it is written. */
  async attemptKey(login: string): Promise<string> {
    return this.#read(login, await this.#parts.registry.enabled()).key;
  }

  /**
   * Proves a name and password. A name of this gateway is asked here only: its password goes to no directory, and no
   * directory takes the name over. Somebody who came from a provider is asked there only; a name nobody has, in order, or
   * at the directories that the domain typed with it names.
   */
  async prove(
    typed: { readonly login: string; readonly password: string },
    sourceAddress: string,
  ): Promise<SignInOutcome> {
    const { environment, registry } = this.#parts;
    const startedMs = environment.monotonicMs();
    const enabled = await registry.enabled();
    const outcome = await this.#prove(typed, enabled, sourceAddress);
    const hasDirectory = enabled.some(({ provider }) => provider.password !== undefined);
    if (outcome.result !== "in" && hasDirectory)
      await wait(Math.max(0, REFUSAL_FLOOR_MS - (environment.monotonicMs() - startedMs)));
    return outcome;
  }

  /** Whether a directory is away: then everybody refused is told so, whoever was named. */
  async isAnyAway(): Promise<boolean> {
    const { registry } = this.#parts;
    const directories = (await registry.enabled()).filter(({ provider }) => provider.password !== undefined);
    return directories.some(({ row }) => registry.awaySinceMs(row.id) !== null);
  }

  /** Takes what a provider proved, and what it says, into a person here. */
  async receive(live: LiveProvider, proof: ProofOutcome, sourceAddress: string): Promise<SignInOutcome> {
    const providerName = live.row.name;
    await this.noteAnswer(live, proof.result === "away" ? proof.reason : null);
    switch (proof.result) {
      case "proven": {
        const received = await this.#parts.bound.receive(live, proof.identity, sourceAddress);
        const hasFactor = proof.hasFactor === true;
        if (received.isIn) return { result: "in", person: received.person, providerName, hasFactor };
        const { person, told, reason } = received;
        return { result: "out", person, told, reason, providerName };
      }
      case "unknown":
        return { ...refused("nobody of this name"), providerName };
      case "refused":
        return { ...refused(proof.reason), providerName };
      case "away":
        return { result: "away", reason: proof.reason, providerName };
    }
  }

  /** What the sign-in page offers beside the local form. */
  async offered() {
    const enabled = await this.#parts.registry.enabled();
    return {
      directories: enabled
        .filter(({ provider }) => provider.password !== undefined)
        .map(({ row }) => row.name),
      federations: enabled
        .filter(({ provider }) => provider.redirect !== undefined)
        .map(({ row }) => ({ providerId: row.id, name: row.name })),
      hasTicketSignIn: enabled.some(({ provider }) => (provider.ticket?.realms.length ?? 0) > 0),
    };
  }

  /** Where a person comes from, null for this gateway. */
  async originOf(personId: string) {
    const { identities } = this.#parts;
    const binding = await identities.bindingOf(personId);
    if (binding === null) return null;
    const { name, kind } = await identities.require(binding.provider_id);
    return { binding, name, kind };
  }

  /** Where a person signs out of their federation too, null for nowhere. */
  async endSessionUrl(personId: string, returnUri: string): Promise<string | null> {
    const binding = await this.#parts.identities.bindingOf(personId);
    if (binding === null) return null;
    const enabled = await this.#parts.registry.enabled();
    const live = enabled.find(({ row }) => row.id === binding.provider_id);
    return (await live?.provider.redirect?.endSessionUrl(returnUri)) ?? null;
  }

  /** Journals when a provider stops answering, and when it answers again. */
  async noteAnswer({ row }: LiveProvider, awayReason: string | null): Promise<void> {
    if (!this.#parts.registry.noteAnswer(row.id, awayReason !== null)) return;
    await this.#parts.journal.append({
      kind: awayReason === null ? "provider.back" : "provider.away",
      level: awayReason === null ? "notice" : "alarm",
      actor: SYSTEM_ACTOR,
      sourceAddress: "",
      subject: {},
      details: { providerId: row.id, name: row.name, ...(awayReason === null ? {} : { reason: awayReason }) },
    });
  }

  async #prove(
    typed: { readonly login: string; readonly password: string },
    enabled: readonly LiveProvider[],
    sourceAddress: string,
  ): Promise<SignInOutcome> {
    const { local, people, identities } = this.#parts;
    const { password } = typed;
    const name = this.#read(typed.login, enabled);
    const person = await people.findByLogin(name.here);
    const binding = await identities.bindingOf(person?.id ?? "");
    const asked = binding === null ? name.asked : enabled.filter(({ row }) => row.id === binding.provider_id);
    // Whoever is another's person has no password here: no hash is made for them. What that saves shows in no refusal,
    // for none is given before REFUSAL_FLOOR_MS, and a gateway with too many hashes under way refuses them as well.
    if (binding !== null && asked.some(({ provider }) => provider.password !== undefined))
      local.requireRoom();
    else {
      const here = await local.password.prove({ login: name.here, password });
      if (here.result === "proven" && person !== null) return { result: "in", person, providerName: null };
      if (here.result !== "unknown") return { ...refused("wrong password"), person, providerName: null };
    }
    const isUnanswered = name.spellings.length > 0 && name.asked.length === 0 && enabled.length > 0;
    const reason = isUnanswered ? "no directory of this domain" : "nobody of this name";
    let last: SignInOutcome = { ...refused(reason), person, providerName: null };
    for (const live of asked) {
      const proof = await proveAny(live, name.spellings, password);
      if (proof === null) continue;
      last = withPerson(await this.receive(live, proof, sourceAddress), person);
      // A directory that is away may be the one that knows the name: asking the next would let another take it.
      if (proof.result !== "unknown") return this.#checkSame(last, person);
    }
    return last;
  }

  #read(login: string, enabled: readonly LiveProvider[]): TypedName {
    return readTypedName(login, enabled, this.#parts.domainNames ?? NO_NAMES);
  }

  /** A name that belongs to one subject is not another's, although a directory gave it away anew. */
  #checkSame(outcome: SignInOutcome, named: Person | null): SignInOutcome {
    if (outcome.result !== "in" || named === null || outcome.person.id === named.id) return outcome;
    const { providerName } = outcome;
    return { ...refused("the name belongs to another subject of the provider"), person: named, providerName };
  }
}

/** Asks one provider for each spelling of a name until it knows one; null where it proves no password. */
async function proveAny(
  { provider }: LiveProvider,
  spellings: readonly string[],
  password: string,
): Promise<ProofOutcome | null> {
  if (provider.password === undefined) return null;
  for (const login of spellings) {
    const proof = await provider.password.prove({ login, password });
    if (proof.result !== "unknown") return proof;
  }
  return { result: "unknown" };
}

function refused(reason: string) {
  return { result: "out", person: null, told: "sign-in-refused", reason } as const;
}

function withPerson(outcome: SignInOutcome, person: Person | null): SignInOutcome {
  return outcome.result === "out" && outcome.person === null ? { ...outcome, person } : outcome;
}
