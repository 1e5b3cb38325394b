import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decide, type Question } from "./decide.ts";
import { AccessFacts, type FactChange, type GrantFact } from "./facts.ts";
import { parseAddress } from "./networks.ts";
import { findOpenable } from "./openable.ts";

import {
  madeChange as change,
  madePolicy,
  madeGrant as makeGrant,
  makeLargeFacts,
} from "./testing/made-facts.ts";

const NOW = 1_000_000;

const POLICIES = {
  plain: {},
  guarded: { needsGuardian: true },
  reasoned: { reason: "reason" },
  ticketed: { reason: "ticket" },
  unrecorded: { recording: "off" },
  limited: { maxSessionsPerPerson: 2, maxSessionsPerTarget: 1 },
} as const;

function makeFacts(grants: FactChange<GrantFact>[]): AccessFacts {
  const facts = new AccessFacts();
  const site = (siteId: string, parentId: string | null) =>
    change(siteId, { siteId, parentId, name: siteId, foldedName: siteId, priority: 3 });
  const machine = (machineId: string, siteId: string, isDisabled = false) =>
    change(machineId, {
      machineId,
      siteId,
      name: machineId,
      foldedName: machineId,
      searchText: machineId,
      isDisabled,
    });
  const target = (targetId: string, machineId: string, isDisabled = false) =>
    change(targetId, {
      targetId,
      machineId,
      name: targetId,
      foldedName: targetId,
      protocol: "ssh" as const,
      isDisabled,
    });
  facts.apply(
    {
      sites: [site("top", null), site("mid", "top"), site("low", "mid"), site("other", null)],
      machines: [machine("m", "low"), machine("off", "low", true)],
      targets: [target("t", "m"), target("t-off", "m", true), target("t-of-off", "off")],
      accounts: [
        change("ask", { accountId: "ask", name: "ask", kind: "ask" as const, isUsable: true }),
        change("void", { accountId: "void", name: "void", kind: "password" as const, isUsable: false }),
      ],
      policies: Object.entries(POLICIES).map(([policyId, rules]) => madePolicy(policyId, rules)),
      grants,
      sources: [],
      holidays: new Set(),
    },
    1,
  );
  return facts;
}

function ask(grants: FactChange<GrantFact>[], given: Partial<Question> = {}) {
  const subject = { personId: "p", isActive: true, groupIds: ["g"] };
  return decide(makeFacts(grants), {
    subject,
    targetId: "t",
    atMs: NOW,
    sessions: { ofPerson: 0, onTarget: 0 },
    ...given,
  });
}

function reasonsOf(verdict: ReturnType<typeof decide>) {
  return verdict.isAllowed ? "allowed" : verdict.reasons.map((reason) => reason.reason);
}

