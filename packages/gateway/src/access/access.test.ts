import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  bulkGrants,
  bulkMachines,
  createAccount,
  createGrant,
  createMachine,
  createPolicy,
  createSite,
  deleteAccount,
  deleteGrant,
  deletePolicy,
  generateAccountKey,
  getAccount,
  getGrant,
  getPolicy,
  listAccounts,
  listGrants,
  listPolicies,
  listPolicyVersions,
  makePolicyDefault,
  restoreAccount,
  restoreGrant,
  restorePolicy,
  revertPolicy,
  setAccountCertificate,
  setAccountKey,
  setAccountPassword,
  simulateAccess,
  updateAccount,
  updateGrant,
  updatePolicy,
  updateSite,
} from "@poterne/contract";
import { FIRST_POLICY_ID } from "../store/migrations/0001-access.ts";
import { createAccess } from "./access-service.ts";
import { isFailure, type TestCaller, TestWorld } from "./testing/test-world.ts";

describe("access", () => {
  let world: TestWorld;
  let admin: TestCaller;
  let person: TestCaller;
  let north: string;
  let south: string;
  let ask: string;
  before(async () => {
    world = await TestWorld.open();
    admin = world.admin;
    person = await world.addPerson("Anne Martin");
    north = (await world.call(admin, createSite, { body: { name: "Nord", parentId: null } })).siteId;
    south = (await world.call(admin, createSite, { body: { name: "Sud", parentId: null } })).siteId;
    ask = (await world.call(admin, createAccount, { body: { name: "Own", kind: "ask" } })).accountId;
  });
  after(() => world.close());

  let made = 0;
  async function addTarget(siteId: string) {
    const body = {
      name: `m-${made++}`,
      siteId,
      addresses: ["192.0.2.9"],
      targets: [{ protocol: "ssh" as const }],
    };
    const machine = await world.call(admin, createMachine, { body });
    return { machineId: machine.machineId, targetId: machine.targets[0]?.targetId ?? "" };
  }

  function grantBody(targetIds: string[]) {
    return { personId: person.personId, targetIds, accountIds: [ask], policyId: FIRST_POLICY_ID };
  }

  function verdictOf(targetId: string, personId = person.personId) {
    return world.call(admin, simulateAccess, { body: { personId, targetId } });
  }

  test("a secret goes in and is in no reply, no journal entry and no clear column", async () => {
    const secret = "Correct-Horse-7";
    const account = await world.call(admin, createAccount, { body: { name: "root", kind: "password" } });
    const params = { accountId: account.accountId };
    const shown = await world.call(admin, setAccountPassword, { params, body: { password: secret } });
    assert.equal(shown.hasSecret, true);
    const row = await world.dependencies.store.db
      .selectFrom("account")
      .selectAll()
      .where("id", "=", account.accountId)
      .executeTakeFirstOrThrow();
    const everything =
      JSON.stringify([shown, world.journal, row]) + Buffer.from(row.envelope ?? []).toString("latin1");
    assert.ok(!everything.includes(secret));
    assert.equal(world.journal.at(-1)?.kind, "account.secret-changed");
    assert.ok(
      Buffer.from(row.envelope ?? [])
        .toString()
        .startsWith(`account:${account.accountId}:`),
    );
    await assert.rejects(
      world.call(admin, generateAccountKey, { params, body: {} }),
      isFailure("wrong-account-kind"),
    );
  });

  test("an SSH key shows its public half and fingerprint; another key drops the certificate", async () => {
    const body = { name: "deploy key", kind: "ssh-key", username: "deploy" } as const;
    const account = await world.call(admin, createAccount, { body });
    const params = { accountId: account.accountId };
    const keyed = await world.call(admin, generateAccountKey, { params, body: { algorithm: "ed25519" } });
    assert.match(keyed.publicKey ?? "", /^ssh-ed25519 AAAA\S+ poterne:deploy$/);
    assert.match(keyed.fingerprint ?? "", /^SHA256:/);
    await assert.rejects(
      world.call(admin, setAccountCertificate, { params, body: { text: keyed.publicKey ?? "" } }),
      isFailure("bad-certificate"),
    );
    await world.call(admin, setAccountKey, { params, body: { keyFile: "x", passphrase: null } });
    const gone = await world.call(admin, deleteAccount, { params });
    assert.notEqual(gone.deletedAtMs, null);
    assert.equal((await world.call(admin, restoreAccount, { params })).hasSecret, true);
  });

  test("a policy keeps its versions, and undo publishes the one before", async () => {
    const policy = await world.call(admin, createPolicy, { body: { name: "Four eyes" } });
    const params = { policyId: policy.policyId };
    const stricter = { ...policy.rules, needsGuardian: true };
    await world.call(admin, updatePolicy, { params, body: { version: 1, rules: stricter, comment: "why" } });
    await assert.rejects(
      world.call(admin, updatePolicy, { params, body: { version: 1, name: "late" } }),
      isFailure("conflict"),
    );
    const reverted = await world.call(admin, revertPolicy, { params, body: { version: 2 } });
    assert.deepEqual([reverted.version, reverted.rules.needsGuardian], [3, false]);
    const history = await world.call(admin, listPolicyVersions, { params });
    assert.deepEqual(
      history.items.map((version) => [version.version, version.changedRules]),
      [
        [3, ["needsGuardian"]],
        [2, ["needsGuardian"]],
        [1, []],
      ],
    );
    await assert.rejects(
      world.call(admin, createPolicy, { body: { name: "Spy", rules: { recordInput: true } } }),
      isFailure("purpose-missing"),
    );
  });

  test("the default policy and one in use are not deleted", async () => {
    const params = { policyId: FIRST_POLICY_ID };
    await assert.rejects(world.call(admin, deletePolicy, { params }), isFailure("policy-is-default"));
    const policy = await world.call(admin, createPolicy, { body: { name: "In use" } });
    const { targetId } = await addTarget(north);
    const body = { ...grantBody([targetId]), policyId: policy.policyId };
    const grant = await world.call(admin, createGrant, { body });
    const used = { params: { policyId: policy.policyId } };
    await assert.rejects(world.call(admin, deletePolicy, used), isFailure("policy-in-use"));
    await world.call(admin, deleteGrant, { params: { grantId: grant.grantId } });
    await world.call(admin, deletePolicy, used);
    await assert.rejects(
      world.call(admin, restoreGrant, { params: { grantId: grant.grantId } }),
      isFailure("not-restorable"),
    );
    await world.call(admin, restorePolicy, used);
    assert.equal((await world.call(admin, makePolicyDefault, used)).isDefault, true);
    await world.call(admin, makePolicyDefault, { params });
    assert.equal((await world.call(admin, getPolicy, used)).isDefault, false);
  });

  test("a grant must be whole", async () => {
    const { targetId } = await addTarget(north);
    const whole = grantBody([targetId]);
    const create = (change: object) => world.call(admin, createGrant, { body: { ...whole, ...change } });
    await assert.rejects(create({ targetIds: [] }), isFailure("grant-incomplete"));
    await assert.rejects(create({ groupId: world.id() }), isFailure("grant-incomplete"));
    await assert.rejects(create({ validFromMs: 2, validToMs: 2 }), isFailure("grant-times-wrong"));
    await assert.rejects(create({ personId: world.id() }), isFailure("not-found"));
    await assert.rejects(create({ targetIds: [world.id()] }), isFailure("not-found"));
    await assert.rejects(create({ accountIds: [world.id()] }), isFailure("not-found"));
    await assert.rejects(create({ policyId: world.id() }), isFailure("not-found"));
  });

  test("a grant opens at once, withdrawing closes at once, restoring opens again", async () => {
    const { targetId } = await addTarget(north);
    assert.deepEqual((await verdictOf(targetId)).reasons, [
      { reason: "no-grant", grantId: null, hint: { kind: "give" } },
    ]);
    const grant = await world.call(admin, createGrant, { body: grantBody([targetId]) });
    const params = { grantId: grant.grantId };
    assert.equal((await verdictOf(targetId)).decidedBy?.grantId, grant.grantId);
    await world.call(admin, deleteGrant, { params });
    assert.equal((await verdictOf(targetId)).isAllowed, false);
    await world.call(admin, restoreGrant, { params });
    assert.equal((await verdictOf(targetId)).isAllowed, true);
    const version = (await world.call(admin, getGrant, { params })).version;
    await world.call(admin, updateGrant, { params, body: { version, isDisabled: true } });
    assert.equal((await verdictOf(targetId)).isAllowed, false);
    await world.call(admin, bulkGrants, { body: { grantIds: [grant.grantId], action: { kind: "enable" } } });
    assert.equal((await verdictOf(targetId)).isAllowed, true);
    const endAt = { kind: "end-at", validToMs: world.nowMs } as const;
    await world.call(admin, bulkGrants, { body: { grantIds: [grant.grantId], action: endAt } });
    assert.deepEqual((await verdictOf(targetId)).reasons, [
      {
        reason: "grant-expired",
        grantId: grant.grantId,
        hint: { kind: "valid", fromMs: null, toMs: world.nowMs },
      },
    ]);
  });

  test("a site's grant reaches the sites below, through groups of groups, and follows a move", async () => {
    const member = await world.addPerson("Bob");
    const inner = await world.addGroup("Inner", { personIds: [member.personId] });
    const outer = await world.addGroup("Outer", { groupIds: [inner] });
    // A circle of groups must not hang the question.
    await world.dependencies.store.db
      .insertInto("group_member")
      .values({ group_id: inner, member_kind: "group", member_id: outer })
      .execute();
    const body = { name: "Below", parentId: north };
    const below = (await world.call(admin, createSite, { body })).siteId;
    const { targetId } = await addTarget(below);
    const grant = { groupId: outer, siteIds: [north], accountIds: [ask], policyId: FIRST_POLICY_ID };
    await world.call(admin, createGrant, { body: grant });
    assert.equal((await verdictOf(targetId, member.personId)).isAllowed, true);
    await world.call(admin, updateSite, { params: { siteId: below }, body: { version: 1, parentId: south } });
    assert.equal((await verdictOf(targetId, member.personId)).isAllowed, false);
  });

  test("who is disabled or leaves a group loses access with the next question", async () => {
    const member = await world.addPerson("Carla");
    const group = await world.addGroup("Leavers", { personIds: [member.personId] });
    const { targetId } = await addTarget(north);
    const body = { groupId: group, targetIds: [targetId], accountIds: [ask], policyId: FIRST_POLICY_ID };
    await world.call(admin, createGrant, { body });
    const { db } = world.dependencies.store;
    await db.updateTable("person").set({ is_disabled: 1 }).where("id", "=", member.personId).execute();
    const disabled = await verdictOf(targetId, member.personId);
    assert.deepEqual(
      disabled.reasons.map((reason) => reason.reason),
      ["person-disabled"],
    );
    await db.updateTable("person").set({ is_disabled: 0 }).where("id", "=", member.personId).execute();
    assert.equal((await verdictOf(targetId, member.personId)).isAllowed, true);
    await db.deleteFrom("group_member").where("group_id", "=", group).execute();
    assert.equal((await verdictOf(targetId, member.personId)).isAllowed, false);
  });

  test("an account without its secret, or switched off, opens nothing", async () => {
    const { targetId } = await addTarget(north);
    const account = await world.call(admin, createAccount, { body: { name: "empty", kind: "password" } });
    const params = { accountId: account.accountId };
    const body = { ...grantBody([targetId]), accountIds: [account.accountId] };
    await world.call(admin, createGrant, { body });
    const reasons = async () => (await verdictOf(targetId)).reasons.map((reason) => reason.reason);
    assert.deepEqual(await reasons(), ["no-account"]);
    await world.call(admin, setAccountPassword, { params, body: { password: "pw" } });
    assert.deepEqual(await reasons(), []);
    const { version } = await world.call(admin, getAccount, { params });
    await world.call(admin, updateAccount, { params, body: { version, isDisabled: true } });
    assert.deepEqual(await reasons(), ["no-account"]);
    const access = createAccess({ ...world.dependencies });
    assert.equal(await access.account(account.accountId), null);
  });

  test("the simulator tells what each other grant lacked", async () => {
    const { targetId } = await addTarget(north);
    const other = await addTarget(north);
    const bob = await world.addPerson("Bob lacks");
    const note = (text: string) => ({ note: text });
    await world.call(admin, createGrant, {
      body: { ...grantBody([targetId]), personId: bob.personId, ...note("bob") },
    });
    await world.call(admin, createGrant, { body: { ...grantBody([other.targetId]), ...note("elsewhere") } });
    const late = { validFromMs: world.nowMs + 1000 };
    await world.call(admin, createGrant, { body: { ...grantBody([targetId]), ...late, ...note("late") } });
    const answer = await verdictOf(targetId);
    assert.deepEqual(
      answer.reasons.map((reason) => reason.reason),
      ["grant-not-yet-valid"],
    );
    const lacks = new Map(answer.considered.map((grant) => [grant.note, grant.lacks]));
    assert.deepEqual(lacks.get("bob"), ["subject"]);
    assert.deepEqual(lacks.get("elsewhere"), ["object"]);
    assert.deepEqual(lacks.get("late"), ["not-yet-valid"]);
    const later = { personId: person.personId, targetId, atMs: world.nowMs + 1000 };
    assert.equal((await world.call(admin, simulateAccess, { body: later })).isAllowed, true);
  });

  test("grants are filtered by what they reach and by whom, and carry names", async () => {
    const { targetId, machineId } = await addTarget(south);
    const body = { ...grantBody([]), targetIds: [], siteIds: [south], note: "Astreinte été" };
    const grant = await world.call(admin, createGrant, { body });
    const found = await world.call(admin, listGrants, { query: { targetId, search: "anne" } });
    assert.deepEqual(
      found.items.map((item) => item.grantId),
      [grant.grantId],
    );
    assert.equal(found.items[0]?.subject.name, "Anne Martin");
    assert.equal(found.items[0]?.sites[0]?.name, "Sud");
    assert.equal(
      (await world.call(admin, listGrants, { query: { machineId, search: "ASTREINTE ete" } })).total,
      1,
    );
    assert.equal((await world.call(admin, listGrants, { query: { targetId, state: "expired" } })).total, 0);
  });

  test("many machines are given in one grant", async () => {
    const machines = [await addTarget(north), await addTarget(north)];
    const { kind, ...given } = { kind: "grant" as const, personId: person.personId, accountIds: [ask] };
    const body = {
      machineIds: machines.map((machine) => machine.machineId),
      action: { kind, ...given, policyId: FIRST_POLICY_ID },
    };
    const { grantId } = await world.call(admin, bulkMachines, { body });
    const grant = await world.call(admin, getGrant, { params: { grantId: grantId ?? "" } });
    assert.deepEqual([grant.siteId, grant.machines.length], [north, 2]);
    assert.equal((await verdictOf(machines[1]?.targetId ?? "")).isAllowed, true);
  });

  test("a delegate gives its own machines, and neither foreign machines nor foreign secrets", async () => {
    const delegate = world.delegate(north);
    const own = await addTarget(north);
    const foreign = await addTarget(south);
    const give = (change: object) =>
      world.call(delegate, createGrant, { body: { ...grantBody([own.targetId]), siteId: north, ...change } });
    const grant = await give({});
    assert.equal(grant.siteId, north);
    await assert.rejects(give({ siteId: null }), isFailure("not-found"));
    await assert.rejects(give({ targetIds: [foreign.targetId] }), isFailure("not-found"));
    await assert.rejects(give({ machineIds: [foreign.machineId] }), isFailure("not-found"));
    await assert.rejects(give({ siteIds: [south] }), isFailure("not-found"));
    const root = await world.call(admin, createAccount, {
      body: { name: "organisation root", kind: "password" },
    });
    await assert.rejects(give({ accountIds: [root.accountId] }), isFailure("not-found"));
    const theirs = await world.call(admin, createPolicy, { body: { name: "Theirs", siteId: south } });
    await assert.rejects(give({ policyId: theirs.policyId }), isFailure("policy-out-of-reach"));
  });

  test("an object outside the delegated subtree is not found, whatever is asked of it", async () => {
    const delegate = world.delegate(north);
    const account = await world.call(admin, createAccount, {
      body: { name: "far", kind: "password", siteId: south },
    });
    const key = await world.call(admin, createAccount, {
      body: { name: "far key", kind: "ssh-key", siteId: south },
    });
    const policy = await world.call(admin, createPolicy, { body: { name: "far", siteId: south } });
    const { targetId } = await addTarget(south);
    const grant = await world.call(admin, createGrant, { body: { ...grantBody([targetId]), siteId: south } });
    const a = { accountId: account.accountId };
    const k = { accountId: key.accountId };
    const p = { policyId: policy.policyId };
    const g = { grantId: grant.grantId };
    const calls: (() => Promise<unknown>)[] = [
      () => world.call(delegate, getAccount, { params: a }),
      () => world.call(delegate, createAccount, { body: { name: "n", kind: "ask", siteId: south } }),
      () => world.call(delegate, createAccount, { body: { name: "n", kind: "ask" } }),
      () => world.call(delegate, updateAccount, { params: a, body: { version: 1, name: "n" } }),
      () => world.call(delegate, setAccountPassword, { params: a, body: { password: "n" } }),
      () => world.call(delegate, setAccountKey, { params: k, body: { keyFile: "n" } }),
      () => world.call(delegate, generateAccountKey, { params: k, body: {} }),
      () => world.call(delegate, setAccountCertificate, { params: k, body: { text: null } }),
      () => world.call(delegate, deleteAccount, { params: a }),
      () => world.call(delegate, restoreAccount, { params: a }),
      () => world.call(delegate, getPolicy, { params: p }),
      () => world.call(delegate, listPolicyVersions, { params: p }),
      () => world.call(delegate, createPolicy, { body: { name: "n" } }),
      () => world.call(delegate, updatePolicy, { params: p, body: { version: 1, name: "n" } }),
      () => world.call(delegate, revertPolicy, { params: p, body: { version: 1 } }),
      () => world.call(delegate, makePolicyDefault, { params: p }),
      () => world.call(delegate, deletePolicy, { params: p }),
      () => world.call(delegate, restorePolicy, { params: p }),
      () =>
        world.call(delegate, updatePolicy, { params: { policyId: FIRST_POLICY_ID }, body: { version: 1 } }),
      () => world.call(delegate, getGrant, { params: g }),
      () => world.call(delegate, updateGrant, { params: g, body: { version: 1, note: "n" } }),
      () => world.call(delegate, deleteGrant, { params: g }),
      () => world.call(delegate, restoreGrant, { params: g }),
      () =>
        world.call(delegate, bulkGrants, { body: { grantIds: [grant.grantId], action: { kind: "delete" } } }),
      () => world.call(delegate, simulateAccess, { body: { personId: person.personId, targetId } }),
    ];
    for (const call of calls) await assert.rejects(call, isFailure("not-found"), call.toString());
    assert.equal((await world.call(delegate, listAccounts)).total, 0);
    const grants = await world.call(delegate, listGrants, { query: { limit: 200 } });
    assert.ok(grants.items.every((item) => item.siteId === north));
    const policies = await world.call(delegate, listPolicies, { query: { limit: 200 } });
    assert.ok(policies.items.every((item) => item.siteId === null || item.siteId === north));
    assert.ok(policies.items.every((item) => item.canChange === (item.siteId === north)));
  });
});
