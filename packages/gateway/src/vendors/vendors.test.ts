import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  countRequests,
  createAccount,
  createGrant,
  createMachine,
  createPolicy,
  createSite,
  createVendorPass,
  decideVendorPass,
  deleteGrant,
  extendVendorPass,
  getVendorReport,
  listMyMachines,
  listVendorPasses,
  listVendors,
  revokeVendorPass,
  simulateAccess,
  updateGrant,
} from "@poterne/contract";
import { isFailure, type TestCaller, TestWorld } from "../access/testing/test-world.ts";
import { closePasses } from "./close-passes.ts";
import { makeVendorGate } from "./vendor-gate.ts";

const HOUR_MS = 3_600_000;
const HERE = "192.0.2.7";

interface Made {
  readonly approver: TestCaller;
  readonly siteId: string;
  readonly targetId: string;
  readonly accountId: string;
  readonly policyId: string;
}

async function make(world: TestWorld): Promise<Made> {
  const { admin } = world;
  const approver = { ...(await world.addPerson("Approver")), roles: ["user", "approver"] as const };
  const { siteId } = await world.call(admin, createSite, { body: { name: "Site", parentId: null } });
  const machine = await world.call(admin, createMachine, {
    body: { name: "SCADA", siteId, addresses: ["192.0.2.1"], targets: [{ name: "ssh", protocol: "ssh" }] },
  });
  const { accountId } = await world.call(admin, createAccount, { body: { name: "ask", kind: "ask" } });
  // A policy under approval: the pass is one, and needs no further request.
  const rules = { approval: { quorum: 1, maxMinutes: 120 } };
  const { policyId } = await world.call(admin, createPolicy, { body: { name: "Tiers", rules } });
  return { approver, siteId, targetId: machine.targets[0]?.targetId ?? "", accountId, policyId };
}

const wishOf = (world: TestWorld, made: Made, more: Record<string, unknown> = {}) => ({
  person: { kind: "new" as const, login: "tiers", name: "Tom Tiers" },
  company: "Automates SARL",
  contract: "C-2026-17",
  purpose: "Mise à jour de l'automate",
  fromMs: world.nowMs + HOUR_MS,
  toMs: world.nowMs + 3 * HOUR_MS,
  networks: ["192.0.2.0/24"],
  targetIds: [made.targetId],
  accountIds: [made.accountId],
  policyId: made.policyId,
  ...more,
});
const propose = (world: TestWorld, made: Made, more: Record<string, unknown> = {}) =>
  world.call(world.admin, createVendorPass, { body: wishOf(world, made, more) });
const decide = (world: TestWorld, by: TestCaller, passId: string, isApproval = true) =>
  world.call(by, decideVendorPass, { params: { passId }, body: { isApproval, comment: "vu" } });
const isOpen = async (world: TestWorld, personId: string) =>
  (await world.call({ personId, roles: ["user"], siteIds: null }, listMyMachines, {})).total === 1;
const kinds = (world: TestWorld) =>
  world.journal.map(({ kind }) => kind).filter((kind) => kind.startsWith("pass."));

function closingOf(world: TestWorld) {
  const ended: string[] = [];
  const parts = {
    ...world.dependencies,
    outbox: world.outbox,
    endPerson: async (personId: string) => void ended.push(personId),
  };
  return { ended, close: () => closePasses(parts) };
}