describe("the decision", () => {
  test("denies by default", () => {
    assert.deepEqual(reasonsOf(ask([])), ["no-grant"]);
    assert.deepEqual(reasonsOf(ask([], { targetId: "unknown" })), ["no-grant"]);
    const foreign = [makeGrant("1", { personId: "q", targetIds: new Set(["t"]) })];
    assert.deepEqual(reasonsOf(ask(foreign)), ["no-grant"]);
  });

  test("lets in by target, by machine, by the site and by any site above", () => {
    for (const objects of [
      { targetIds: new Set(["t"]) },
      { machineIds: new Set(["m"]) },
      { siteIds: new Set(["low"]) },
      { siteIds: new Set(["top"]) },
    ]) {
      assert.equal(ask([makeGrant("1", { groupId: "g", ...objects })]).isAllowed, true);
    }
    assert.equal(ask([makeGrant("1", { groupId: "g", siteIds: new Set(["other"]) })]).isAllowed, false);
  });

  test("validity begins with its first moment and ends before its last", () => {
    const on = { personId: "p", targetIds: new Set(["t"]) };
    assert.equal(ask([makeGrant("1", { ...on, validFromMs: NOW })]).isAllowed, true);
    assert.deepEqual(reasonsOf(ask([makeGrant("1", { ...on, validFromMs: NOW + 1 })])), [
      "grant-not-yet-valid",
    ]);
    assert.deepEqual(reasonsOf(ask([makeGrant("1", { ...on, validToMs: NOW })])), ["grant-expired"]);
    assert.equal(ask([makeGrant("1", { ...on, validToMs: NOW + 1 })]).isAllowed, true);
  });

  test("tells all reasons in their order", () => {
    const grants = [
      makeGrant("1", { personId: "p", siteIds: new Set(["top"]), validToMs: 1, accountIds: ["void"] }),
      makeGrant("2", { groupId: "g", siteIds: new Set(["top"]), validFromMs: NOW + 5 }),
    ];
    const subject = { personId: "p", isActive: false, groupIds: ["g"] };
    assert.deepEqual(reasonsOf(ask(grants, { subject, targetId: "t-of-off" })), [
      "grant-not-yet-valid",
      "grant-expired",
      "machine-disabled",
      "person-disabled",
      "no-account",
    ]);
    assert.deepEqual(reasonsOf(ask([grants[0] ?? makeGrant("1", {})], { targetId: "t-off" })), [
      "grant-expired",
      "target-disabled",
      "no-account",
    ]);
  });

  test("somebody without any grant learns nothing of the target's state", () => {
    assert.deepEqual(reasonsOf(ask([], { targetId: "t-off" })), ["no-grant"]);
  });

  test("counts live sessions against the policy", () => {
    const grants = [makeGrant("1", { personId: "p", targetIds: new Set(["t"]), policyId: "limited" })];
    const sessions = { ofPerson: 2, onTarget: 1 };
    assert.deepEqual(reasonsOf(ask(grants, { sessions })), ["sessions-per-person", "sessions-per-target"]);
    assert.equal(ask(grants, { sessions: { ofPerson: 1, onTarget: 0 } }).isAllowed, true);
  });

  test("the least demanding policy decides, then the older grant; recording is no demand", () => {
    const decider = (...policies: string[]) => {
      const grants = policies.map((policyId, index) =>
        makeGrant(`${index}`, { personId: "p", targetIds: new Set(["t"]), policyId, createdAtMs: index }),
      );
      const verdict = ask(grants);
      return verdict.isAllowed ? verdict.grantId : null;
    };
    assert.equal(decider("guarded", "ticketed", "reasoned"), "2");
    assert.equal(decider("ticketed", "guarded"), "0");
    assert.equal(decider("guarded", "plain", "reasoned"), "1");
    assert.equal(decider("plain", "unrecorded"), "0");
    assert.equal(decider("plain", "plain"), "0");
  });

  test("a grant that fails does not stand in the way of one that allows", () => {
    const grants = [
      makeGrant("1", { personId: "p", targetIds: new Set(["t"]), validToMs: 1 }),
      makeGrant("2", { groupId: "g", targetIds: new Set(["t"]), policyId: "guarded" }),
    ];
    const verdict = ask(grants);
    assert.equal(verdict.isAllowed ? verdict.grantId : null, "2");
  });

  test("a changed or withdrawn grant leaves no trace in the indexes", () => {
    const facts = makeFacts([makeGrant("1", { personId: "p", targetIds: new Set(["t"]) })]);
    const nothing = { sites: [], machines: [], targets: [], accounts: [], policies: [], sources: [] };
    const empty = { ...nothing, holidays: new Set<string>() };
    facts.apply({ ...empty, grants: [makeGrant("1", { personId: "q", targetIds: new Set(["t"]) })] }, 2);
    assert.equal(facts.grantsOfSubject.get("p").size, 0);
    facts.apply({ ...empty, grants: [{ id: "1", fact: null }] }, 3);
    assert.equal(facts.grantsOfSubject.get("q").size, 0);
    assert.equal(facts.grants.size, 0);
  });
});

describe("the decision at full size", () => {
  test("the list of all a person may open says the same as each decision", () => {
    const { facts, subjects } = makeLargeFacts();
    const sessions = { ofPerson: 0, onTarget: 0 };
    const source = parseAddress("10.3.0.9");
    for (const subject of subjects.slice(0, 4)) {
      const openable = findOpenable(facts, subject, { atMs: NOW, source });
      for (const targetId of facts.targets.keys()) {
        const verdict = decide(facts, { subject, targetId, atMs: NOW, sessions, source });
        assert.equal(
          openable.byTarget.get(targetId)?.grant.grantId,
          verdict.isAllowed ? verdict.grantId : undefined,
        );
      }
    }
  });
});
