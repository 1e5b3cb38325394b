import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import {
  createAccount,
  createGrant,
  createMachine,
  createPolicy,
  createSite,
  Failure,
} from "@poterne/contract";
import { pino } from "pino";
import { createAccess } from "../access/access-service.ts";
import { makeCheckOutQuestion } from "../access/check-outs.ts";
import { isFailure, TestWorld } from "../access/testing/test-world.ts";
import type { OwnSecret } from "../auth/own-passwords.ts";
import { SessionBroker } from "./broker.ts";
import type { BrokerDependencies, OpenRequest } from "./broker-dependencies.ts";
import { SessionStore } from "./session-store.ts";

/** Openings begun in one turn. */
const AT_ONCE = 10;

let world: TestWorld;
let broker: SessionBroker | null = null;
beforeEach(async () => {
  world = await TestWorld.open();
});
afterEach(async () => {
  await broker?.stop();
  broker = null;
  await world.close();
});

let checkOutsAsked = 0;

/** A broker over the world's store and access; nobody attaches, so nothing connects or records. */
function startBroker(maxPerNode = 100, noteOpened: () => Promise<void> = async () => {}): SessionBroker {
  const { store, environment, journal } = world.dependencies;
  const nothing = async () => assert.fail("nothing connects in these tests");
  const made: SessionBroker = new SessionBroker({
    access: createAccess({
      ...world.dependencies,
      countSessions: (personId, targetId) => made.count(personId, targetId),
    }),
    askCheckOut: (...words) => {
      checkOutsAsked++;
      return makeCheckOutQuestion(store)(...words);
    },
    keeper: {} as BrokerDependencies["keeper"],
    kerberos: {} as BrokerDependencies["kerberos"],
    licences: {} as BrokerDependencies["licences"],
    journal: journal as BrokerDependencies["journal"],
    recorders: { open: nothing },
    store: new SessionStore(store),
    environment,
    logger: pino({ enabled: false }),
    nodeId: "node",
    drives: "",
    limits: { maxPerNode, maxViewers: 10, guardianWaitMs: 1000 },
    checkAddress: nothing,
    noteOpened,
    counters: { opened: () => {}, ended: () => {} },
    watermark: () => "",
  });
  broker = made;
  return made;
}

/** A group's grant of ten targets under these rules, and how its people ask for a session. */
async function makeDoor(rules: Record<string, unknown>, kind: "ask" | "as-me" = "ask") {
  const { admin } = world;
  const people = await Promise.all(
    Array.from({ length: AT_ONCE }, (_, i) => world.addPerson(`Personne ${i}`)),
  );
  const personIds = people.map(({ personId }) => personId);
  const groupId = await world.addGroup("Groupe", { personIds });
  const { siteId } = await world.call(admin, createSite, { body: { name: "Site", parentId: null } });
  const targets = Array.from({ length: AT_ONCE }, (_, i) => ({ name: `ssh ${i}`, protocol: "ssh" as const }));
  const machine = await world.call(admin, createMachine, {
    body: { name: "M", siteId, addresses: ["192.0.2.1"], targets },
  });
  const { accountId } = await world.call(admin, createAccount, { body: { name: kind, kind } });
  const give = async (name: string, under: Record<string, unknown>) => {
    const { policyId } = await world.call(admin, createPolicy, { body: { name, rules: under } });
    const body = { groupId, siteIds: [siteId], accountIds: [accountId], policyId };
    await world.call(admin, createGrant, { body });
  };
  await give("P", rules);
  const request = (person: number, target: number, changes: Partial<OpenRequest> = {}): OpenRequest => ({
    personId: personIds[person] ?? "",
    personName: `Personne ${person}`,
    sourceAddress: "192.0.2.7",
    targetId: machine.targets[target]?.targetId ?? "",
    accountId: undefined,
    reason: "",
    ticketNumber: "",
    takeOwnSecret: async () => assert.fail("no account as me"),
    requireStepUp: async () => null,
    ...changes,
  });
  return { request, give };
}