for (const engine of ["sqlite", "postgresql", "mariadb"] as const) {
  describe(`vendor passes on ${engine}`, () => {
    const run = (name: string, body: (world: TestWorld) => Promise<void>) =>
      test(name, async () => {
        const world = await TestWorld.open(engine);
        try {
          await body(world);
        } finally {
          await world.close();
        }
      });

    run(
      "a pass opens in its slot only, from its addresses only, after somebody else agreed",
      async (world) => {
        const made = await make(world);
        const { pass, link } = await propose(world, made);
        const { personId } = pass.person;
        assert.match(link?.url ?? "", /^https:/);
        assert.equal((await world.call(made.approver, countRequests, {})).passes, 1);
        const gate = makeVendorGate(world.dependencies.store, world.dependencies.environment);
        assert.equal(await gate(made.approver.personId), true, "staff are not asked");
        world.nowMs += HOUR_MS;
        assert.deepEqual([await isOpen(world, personId), await gate(personId)], [false, false]);
        await assert.rejects(decide(world, world.admin, pass.passId), isFailure("pass-own"));
        const approved = await decide(world, made.approver, pass.passId);
        assert.deepEqual([approved.state, approved.decided?.comment], ["open", "vu"]);
        assert.equal((await world.call(made.approver, countRequests, {})).passes, 0);
        assert.deepEqual([await isOpen(world, personId), await gate(personId)], [true, true]);
        world.sourceAddress = "198.51.100.1";
        assert.equal(await isOpen(world, personId), false);
        world.sourceAddress = HERE;
        world.nowMs += 2 * HOUR_MS;
        assert.deepEqual([await isOpen(world, personId), await gate(personId)], [false, false]);
        assert.deepEqual(kinds(world), ["pass.proposed", "pass.approved"]);
      },
    );

    run("nothing but a pass opens anything to a vendor, and the simulator says so", async (world) => {
      const made = await make(world);
      const { pass } = await propose(world, made);
      const { personId } = pass.person;
      const groupId = await world.addGroup("Staff", { personIds: [personId] });
      const { policyId } = await world.call(world.admin, createPolicy, { body: { name: "Open", rules: {} } });
      const grant = { siteIds: [made.siteId], accountIds: [made.accountId], policyId };
      await world.call(world.admin, createGrant, { body: { personId, ...grant } });
      await world.call(world.admin, createGrant, { body: { groupId, ...grant } });
      assert.equal(await isOpen(world, personId), false);
      const simulate = (atMs: number) =>
        world.call(world.admin, simulateAccess, { body: { personId, targetId: made.targetId, atMs } });
      const refused = await simulate(world.nowMs);
      assert.equal(refused.isAllowed, false);
      assert.ok(refused.considered.every(({ lacks }) => lacks.includes("pass-needed")));
      await decide(world, made.approver, pass.passId);
      const early = await simulate(world.nowMs);
      const hint = early.reasons.find(({ reason }) => reason === "grant-not-yet-valid")?.hint;
      assert.deepEqual(hint, { kind: "pass", fromMs: pass.fromMs, toMs: pass.toMs });
      const within = await simulate(pass.fromMs);
      assert.deepEqual([within.isAllowed, within.decidedBy?.rules.needsGuardian], [true, true]);
      assert.equal(within.endsAtMs, pass.toMs);
    });

    run("an extension and a revocation are somebody else's acts, and move the same grant", async (world) => {
      const made = await make(world);
      const { pass } = await propose(world, made, { needsGuardian: false });
      const params = { passId: pass.passId };
      const toMs = pass.toMs + HOUR_MS;
      const extend = (by: TestCaller, end = toMs) =>
        world.call(by, extendVendorPass, { params, body: { toMs: end } });
      await assert.rejects(extend(made.approver), isFailure("pass-decided"));
      await decide(world, made.approver, pass.passId);
      await assert.rejects(extend(world.admin), isFailure("pass-own"));
      await assert.rejects(extend(made.approver, toMs + 40 * 86_400_000), isFailure("pass-slot-wrong"));
      assert.deepEqual(
        (await extend(made.approver)).extensions.map(({ toMs: to }) => to),
        [toMs],
      );
      world.nowMs = pass.toMs + 1;
      assert.equal(await isOpen(world, pass.person.personId), true);
      const before = world.accessChanges;
      await world.call(world.admin, revokeVendorPass, { params, body: { comment: "fini" } });
      assert.equal(world.accessChanges, before + 1, "live sessions are decided again");
      assert.equal(await isOpen(world, pass.person.personId), false);
      await assert.rejects(
        world.call(made.approver, revokeVendorPass, { params }),
        isFailure("pass-decided"),
      );
      const { ended, close } = closingOf(world);
      await close();
      await close();
      assert.deepEqual(ended, [pass.person.personId]);
      assert.deepEqual(kinds(world).slice(-3), ["pass.extended", "pass.revoked", "pass.closed"]);
    });

    run("it closes by itself, once, and its report says who agreed", async (world) => {
      const made = await make(world);
      const { pass } = await propose(world, made);
      await decide(world, made.approver, pass.passId);
      world.nowMs = pass.toMs;
      const { ended, close } = closingOf(world);
      await Promise.all([close(), close()]);
      assert.deepEqual(ended, [pass.person.personId]);
      assert.equal(kinds(world).filter((kind) => kind === "pass.closed").length, 1);
      const report = await world.call(made.approver, getVendorReport, { params: { passId: pass.passId } });
      assert.deepEqual(
        [report.pass.state, report.pass.proposed.name, report.pass.decided?.name, report.sessions.length],
        ["ended", "Caller", "Caller", 0],
      );
    });

    run("slots, addresses, people and sites are checked; grants of a pass are not edited", async (world) => {
      const made = await make(world);
      const { nowMs } = world;
      for (const slot of [
        { fromMs: nowMs + 2, toMs: nowMs + 1 },
        { fromMs: nowMs - 2, toMs: nowMs - 1 },
        { fromMs: nowMs, toMs: nowMs + 32 * 86_400_000 },
      ])
        await assert.rejects(propose(world, made, slot), isFailure("pass-slot-wrong"));
      await assert.rejects(propose(world, made, { networks: [] }));
      const staff = { kind: "known", personId: made.approver.personId };
      await assert.rejects(propose(world, made, { person: staff }), isFailure("not-found"));
      const other = await world.call(world.admin, createSite, { body: { name: "B", parentId: null } });
      const delegate = world.delegate(other.siteId);
      await assert.rejects(
        world.call(delegate, createVendorPass, { body: wishOf(world, made) }),
        isFailure("not-found"),
      );
      const { pass } = await propose(world, made);
      await assert.rejects(propose(world, made), isFailure("login-taken"));
      assert.deepEqual((await world.call(delegate, listVendorPasses, {})).items, []);
      assert.deepEqual((await world.call(delegate, listVendors, {})).items, []);
      const params = { passId: pass.passId };
      await assert.rejects(world.call(delegate, getVendorReport, { params }), isFailure("not-found"));
      await decide(world, made.approver, pass.passId);
      await assert.rejects(decide(world, made.approver, pass.passId), isFailure("pass-decided"));
      const { id: grantId } = await world.dependencies.store.db
        .selectFrom("access_grant")
        .select("id")
        .where("pass_id", "=", pass.passId)
        .executeTakeFirstOrThrow();
      const later = { version: 1, validToMs: pass.toMs + HOUR_MS };
      await assert.rejects(
        world.call(world.admin, updateGrant, { params: { grantId }, body: later }),
        isFailure("grant-of-pass"),
      );
      await assert.rejects(
        world.call(world.admin, deleteGrant, { params: { grantId } }),
        isFailure("grant-of-pass"),
      );
      const again = { kind: "known", personId: pass.person.personId };
      const second = await propose(world, made, { person: again });
      assert.equal(second.link, null);
      const refused = await decide(world, made.approver, second.pass.passId, false);
      assert.equal(refused.state, "refused");
    });

    run("those concerned are told, in letters without the purpose", async (world) => {
      const made = await make(world);
      const { db } = world.dependencies.store;
      await db
        .updateTable("person")
        .set({ email: "approver@lab.test" })
        .where("id", "=", made.approver.personId)
        .execute();
      await db
        .insertInto("person_role")
        .values({ person_id: made.approver.personId, role: "approver", site_id: "" })
        .execute();
      const email = "tom@tiers.test";
      const person = { kind: "new", login: "tom", name: "Tom", email, language: "en" };
      const { pass } = await propose(world, made, { person });
      await decide(world, made.approver, pass.passId);
      world.nowMs = pass.toMs - HOUR_MS / 4;
      const { close } = closingOf(world);
      await close();
      world.nowMs = pass.toMs;
      await close();
      const rows = await db.selectFrom("mail").select(["kind", "address", "body"]).execute();
      assert.deepEqual(rows.map(({ kind, address }) => `${kind} ${address}`).sort(), [
        "pass-approved tom@tiers.test",
        "pass-closed approver@lab.test",
        "pass-ending approver@lab.test",
        "pass-ending tom@tiers.test",
        "pass-proposed approver@lab.test",
      ]);
      assert.ok(rows.every(({ body }) => !body.includes("Mise à jour") && !body.includes("#")));
    });
  });
}
