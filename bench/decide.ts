import {
  createAccount,
  createPolicy,
  importMachines,
  listMachines,
  listMyMachines,
  listSites,
} from "@poterne/contract";
import { decide as decideAccess, type Subject } from "../packages/gateway/src/access/decide.ts";
import { grantColumns } from "../packages/gateway/src/access/grant-rows.ts";
import { parseAddress } from "../packages/gateway/src/access/networks.ts";
import { loadSubject } from "../packages/gateway/src/access/subject.ts";
import {
  type CallParts,
  type TestCaller,
  TestWorld,
} from "../packages/gateway/src/access/testing/test-world.ts";
import { freshColumns } from "../packages/gateway/src/fleet/changes.ts";
import { atMost, type Bench, type BenchResult, percentile } from "./result.ts";

interface Size {
  readonly people: number;
  readonly groups: number;
  readonly targets: number;
  readonly grants: number;
}

const FULL: Size = { people: 2000, groups: 500, targets: 10_000, grants: 5000 };
const QUICK: Size = { people: 200, groups: 100, targets: 2000, grants: 1000 };
const SITES = 230;
/** A group is in the one of a fifth of its number: four levels for 500. */
const GROUP_FAN = 5;
const DECISIONS_PER_SECOND = 20_000;
const PAGE_BUDGET_MS = 50;
const DECISIONS = 50_000;
const ROWS = 100;

/** Policies of all sorts: nothing asked, a guardian, hours, addresses, an approval. */
const POLICIES: readonly NonNullable<CallParts<typeof createPolicy>["body"]>["rules"][] = [
  {},
  { needsGuardian: true },
  {
    hours: { timeZone: "Europe/Paris", slots: [{ days: [1, 2, 3, 4, 5, 6, 7], from: "06:00", to: "22:00" }] },
  },
  { sourceNetworks: ["192.0.2.0/24", "2001:db8::/32"] },
  { approval: { quorum: 2 } },
];

/**
 * Decisions over a store of full size (SQLite), one core: as many as a second holds in memory, and *My machines* of people
 * who have not asked before, through the route: person, groups and marks read, all targets decided, one page made.
 */
export const decide: Bench = async ({ isQuick, say }) => {
  const size = isQuick ? QUICK : FULL;
  const world = await TestWorld.open();
  try {
    const people = await fill(world, size);
    say(`filled: ${JSON.stringify(size)}`);
    const subjects = await Promise.all(
      people.map(({ personId }) => loadSubject(world.dependencies.store, personId)),
    );
    const perSecond = await measureDecisions(
      world,
      subjects.filter((subject) => subject !== null),
      say,
    );
    return [perSecond, await measurePages(world, people.slice(0, 300), say)];
  } finally {
    await world.close();
  }
};

async function measureDecisions(
  world: TestWorld,
  subjects: readonly Subject[],
  say: (line: string) => void,
): Promise<BenchResult> {
  const facts = await world.dependencies.facts.current();
  const targetIds = [...facts.targets.keys()];
  const asked = {
    atMs: world.nowMs,
    sessions: { ofPerson: 0, onTarget: 0, byPolicy: new Map() },
    source: parseAddress("192.0.2.7"),
  };
  let allowed = 0;
  const startedAt = performance.now();
  for (let turn = 0; turn < DECISIONS; turn++) {
    const subject = subjects[(turn * 13) % subjects.length];
    const targetId = targetIds[(turn * 31) % targetIds.length];
    if (subject === undefined || targetId === undefined) throw new Error("nobody to decide about");
    if (decideAccess(facts, { ...asked, subject, targetId }).isAllowed) allowed++;
  }
  const perSecond = (DECISIONS / (performance.now() - startedAt)) * 1000;
  say(`${Math.round(perSecond)} decisions/s, ${Math.round((allowed / DECISIONS) * 100)} % allowed`);
  return {
    name: "decide",
    metric: "decisions a second (at least)",
    value: Math.round(perSecond),
    unit: "/s",
    budget: DECISIONS_PER_SECOND,
    ok: perSecond >= DECISIONS_PER_SECOND,
  };
}

