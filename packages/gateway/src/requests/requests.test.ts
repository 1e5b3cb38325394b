import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  closeEmergency,
  countMyReports,
  countRequests,
  createAccount,
  createGrant,
  createMachine,
  createPolicy,
  createRequest,
  createSite,
  decideRequest,
  deleteGrant,
  listDeleted,
  listMyMachines,
  listMyRequests,
  listRequestable,
  listRequests,
  reportEmergency,
  restoreGrant,
  revokeRequest,
  whyNot,
  withdrawRequest,
} from "@poterne/contract";
import { isFailure, type TestCaller, TestWorld } from "../access/testing/test-world.ts";
import { LinkedPeople } from "../people/linked-people.ts";
import { expireRequests } from "./expire-requests.ts";

const MINUTE_MS = 60_000;
const REPORT = "Le serveur ne répondait plus, redémarré.";

interface Made {
  readonly asker: TestCaller;
  readonly approvers: readonly [TestCaller, TestCaller];
  readonly siteId: string;
  readonly targetId: string;
  readonly grantId: string;
}

async function addApprover(world: TestWorld, name: string): Promise<TestCaller> {
  return { ...(await world.addPerson(name)), roles: ["user", "approver"] };
}

/** A target that a person may ask for, and two approvers, in the group that approves. */
async function make(world: TestWorld, approval: Record<string, unknown> = {}): Promise<Made> {
  const { admin } = world;
  const asker = await world.addPerson("Asker");
  const approvers = [await addApprover(world, "One"), await addApprover(world, "Two")] as const;
  const groupId = await world.addGroup("Approvers", { personIds: approvers.map((one) => one.personId) });
  const { siteId } = await world.call(admin, createSite, { body: { name: "Site", parentId: null } });
  const machine = await world.call(admin, createMachine, {
    body: { name: "M", siteId, addresses: ["192.0.2.1"], targets: [{ name: "ssh", protocol: "ssh" }] },
  });
  const { accountId } = await world.call(admin, createAccount, { body: { name: "ask", kind: "ask" } });
  const rules = { approval: { quorum: 1, maxMinutes: 120, approverGroupIds: [groupId], ...approval } };
  const { policyId } = await world.call(admin, createPolicy, { body: { name: "P", rules } });
  const { grantId } = await world.call(admin, createGrant, {
    body: { personId: asker.personId, siteIds: [siteId], accountIds: [accountId], policyId },
  });
  return { asker, approvers, siteId, targetId: machine.targets[0]?.targetId ?? "", grantId };
}

const kinds = (world: TestWorld) =>
  world.journal.map(({ kind }) => kind).filter((kind) => kind.startsWith("request."));