/** Opens all at once; the codes of those that failed. */
async function openAll(on: SessionBroker, requests: readonly OpenRequest[]) {
  const outcomes = await Promise.allSettled(requests.map((request) => on.open(request)));
  return outcomes.flatMap((outcome) => {
    if (outcome.status === "fulfilled") return [];
    if (outcome.reason instanceof Failure) return [outcome.reason.code];
    throw outcome.reason;
  });
}

const many = <Made>(make: (i: number) => Made) => Array.from({ length: AT_ONCE }, (_, i) => make(i));
const refusals = (code: string, count = AT_ONCE - 1) => Array.from({ length: count }, () => code);

for (const [limit, reason, personOf, targetOf] of [
  ["maxSessionsPerPerson", "sessions-per-person", () => 0, (i: number) => i],
  ["maxSessionsPerTarget", "sessions-per-target", (i: number) => i, () => 0],
  ["maxSessionsInTotal", "sessions-in-total", (i: number) => i, (i: number) => i],
] as const) {
  test(`of ten openings at once under ${limit} of one, exactly one opens`, async () => {
    const on = startBroker();
    const { request } = await makeDoor({ [limit]: 1 });
    const codes = await openAll(
      on,
      many((i) => request(personOf(i), targetOf(i))),
    );
    assert.deepEqual(codes, refusals("too-many-sessions"));
    assert.equal(on.live.length, 1);
    const refused = world.journal.filter(({ kind }) => kind === "session.refused");
    assert.deepEqual(
      refused.map(({ details }) => details?.reasons),
      refusals(reason),
    );
  });
}

test("of ten openings at once on a node with room for three, exactly three open", async () => {
  const on = startBroker(3);
  const { request } = await makeDoor({});
  const codes = await openAll(
    on,
    many((i) => request(i, i)),
  );
  assert.deepEqual(codes, refusals("node-full", AT_ONCE - 3));
  assert.equal(on.live.length, 3);
});

test("an opening whose grant was filled meanwhile opens by another grant that has room", async () => {
  const on = startBroker();
  const { request, give } = await makeDoor({ maxSessionsInTotal: 1 });
  await give("Q", { maxSessionsInTotal: 4, reason: "reason" });
  const codes = await openAll(
    on,
    many((i) => request(i, i, { reason: "dépannage" })),
  );
  assert.deepEqual(codes, refusals("too-many-sessions", AT_ONCE - 5));
  assert.equal(on.live.length, 5);
});

test("an opening that fails at any step frees its place", async () => {
  let isNoted = false;
  const on = startBroker(1, async () => assert.ok(isNoted, "the store is away"));
  const { request } = await makeDoor({ maxSessionsInTotal: 1 });
  const held = () => on.count("", "").byPolicy?.size;
  const requireStepUp = async () => {
    assert.equal(held(), 1, "held while the opening goes on");
    throw new Failure("fresh-factor-needed");
  };
  await assert.rejects(on.open(request(0, 0, { requireStepUp })), isFailure("fresh-factor-needed"));
  await assert.rejects(on.open(request(0, 0, { accountId: world.id() })), isFailure("access-refused"));
  world.isJournalWritable = false;
  await assert.rejects(on.open(request(0, 0)), isFailure("journal-unavailable"));
  world.isJournalWritable = true;
  assert.equal(held(), 0);
  await assert.rejects(on.open(request(0, 0)), /the store is away/);
  assert.equal(held(), 0);
  assert.deepEqual(
    world.journal.slice(-2).map(({ kind }) => kind),
    ["session.opened", "session.ended"],
  );
  isNoted = true;
  await on.open(request(0, 0));
  assert.equal(on.live.length, 1);
});

/** A step of an opening that is held, and whether it was reached. */
function heldStep() {
  const reached = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const pass = async (): Promise<void> => {
    reached.resolve();
    await release.promise;
  };
  return { pass, reached: reached.promise, release: () => release.resolve() };
}

