import { SYSTEM_ACTOR } from "../auth/auth-journal.ts";
import type { Environment } from "../environment.ts";
import type { Journal } from "../journal/journal.ts";
import type { PeopleStore } from "../people/people-store.ts";
import { type BoundPeople, barOf } from "./bound-people.ts";
import type { LookupOutcome } from "./identity-provider.ts";
import type { IdentitySignIn } from "./identity-sign-in.ts";
import type { IdentityStore } from "./identity-store.ts";
import type { IdentityBindingTableRow } from "./identity-tables.ts";
import type { LiveProvider, ProviderRegistry } from "./provider-registry.ts";

/** People asked about over one connection. */
const BATCH = 100;
/** From so many on, and more than half of a batch, people gone at once are taken for a fault of the directory. */
const MASS_COUNT = 5;

/** What looking again is made of. */
export interface RecheckParts {
  readonly identities: IdentityStore;
  readonly registry: ProviderRegistry;
  readonly signIn: IdentitySignIn;
  readonly bound: BoundPeople;
  readonly people: PeopleStore;
  readonly journal: Journal;
  readonly environment: Environment;
}

/**
 * Looks now and then whether people are still in their directory. Only the directory's own word ends anything: one that
 * is away, or of which half the people vanish at once, changes nothing.
 */
export class Recheck {
  readonly #parts: RecheckParts;
  /** Providers of which a mass vanished and was told. */
  readonly #alarmed = new Set<string>();
  #running: Promise<void> | null = null;

  constructor(parts: RecheckParts) {
    this.#parts = parts;
  }

  /** Asks about everybody who is due; a second call while one runs waits for that one. */
  run(): Promise<void> {
    this.#running ??= this.#runAll().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #runAll(): Promise<void> {
    for (const live of await this.#parts.registry.enabled())
      if (live.config.kind === "ldap") await this.#runOne(live);
  }

  async #runOne(live: LiveProvider): Promise<void> {
    const { identities, environment } = this.#parts;
    const { provider, config, row } = live;
    if (provider.directory === undefined || config.kind !== "ldap") return;
    const beforeMs = environment.now() - config.recheckMinutes * 60_000;
    for (;;) {
      const due = await identities.due(row.id, beforeMs, BATCH);
      if (due.length === 0) return;
      const outcomes = await provider.directory.lookup(due.map((binding) => binding.subject));
      if (await this.#isMass(live, outcomes)) return;
      for (const [index, binding] of due.entries()) {
        const outcome = outcomes[index];
        if (outcome === undefined || outcome.result === "away")
          return this.#parts.signIn.noteAnswer(live, outcome?.reason ?? "no answer");
        await this.#parts.signIn.noteAnswer(live, null);
        await this.#apply(live, binding, outcome);
      }
      if (due.length < BATCH) return;
    }
  }

  async #apply(
    live: LiveProvider,
    binding: IdentityBindingTableRow,
    outcome: Exclude<LookupOutcome, { result: "away" }>,
  ): Promise<void> {
    const { people, bound, identities } = this.#parts;
    const person = await people.find(binding.person_id);
    if (person === null || person.erased_at_ms !== null)
      return identities.noteChecked(binding.person_id, "gone");
    if (outcome.result === "gone") return bound.bar(live, person, "gone");
    const bar = barOf(live.config, outcome.identity);
    if (bar?.barred != null) return bound.bar(live, person, bar.barred);
    // Disabled by an administrator: kept so. Locked or with a password to change: that ends nothing that is open.
    if (bar !== null || person.is_disabled === 1) return identities.noteChecked(person.id, "");
    await bound.refresh(live, person, outcome.identity);
  }

  async #isMass({ row }: LiveProvider, outcomes: readonly LookupOutcome[]): Promise<boolean> {
    const goneCount = outcomes.filter((outcome) => outcome.result === "gone").length;
    const isMass = goneCount >= MASS_COUNT && goneCount * 2 > outcomes.length;
    if (!isMass) this.#alarmed.delete(row.id);
    else if (!this.#alarmed.has(row.id)) {
      this.#alarmed.add(row.id);
      await this.#parts.journal.append({
        kind: "provider.people-vanished",
        level: "alarm",
        actor: SYSTEM_ACTOR,
        sourceAddress: "",
        subject: {},
        details: { providerId: row.id, name: row.name, goneCount, askedCount: outcomes.length },
      });
    }
    return isMass;
  }
}