async function measurePages(
  world: TestWorld,
  people: readonly TestCaller[],
  say: (line: string) => void,
): Promise<BenchResult> {
  const times: number[] = [];
  let targets = 0;
  for (const person of people) {
    const startedAt = performance.now();
    const { total } = await world.call(person, listMyMachines, { query: {} });
    times.push(performance.now() - startedAt);
    targets += total;
  }
  say(
    `My machines: median ${percentile(times, 0.5).toFixed(1)} ms, ${Math.round(targets / people.length)} machines each`,
  );
  const value = percentile(times, 0.95);
  return atMost("decide", "My machines, first page, p95", { value, unit: "ms", budget: PAGE_BUDGET_MS });
}

async function fill(world: TestWorld, size: Size): Promise<readonly TestCaller[]> {
  const { admin } = world;
  const lines = Array.from({ length: size.targets }, (_, index) => {
    const site = `Région / Département ${index % 10} / Centre ${index % SITES}`;
    return `${site},serveur-${index},10.${index % 250}.${index % 199}.7,ssh`;
  });
  const rawBody = Buffer.from(["site,machine,addresses,protocol", ...lines].join("\n"));
  await world.call(admin, importMachines, { query: { dryRun: "false" }, rawBody });
  const people: TestCaller[] = [];
  for (let index = 0; index < size.people; index++) people.push(await world.addPerson(`Personne ${index}`));
  const groups: string[] = [];
  // From the innermost outwards: a group is made with the groups that are in it.
  for (let index = size.groups - 1; index >= 0; index--) {
    const inner = Array.from({ length: GROUP_FAN }, (_, place) => index * GROUP_FAN + place + 1);
    groups[index] = await world.addGroup(`Groupe ${index}`, {
      personIds: people.filter((_, place) => place % size.groups === index).map(({ personId }) => personId),
      groupIds: inner.map((place) => groups[place]).filter((id) => id !== undefined),
    });
  }
  await addGrants(world, size, { people, groups });
  return people;
}

async function addGrants(
  world: TestWorld,
  size: Size,
  { people, groups }: { readonly people: readonly TestCaller[]; readonly groups: readonly string[] },
): Promise<void> {
  const { admin } = world;
  const { accountId } = await world.call(admin, createAccount, { body: { name: "own", kind: "ask" } });
  const policies: string[] = [];
  for (const [index, rules] of POLICIES.entries())
    policies.push((await world.call(admin, createPolicy, { body: { name: `P${index}`, rules } })).policyId);
  const { items: sites } = await world.call(admin, listSites);
  const { items: machines } = await world.call(admin, listMachines, { query: { limit: 200 } });
  const { db } = world.dependencies.store;
  const { revision } = await db.selectFrom("store_revision").select("revision").executeTakeFirstOrThrow();
  const stamp = { revision: revision + 1, nowMs: world.nowMs };
  const pick = <Item>(list: readonly Item[], index: number) => list[index % list.length] as Item;
  for (let start = 0; start < size.grants; start += ROWS) {
    const made = Array.from({ length: ROWS }, (_, place) => {
      const index = start + place;
      const fields = {
        siteId: null,
        personId: index % 3 === 0 ? pick(people, index).personId : null,
        groupId: index % 3 === 0 ? null : pick(groups, index * 7),
        targetIds: [],
        machineIds: [],
        siteIds: [],
        accountIds: [],
        policyId: pick(policies, index),
        validFromMs: null,
        validToMs: null,
        note: "",
        isDisabled: false,
      };
      const object =
        index % 4 === 0
          ? ({ kind: "machine", object_id: pick(machines, index * 11).machineId } as const)
          : ({ kind: "site", object_id: pick(sites, index * 13).siteId } as const);
      return { id: world.id(), fields, object };
    });
    await db
      .insertInto("access_grant")
      .values(made.map(({ id, fields }) => ({ ...freshColumns(id, stamp), ...grantColumns(fields) })))
      .execute();
    await db
      .insertInto("grant_object")
      .values(
        made.flatMap(({ id, object }) => [
          { grant_id: id, ...object },
          { grant_id: id, kind: "account" as const, object_id: accountId },
        ]),
      )
      .execute();
  }
  await db.updateTable("store_revision").set({ revision: stamp.revision }).execute();
}
