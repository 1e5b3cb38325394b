import { policyRules } from "@poterne/contract";
import type { z } from "zod";
import type { Subject } from "../decide.ts";
import { AccessFacts, type FactChange, type GrantFact, type PolicyFact } from "../facts.ts";
import { readNetworks } from "../networks.ts";

const none: ReadonlySet<string> = new Set();

/** A fact that changed. */
export function madeChange<Fact>(id: string, fact: Fact): FactChange<Fact> {
  return { id, fact };
}

/** A grant of account `ask` under the policy `plain`, with what the test gives in their place. */
export function madeGrant(grantId: string, given: Partial<GrantFact>): FactChange<GrantFact> {
  const grant: GrantFact = {
    grantId,
    siteId: null,
    personId: null,
    groupId: null,
    targetIds: none,
    machineIds: none,
    siteIds: none,
    accountIds: ["ask"],
    policyId: "plain",
    validFromMs: null,
    validToMs: null,
    isDisabled: false,
    createdAtMs: 0,
    note: "",
    baseGrantId: null,
    isEmergency: false,
    passId: null,
    needsGuardian: false,
    ...given,
  };
  return madeChange(grantId, grant);
}

/** A policy of these rules, the others by default. */
export function madePolicy(policyId: string, rules: z.input<typeof policyRules>): FactChange<PolicyFact> {
  const complete = policyRules.parse(rules);
  const sources = readNetworks(complete.sourceNetworks);
  return madeChange(policyId, { policyId, name: policyId, rules: complete, sources });
}

const PEOPLE = 2000;
const GROUPS = 500;
const SITES = 230;
const TARGETS = 10_000;
const GRANTS = 5000;
const DEPTH = 4;

/** Policies of the large world: one asks for nothing, the others for a guardian, hours, an address or an approval. */
const LARGE_POLICIES = {
  plain: {},
  guarded: { needsGuardian: true },
  office: {
    hours: {
      timeZone: "Europe/Paris",
      slots: [{ days: [1, 2, 3, 4, 5], from: "00:00", to: "12:00" }],
    },
  },
  near: { sourceNetworks: ["10.0.0.0/8", "2001:db8::/32"] },
  asked: { approval: { quorum: 2 } },
} as const;

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

/** 2 000 people in 500 groups nested 4 deep, 10 000 targets at 230 sites, 5 000 grants under five policies, spread evenly. */
export function makeLargeFacts(): { readonly facts: AccessFacts; readonly subjects: readonly Subject[] } {
  const facts = new AccessFacts();
  const names = Object.keys(LARGE_POLICIES);
  const grants = range(GRANTS).map((index) =>
    madeGrant(`grant-${index}`, {
      ...(index % 3 === 0 ? { personId: `p${index % PEOPLE}` } : { groupId: `g${index % GROUPS}` }),
      ...(index % 2 === 0
        ? { targetIds: new Set([`t${(index * 7) % TARGETS}`]) }
        : { siteIds: new Set([`s${index % SITES}`]) }),
      policyId: names[index % 7] ?? "plain",
      createdAtMs: index,
    }),
  );
  facts.apply(
    {
      ...makeLargeFleet(),
      accounts: [madeChange("ask", { accountId: "ask", name: "ask", kind: "ask" as const, isUsable: true })],
      policies: Object.entries(LARGE_POLICIES).map(([policyId, rules]) =>
        madePolicy(policyId, rules as object),
      ),
      grants,
      sources: range(GROUPS / 10).map((index) =>
        madeChange(`g${index * 10}`, { kind: "group" as const, list: readNetworks(["10.0.0.0/8"]) }),
      ),
      holidays: new Set(["1970-12-25"]),
    },
    1,
  );
  return { facts, subjects: makeSubjects() };
}

function makeLargeFleet() {
  return {
    sites: range(SITES).map((index) => {
      const parentId = index === 0 ? null : `s${Math.floor((index - 1) / 4)}`;
      return madeChange(`s${index}`, {
        siteId: `s${index}`,
        parentId,
        name: "s",
        foldedName: "s",
        priority: 3,
      });
    }),
    machines: range(TARGETS).map((index) =>
      madeChange(`m${index}`, {
        machineId: `m${index}`,
        siteId: `s${index % SITES}`,
        name: `m${index}`,
        foldedName: `m${index}`,
        searchText: `m${index}`,
        isDisabled: false,
      }),
    ),
    targets: range(TARGETS).map((index) =>
      madeChange(`t${index}`, {
        targetId: `t${index}`,
        machineId: `m${index}`,
        name: "SSH",
        foldedName: "ssh",
        protocol: "ssh" as const,
        isDisabled: false,
      }),
    ),
  };
}

/** Each person is in two groups; a group is in one of a third of its number, four levels up at most. */
function makeSubjects(): readonly Subject[] {
  return range(PEOPLE).map((index) => {
    const groupIds = new Set<string>();
    for (const first of [index % GROUPS, (index * 7) % GROUPS]) {
      for (let group = first, level = 0; level < DEPTH; level++, group = Math.floor(group / 3))
        groupIds.add(`g${group}`);
    }
    return { personId: `p${index}`, isActive: true, groupIds: [...groupIds] };
  });
}
