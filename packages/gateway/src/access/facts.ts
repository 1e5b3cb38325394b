import type { Policy, Protocol, SourceListKind } from "@poterne/contract";
import { type SiteFact, SiteTree } from "../fleet/site-tree.ts";
import type { AccountKind } from "./access.ts";
import type { NetworkList } from "./networks.ts";

/** A machine, as far as decisions and *My machines* need it. */
export interface MachineFact {
  readonly machineId: string;
  readonly siteId: string;
  readonly name: string;
  readonly foldedName: string;
  /** Folded name and addresses, for the person's own search. */
  readonly searchText: string;
  readonly isDisabled: boolean;
}

/** A target. */
export interface TargetFact {
  readonly targetId: string;
  readonly machineId: string;
  readonly name: string;
  readonly foldedName: string;
  readonly protocol: Protocol;
  readonly isDisabled: boolean;
}

/** An account. */
export interface AccountFact {
  readonly accountId: string;
  readonly name: string;
  readonly kind: AccountKind;
  /** Not disabled, and its secret is there unless it is asked for. */
  readonly isUsable: boolean;
}

/** A policy. */
export interface PolicyFact {
  readonly policyId: string;
  readonly name: string;
  readonly rules: Policy;
  /** `rules.sourceNetworks`, read. */
  readonly sources: NetworkList;
}

/** A grant. */
export interface GrantFact {
  readonly grantId: string;
  /** The site that administers it; null for the whole organisation. */
  readonly siteId: string | null;
  readonly personId: string | null;
  readonly groupId: string | null;
  readonly targetIds: ReadonlySet<string>;
  readonly machineIds: ReadonlySet<string>;
  readonly siteIds: ReadonlySet<string>;
  readonly accountIds: readonly string[];
  readonly policyId: string;
  readonly validFromMs: number | null;
  readonly validToMs: number | null;
  readonly isDisabled: boolean;
  readonly createdAtMs: number;
  readonly note: string;
  /** The grant under approval this one rests on, for one given by an approved request; null otherwise. */
  readonly baseGrantId: string | null;
  /** Given by an emergency: its policy's hours do not bind it. */
  readonly isEmergency: boolean;
  /** Given by a vendor pass; null otherwise. */
  readonly passId: string | null;
  /** A guardian is needed whatever the policy says. */
  readonly needsGuardian: boolean;
}

/** From where a person, the members of a group, a target or a grant may be used; by the object's id. */
export interface SourceFact {
  readonly kind: SourceListKind;
  readonly list: NetworkList;
}

/** Something that changed: its new fact, or null when it is gone. */
export interface FactChange<Fact> {
  readonly id: string;
  readonly fact: Fact | null;
}

/** Everything that changed since some revision. */
export interface FactChanges {
  readonly sites: readonly FactChange<SiteFact>[];
  readonly machines: readonly FactChange<MachineFact>[];
  readonly targets: readonly FactChange<TargetFact>[];
  readonly accounts: readonly FactChange<AccountFact>[];
  readonly policies: readonly FactChange<PolicyFact>[];
  readonly grants: readonly FactChange<GrantFact>[];
  readonly sources: readonly FactChange<SourceFact>[];
  /** All public holidays (`2026-12-25`). */
  readonly holidays: ReadonlySet<string>;
}

/**
 * All living facts in memory with the indexes that decisions need. Changes are applied at once, without a pause in
 * between: whoever reads in one turn sees one state.
 */
export class AccessFacts {
  revision = 0;
  tree = new SiteTree([]);
  readonly machines = new Map<string, MachineFact>();
  readonly targets = new Map<string, TargetFact>();
  readonly accounts = new Map<string, AccountFact>();
  readonly policies = new Map<string, PolicyFact>();
  readonly grants = new Map<string, GrantFact>();
  readonly sources = new Map<string, SourceFact>();
  holidays: ReadonlySet<string> = new Set();
  /** Targets by machine, machines by site, grants by the id of their person or group. */
  readonly targetsOfMachine = new SetIndex<TargetFact>();
  readonly machinesOfSite = new SetIndex<MachineFact>();
  readonly grantsOfSubject = new SetIndex<GrantFact>();
  #machineOrder: readonly MachineFact[] | null = null;

  /** Applies changes and takes over their revision. */
  apply(changes: FactChanges, revision: number): void {
    if (changes.sites.length > 0) {
      const sites = new Map(this.tree.sites);
      for (const { id, fact } of changes.sites) fact === null ? sites.delete(id) : sites.set(id, fact);
      this.tree = new SiteTree(sites.values());
    }
    applyTo(this.machines, changes.machines, { index: this.machinesOfSite, keyOf: (fact) => fact.siteId });
    applyTo(this.targets, changes.targets, { index: this.targetsOfMachine, keyOf: (fact) => fact.machineId });
    applyTo(this.accounts, changes.accounts);
    applyTo(this.policies, changes.policies);
    applyTo(this.sources, changes.sources);
    this.holidays = changes.holidays;
    applyTo(this.grants, changes.grants, { index: this.grantsOfSubject, keyOf: subjectKey });
    if (changes.machines.length > 0) this.#machineOrder = null;
    this.revision = revision;
  }

  /** Whether some account "as me" can be used. */
  get hasOwnAccounts(): boolean {
    for (const { kind, isUsable } of this.accounts.values()) if (kind === "as-me" && isUsable) return true;
    return false;
  }

  /** All machines by name. */
  machinesByName(): readonly MachineFact[] {
    this.#machineOrder ??= [...this.machines.values()].sort(byFoldedName);
    return this.#machineOrder;
  }
}

/** The key of a grant's subject in `grantsOfSubject`: the id of its person or group. */
function subjectKey(grant: { readonly personId: string | null; readonly groupId: string | null }): string {
  return grant.personId ?? grant.groupId ?? "";
}

/** Facts by a key that several share. */
class SetIndex<Fact> {
  readonly #byKey = new Map<string, Set<Fact>>();

  /** All with this key; empty for an unknown one. */
  get(key: string): ReadonlySet<Fact> {
    return this.#byKey.get(key) ?? EMPTY;
  }

  add(key: string, fact: Fact): void {
    const set = this.#byKey.get(key);
    if (set === undefined) this.#byKey.set(key, new Set([fact]));
    else set.add(fact);
  }

  remove(key: string, fact: Fact): void {
    const set = this.#byKey.get(key);
    if (set?.delete(fact) === true && set.size === 0) this.#byKey.delete(key);
  }
}

const EMPTY: ReadonlySet<never> = new Set<never>();

function applyTo<Fact>(
  facts: Map<string, Fact>,
  changes: readonly FactChange<Fact>[],
  indexed?: { readonly index: SetIndex<Fact>; readonly keyOf: (fact: Fact) => string },
): void {
  for (const { id, fact } of changes) {
    const before = facts.get(id);
    if (before !== undefined) indexed?.index.remove(indexed.keyOf(before), before);
    if (fact === null) {
      facts.delete(id);
      continue;
    }
    facts.set(id, fact);
    indexed?.index.add(indexed.keyOf(fact), fact);
  }
}

function byFoldedName(a: MachineFact, b: MachineFact): number {
  return a.foldedName < b.foldedName
    ? -1
    : a.foldedName > b.foldedName
      ? 1
      : a.machineId < b.machineId
        ? -1
        : 1;
}