/** Whether a promise has settled once everything that could settle it has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const settled = promise.then(
    () => true,
    () => true,
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  return Promise.race([settled, Promise.resolve(false)]);
}

const kinds = () => world.journal.map(({ kind }) => kind).filter((kind) => kind.startsWith("session."));

test("a stop waits for an opening under way, which goes no further, and lets none begin", async () => {
  const on = startBroker();
  const { request } = await makeDoor({});
  const step = heldStep();
  const requireStepUp = async () => {
    await step.pass();
    return null;
  };
  const opening = on.open(request(0, 0, { requireStepUp }));
  await step.reached;
  const stopped = on.stop();
  await assert.rejects(on.open(request(1, 1)), isFailure("gateway-stopping"));
  assert.equal(await isSettled(stopped), false, "it waits");
  step.release();
  await assert.rejects(opening, isFailure("gateway-stopping"));
  await stopped;
  assert.equal(on.live.length, 0);
  assert.deepEqual(kinds(), []);
});

test("a session that opens while the gateway stops is ended, in the journal and in the store", async () => {
  const step = heldStep();
  const on = startBroker(100, step.pass);
  const { request } = await makeDoor({});
  const opening = on.open(request(0, 0));
  await step.reached;
  const stopped = on.stop();
  assert.equal(await isSettled(stopped), false, "it waits");
  step.release();
  const sessionId = await opening;
  await stopped;
  assert.deepEqual(kinds(), ["session.opened", "session.ended"]);
  const row = await new SessionStore(world.dependencies.store).find(sessionId);
  assert.equal(row?.end_code, "gateway-stopping");
});

test("a person's own password is wiped when the journal fails at either line, or the gateway stops just then", async () => {
  const { request } = await makeDoor({}, "as-me");
  for (const trouble of ["session.opened", "own-password.used", "stop"] as const) {
    const on = startBroker();
    const password = Buffer.from("œuf-Passw0rd");
    const own: OwnSecret = {
      login: "alice",
      realm: "LAB.TEST",
      password,
      wipe: () => void password.fill(0),
    };
    const journal = world.dependencies.journal;
    const { append } = journal;
    journal.append = async (entry) => {
      if (entry.kind === trouble) throw new Failure("journal-unavailable");
      return append(entry);
    };
    const takeOwnSecret = async () => {
      if (trouble === "stop") void on.stop();
      return own;
    };
    const code = trouble === "stop" ? "gateway-stopping" : "journal-unavailable";
    await assert.rejects(on.open(request(0, 0, { takeOwnSecret })), isFailure(code));
    assert.ok(
      password.every((byte) => byte === 0),
      `${trouble}: ${password.toString("utf8")}`,
    );
    journal.append = append;
    await on.stop();
  }
});

test("live sessions are decided again together: what they share is asked once, and each look asks anew", async () => {
  const on = startBroker();
  const { request } = await makeDoor({});
  const first = await Promise.all([0, 1, 2].map((target) => on.open(request(0, target))));
  const other = await on.open(request(1, 3));
  const endOf = (sessionId: string) => on.find(sessionId)?.endReason?.code ?? null;
  checkOutsAsked = 0;
  await on.revalidate();
  assert.equal(checkOutsAsked, 2);
  assert.deepEqual([...first, other].map(endOf), [null, null, null, null]);
  const hubs = first.map((sessionId) => on.find(sessionId));
  const { personId } = request(0, 0);
  await world.dependencies.store.db
    .updateTable("person")
    .set({ is_disabled: 1 })
    .where("id", "=", personId)
    .execute();
  await on.revalidate();
  assert.deepEqual(
    hubs.map((hub) => hub?.endReason?.code),
    ["ended-by-revocation", "ended-by-revocation", "ended-by-revocation"],
  );
  assert.equal(endOf(other), null);
});