for (const engine of ["sqlite", "postgresql", "mariadb"] as const) {
  describe(`requests and approvals on ${engine}`, () => {
    const run = (name: string, body: (world: TestWorld) => Promise<void>) =>
      test(name, async () => {
        const world = await TestWorld.open(engine);
        try {
          await body(world);
        } finally {
          await world.close();
        }
      });
    const ask = (world: TestWorld, made: Made, more: Record<string, unknown> = {}) =>
      world.call(made.asker, createRequest, {
        body: { targetId: made.targetId, reason: "Panne", minutes: 60, ...more },
      });
    const vote = (world: TestWorld, by: TestCaller, requestId: string, isApproval = true) =>
      world.call(by, decideRequest, { params: { requestId }, body: { isApproval, comment: "vu" } });
    const isOpen = async (world: TestWorld, made: Made) =>
      (await world.call(made.asker, listMyMachines, {})).total === 1;

    run("an approved request opens the target for its time, and no longer", async (world) => {
      const made = await make(world);
      assert.equal(await isOpen(world, made), false);
      const why = await world.call(made.asker, whyNot, { params: { targetId: made.targetId } });
      assert.equal(why.reasons[0]?.hint?.kind, "ask");
      const can = await world.call(made.asker, listRequestable, { query: { search: "m ssh" } });
      assert.deepEqual(
        can.items.map(({ targetId }) => targetId),
        [made.targetId],
      );
      const { requestId, state } = await ask(world, made);
      assert.equal(state, "pending");
      assert.equal((await world.call(made.approvers[0], countRequests, {})).count, 1);
      world.nowMs += 10 * MINUTE_MS;
      const approved = await vote(world, made.approvers[0], requestId);
      assert.deepEqual([approved.state, approved.toMs], ["approved", world.nowMs + 60 * MINUTE_MS]);
      assert.equal((await world.call(made.approvers[0], countRequests, {})).count, 0);
      assert.equal(await isOpen(world, made), true);
      world.nowMs += 60 * MINUTE_MS;
      assert.equal(await isOpen(world, made), false);
      assert.equal((await world.call(made.asker, listMyRequests, {})).items[0]?.state, "ended");
      assert.deepEqual(kinds(world), ["request.made", "request.approved"]);
    });

    run("nobody approves himself through a linked identity, nor votes twice with two", async (world) => {
      const made = await make(world, { quorum: 2, approverGroupIds: [] });
      const linked = new LinkedPeople(world.dependencies.store, world.dependencies.environment);
      const privileged = await addApprover(world, "Asker, administrator");
      await linked.link(made.asker.personId, privileged.personId, "Chief");
      const { requestId } = await ask(world, made);
      await assert.rejects(vote(world, privileged, requestId), isFailure("request-linked"));
      assert.equal((await world.call(privileged, countRequests, {})).count, 0);
      await linked.link(made.approvers[0].personId, made.approvers[1].personId, "Chief");
      await vote(world, made.approvers[0], requestId);
      await assert.rejects(vote(world, made.approvers[1], requestId), isFailure("request-linked"));
      const third = await addApprover(world, "Three");
      assert.equal((await vote(world, third, requestId)).state, "approved");
    });

    run(
      "a quorum takes as many people, nobody approves himself or twice, one refusal refuses",
      async (world) => {
        const made = await make(world, { quorum: 2, approverGroupIds: [] });
        const self = { ...made.asker, roles: ["user", "approver"] as const };
        const { requestId } = await ask(world, made);
        await assert.rejects(vote(world, self, requestId), isFailure("request-own"));
        assert.equal((await vote(world, made.approvers[0], requestId)).state, "pending");
        await assert.rejects(vote(world, made.approvers[0], requestId), isFailure("request-own"));
        assert.equal(await isOpen(world, made), false);
        assert.equal((await vote(world, made.approvers[1], requestId)).state, "approved");
        assert.equal(await isOpen(world, made), true);
        const second = await ask(world, made);
        assert.equal((await vote(world, made.approvers[0], second.requestId)).state, "pending");
        assert.equal((await vote(world, made.approvers[1], second.requestId, false)).state, "refused");
        await assert.rejects(vote(world, self, second.requestId), isFailure("request-own"));
      },
    );

    run("two approvers at the same moment make a quorum, and give one grant", async (world) => {
      const made = await make(world, { quorum: 2 });
      const { requestId } = await ask(world, made);
      await Promise.all(made.approvers.map((one) => vote(world, one, requestId)));
      const [row] = (await world.call(made.asker, listMyRequests, {})).items;
      assert.deepEqual([row?.state, row?.votes.length], ["approved", 2]);
      const grants = await world.dependencies.store.db
        .selectFrom("access_grant")
        .select("id")
        .where("request_id", "=", requestId)
        .execute();
      assert.equal(grants.length, 1);
    });

    run("only the group that approves decides, and only at its sites", async (world) => {
      const made = await make(world);
      const stranger = await addApprover(world, "Stranger");
      const { requestId } = await ask(world, made);
      await assert.rejects(vote(world, stranger, requestId), isFailure("not-found"));
      const other = await world.call(world.admin, createSite, { body: { name: "B", parentId: null } });
      const delegate = world.delegate(other.siteId);
      assert.deepEqual((await world.call(delegate, listRequests, {})).items, []);
      await assert.rejects(vote(world, delegate, requestId), isFailure("not-found"));
      await assert.rejects(vote(world, made.asker, requestId), isFailure("not-allowed"));
    });

    run("revoking and withdrawing close at once, and so does the end of the grant below", async (world) => {
      const made = await make(world);
      const open = async () => {
        const { requestId } = await ask(world, made);
        await vote(world, made.approvers[0], requestId);
        assert.equal(await isOpen(world, made), true);
        return requestId;
      };
      const revoked = await open();
      const before = world.accessChanges;
      const params = { requestId: revoked };
      await world.call(made.approvers[1], revokeRequest, { params });
      assert.equal(world.accessChanges, before + 1, "live sessions are decided again");
      assert.equal(await isOpen(world, made), false);
      await assert.rejects(
        world.call(made.approvers[1], revokeRequest, { params }),
        isFailure("request-decided"),
      );
      const { items } = await world.call(world.admin, listDeleted, { query: { kind: "grant" } });
      assert.deepEqual(items, [], "what a revoked request gave is not offered again");
      const { id: grantId } = await world.dependencies.store.db
        .selectFrom("access_grant")
        .select("id")
        .where("request_id", "=", revoked)
        .executeTakeFirstOrThrow();
      await assert.rejects(
        world.call(world.admin, restoreGrant, { params: { grantId } }),
        isFailure("not-restorable"),
      );
      const given = await open();
      await world.call(made.asker, withdrawRequest, { params: { requestId: given } });
      assert.equal(await isOpen(world, made), false);
      await open();
      await world.call(world.admin, deleteGrant, { params: { grantId: made.grantId } });
      assert.equal(await isOpen(world, made), false);
    });

    run("a renewal moves the end of the same grant", async (world) => {
      const made = await make(world);
      const first = await ask(world, made);
      const approved = await vote(world, made.approvers[0], first.requestId);
      world.nowMs += 50 * MINUTE_MS;
      const renewal = await ask(world, made, { renewsRequestId: first.requestId, minutes: 30 });
      assert.equal(renewal.fromMs, approved.toMs);
      await vote(world, made.approvers[1], renewal.requestId);
      world.nowMs += 39 * MINUTE_MS;
      assert.equal(await isOpen(world, made), true);
      world.nowMs += MINUTE_MS;
      assert.equal(await isOpen(world, made), false);
    });

    run("an emergency opens at once with an alarm, and makes a report due", async (world) => {
      const made = await make(world, { emergencyMinutes: 30 });
      await assert.rejects(
        ask(world, made, { isEmergency: true, minutes: 31 }),
        isFailure("request-not-possible"),
      );
      const { requestId, state } = await ask(world, made, { isEmergency: true, minutes: 30 });
      assert.equal(state, "approved");
      assert.equal(await isOpen(world, made), true);
      const alarm = world.journal.findLast(({ kind }) => kind === "request.emergency");
      assert.equal(alarm?.level, "alarm");
      world.nowMs += 30 * MINUTE_MS;
      assert.equal(await isOpen(world, made), false);
      await assert.rejects(ask(world, made), isFailure("report-due"));
      const params = { requestId };
      const reported = await world.call(made.asker, reportEmergency, { params, body: { report: REPORT } });
      assert.deepEqual([reported.report, reported.isReportDue], [REPORT, false]);
      await assert.rejects(
        world.call(made.asker, reportEmergency, { params, body: { report: REPORT } }),
        isFailure("request-decided"),
      );
    });

    run("no emergency follows another, nor prolongs itself, without the report", async (world) => {
      const made = await make(world, { emergencyMinutes: 30 });
      const { targets } = await world.call(world.admin, createMachine, {
        body: {
          name: "N",
          siteId: made.siteId,
          addresses: ["192.0.2.2"],
          targets: [{ name: "ssh", protocol: "ssh" }],
        },
      });
      const elsewhere = { ...made, targetId: targets[0]?.targetId ?? "" };
      const urgent = { isEmergency: true, minutes: 10 };
      const owed = isFailure("emergency-report-due");
      // Two at the same moment: one begins.
      const both = await Promise.allSettled([ask(world, made, urgent), ask(world, elsewhere, urgent)]);
      assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
      const [running] = (await world.call(made.asker, listMyRequests, {})).items;
      const requestId = running?.requestId ?? "";
      const own = { ...made, targetId: running?.target.targetId ?? "" };
      assert.deepEqual(await world.call(made.asker, countMyReports, {}), { running: 1, due: 0 });
      await assert.rejects(ask(world, elsewhere, urgent), owed);
      await assert.rejects(ask(world, own, { ...urgent, renewsRequestId: requestId }), owed);
      await assert.rejects(ask(world, own, { minutes: 10, renewsRequestId: requestId }), owed);
      // One that runs stops nothing that others decide.
      await ask(world, elsewhere);
      // The other identity of the same human being owes it too.
      const linked = new LinkedPeople(world.dependencies.store, world.dependencies.environment);
      const other = await world.addPerson("Asker, administrator");
      await linked.link(made.asker.personId, other.personId, "Chief");
      assert.deepEqual(await world.call(other, countMyReports, {}), { running: 1, due: 0 });
      await world.call(made.asker, reportEmergency, { params: { requestId }, body: { report: REPORT } });
      const renewal = await ask(world, own, { ...urgent, renewsRequestId: requestId });
      assert.equal(renewal.state, "approved");
      // A renewal owes a report of its own.
      await assert.rejects(ask(world, elsewhere, urgent), owed);
    });

    run(
      "open emergencies and missing reports are counted, and an administrator closes one",
      async (world) => {
        const made = await make(world, { emergencyMinutes: 30 });
        const counts = async (by: TestCaller) => {
          const { openEmergencies, missingReports } = await world.call(by, countRequests, {});
          return [openEmergencies, missingReports];
        };
        const { requestId } = await ask(world, made, { isEmergency: true, minutes: 10 });
        const params = { requestId };
        const body = { comment: "Personne absente, faits repris au journal." };
        const delegate = world.delegate(made.siteId);
        const elsewhere = await world.call(world.admin, createSite, { body: { name: "B", parentId: null } });
        const stranger = world.delegate(elsewhere.siteId);
        assert.deepEqual(await counts(delegate), [1, 0]);
        assert.deepEqual(await counts(made.approvers[0]), [1, 0]);
        assert.deepEqual(await counts(stranger), [0, 0]);
        await assert.rejects(
          world.call(delegate, closeEmergency, { params, body }),
          isFailure("request-decided"),
        );
        world.nowMs += 10 * MINUTE_MS;
        assert.deepEqual(await counts(delegate), [0, 1]);
        assert.deepEqual(await world.call(made.asker, countMyReports, {}), { running: 0, due: 1 });
        const { items } = await world.call(delegate, listRequests, { query: { isOpenEmergency: "true" } });
        assert.deepEqual(
          items.map((row) => [row.requestId, row.isReportDue, row.canClose]),
          [[requestId, true, true]],
        );
        await assert.rejects(world.call(stranger, closeEmergency, { params, body }), isFailure("not-found"));
        await assert.rejects(
          world.call(made.approvers[0], closeEmergency, { params, body }),
          isFailure("not-allowed"),
        );
        const self = { ...made.asker, roles: ["administrator"] as const };
        await assert.rejects(world.call(self, closeEmergency, { params, body }), isFailure("request-own"));
        const closed = await world.call(delegate, closeEmergency, { params, body });
        assert.deepEqual([closed.report, closed.isReportDue], [body.comment, false]);
        assert.notEqual(closed.closedBy, null);
        assert.equal(kinds(world).at(-1), "request.closed");
        assert.deepEqual(await counts(delegate), [0, 0]);
        await assert.rejects(
          world.call(made.asker, reportEmergency, { params, body: { report: REPORT } }),
          isFailure("request-decided"),
        );
        assert.equal((await ask(world, made, { isEmergency: true, minutes: 10 })).state, "approved");
      },
    );

    run("an administrator outside the approving group takes an emergency back", async (world) => {
      const made = await make(world, { emergencyMinutes: 30 });
      const delegate = world.delegate(made.siteId);
      const ordinary = await ask(world, made);
      await vote(world, made.approvers[0], ordinary.requestId);
      await assert.rejects(
        world.call(delegate, revokeRequest, { params: { requestId: ordinary.requestId } }),
        isFailure("not-found"),
      );
      const { requestId } = await ask(world, made, { isEmergency: true, minutes: 10 });
      const revoked = await world.call(delegate, revokeRequest, { params: { requestId } });
      assert.deepEqual([revoked.state, revoked.isReportDue], ["revoked", true]);
    });

    run("a slot opens in its time only, and what nobody decides expires", async (world) => {
      const made = await make(world);
      const fromMs = world.nowMs + 60 * MINUTE_MS;
      const slot = await ask(world, made, { fromMs });
      await vote(world, made.approvers[0], slot.requestId);
      assert.equal(await isOpen(world, made), false);
      world.nowMs = fromMs;
      assert.equal(await isOpen(world, made), true);
      const forgotten = await ask(world, made);
      world.nowMs += 7 * 86_400_000;
      await assert.rejects(vote(world, made.approvers[0], forgotten.requestId), isFailure("request-decided"));
      await expireRequests({ ...world.dependencies, outbox: world.outbox, nowMs: world.nowMs });
      const expired = await world.call(made.approvers[0], listRequests, { query: { state: "expired" } });
      assert.deepEqual(
        expired.items.map(({ requestId }) => requestId),
        [forgotten.requestId],
      );
      assert.equal(kinds(world).at(-1), "request.expired");
    });

    run("too long, too many, and another's targets are refused", async (world) => {
      const made = await make(world);
      await assert.rejects(ask(world, made, { minutes: 121 }), isFailure("request-not-possible"));
      const nobody = await world.addPerson("Nobody");
      await assert.rejects(ask(world, { ...made, asker: nobody }), isFailure("request-not-possible"));
      for (let count = 0; count < 20; count++) await ask(world, made);
      await assert.rejects(ask(world, made), isFailure("request-too-many"));
    });
  });
}
