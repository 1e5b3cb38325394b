import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { policyRules } from "@poterne/contract";
import type { z } from "zod";
import { decide, type Question } from "./decide.ts";
import { AccessFacts, type FactChange, type GrantFact, type SourceFact } from "./facts.ts";
import { endOfGrant } from "./grant-conditions.ts";
import { hintOf } from "./hints.ts";
import { parseAddress, readNetworks } from "./networks.ts";
import { findOpenable } from "./openable.ts";
import { madeChange, madeGrant, madePolicy } from "./testing/made-facts.ts";

/** Friday 20 November 2026, 12:00 in Paris. */
const NOON = Date.parse("2026-11-20T11:00:00Z");
const toT = { groupId: "g", targetIds: new Set(["t"]) };
const office = {
  hours: { timeZone: "Europe/Paris", slots: [{ days: [1, 2, 3, 4, 5], from: "08:00", to: "19:00" }] },
};

function makeFacts(
  rules: z.input<typeof policyRules>,
  given: {
    readonly grants?: FactChange<GrantFact>[];
    readonly sources?: Readonly<Record<string, string[]>>;
  } = {},
): AccessFacts {
  const facts = new AccessFacts();
  const sources = Object.entries(given.sources ?? {}).map(([id, texts]) => {
    const kind = ({ p: "person", g: "group", t: "target" } as const)[id] ?? "grant";
    return madeChange<SourceFact>(id, { kind, list: readNetworks(texts) });
  });
  facts.apply(
    {
      sites: [madeChange("s", { siteId: "s", parentId: null, name: "s", foldedName: "s", priority: 3 })],
      machines: [
        madeChange("m", {
          machineId: "m",
          siteId: "s",
          name: "m",
          foldedName: "m",
          searchText: "m",
          isDisabled: false,
        }),
      ],
      targets: [
        madeChange("t", {
          targetId: "t",
          machineId: "m",
          name: "t",
          foldedName: "t",
          protocol: "ssh" as const,
          isDisabled: false,
        }),
      ],
      accounts: [madeChange("ask", { accountId: "ask", name: "ask", kind: "ask" as const, isUsable: true })],
      policies: [madePolicy("plain", rules), madePolicy("other", {})],
      grants: given.grants ?? [madeGrant("1", toT)],
      sources,
      holidays: new Set(["2026-12-25"]),
    },
    1,
  );
  return facts;
}

function asked(given: Partial<Question> & { readonly from?: string } = {}): Question {
  const { from, ...question } = given;
  return {
    subject: { personId: "p", isActive: true, groupIds: ["g"] },
    targetId: "t",
    atMs: NOON,
    sessions: { ofPerson: 0, onTarget: 0 },
    ...(from === undefined ? {} : { source: parseAddress(from) }),
    ...question,
  };
}

/** "allowed", or the reasons. Says at once that *My machines* agrees. */
function answer(facts: AccessFacts, question: Question) {
  const verdict = decide(facts, question);
  const openable = findOpenable(facts, question.subject, question);
  assert.equal(openable.byTarget.has("t"), verdict.isAllowed, "My machines says the same");
  return verdict.isAllowed ? "allowed" : verdict.reasons.map(({ reason }) => reason);
}

describe("source addresses", () => {
  test("every list that applies must hold the address: person, group, target, grant, policy", () => {
    for (const id of ["p", "g", "t", "1"]) {
      const facts = makeFacts({}, { sources: { [id]: ["192.0.2.0/24"] } });
      assert.equal(answer(facts, asked({ from: "::ffff:192.0.2.9" })), "allowed", id);
      assert.deepEqual(answer(facts, asked({ from: "198.51.100.1" })), ["source-refused"], id);
      assert.deepEqual(answer(facts, asked({ from: "" })), ["source-refused"], id);
    }
    const byPolicy = makeFacts({ sourceNetworks: ["2001:db8::/32"] });
    assert.equal(answer(byPolicy, asked({ from: "2001:db8::1" })), "allowed");
    assert.deepEqual(answer(byPolicy, asked({ from: "192.0.2.1" })), ["source-refused"]);
    const both = makeFacts({ sourceNetworks: ["192.0.2.0/24"] }, { sources: { p: ["192.0.2.128/25"] } });
    assert.deepEqual(answer(both, asked({ from: "192.0.2.1" })), ["source-refused"]);
    assert.equal(answer(both, asked({ from: "192.0.2.200" })), "allowed");
  });

  test("a hint names the list that leaves the address out", () => {
    const facts = makeFacts({}, { sources: { g: ["192.0.2.0/24"] } });
    const question = asked({ from: "198.51.100.1" });
    assert.deepEqual(hintOf(facts, question, { reason: "source-refused", grantId: null }), {
      kind: "from",
      of: "group",
      networks: ["192.0.2.0/24"],
    });
  });
});

describe("hours and ends", () => {
  test("refuse outside, say when it opens, and end with the hours or the validity", () => {
    const facts = makeFacts(office);
    assert.equal(answer(facts, asked()), "allowed");
    const evening = asked({ atMs: Date.parse("2026-11-20T18:00:00Z") });
    assert.deepEqual(answer(facts, evening), ["outside-hours"]);
    assert.deepEqual(hintOf(facts, evening, { reason: "outside-hours", grantId: "1" }), {
      kind: "opens",
      atMs: Date.parse("2026-11-23T07:00:00Z"),
      timeZone: "Europe/Paris",
    });
    const grant = facts.grants.get("1");
    assert.ok(grant !== undefined);
    assert.deepEqual(endOfGrant(facts, grant, NOON), {
      atMs: Date.parse("2026-11-20T18:00:00Z"),
      code: "hours-over",
    });
    const soon = { ...grant, validToMs: NOON + 60_000 };
    assert.deepEqual(endOfGrant(facts, soon, NOON), { atMs: NOON + 60_000, code: "grant-over" });
  });

  test("My machines is made anew when the hours change", () => {
    const facts = makeFacts(office);
    const { validUntilMs } = findOpenable(facts, asked().subject, asked());
    assert.equal(validUntilMs, Date.parse("2026-11-20T18:00:00Z"));
  });
});

describe("approvals", () => {
  const approval = { approval: { quorum: 2, maxMinutes: 60 } };
  const given = (base: Partial<GrantFact> = {}) => [
    madeGrant("1", { ...toT, ...base }),
    madeGrant("2", {
      personId: "p",
      targetIds: new Set(["t"]),
      baseGrantId: "1",
      validFromMs: NOON,
      validToMs: NOON + 60_000,
    }),
  ];

  test("a grant under approval opens only by an approved request", () => {
    const facts = makeFacts(approval);
    assert.deepEqual(answer(facts, asked()), ["approval-needed"]);
    assert.deepEqual(hintOf(facts, asked(), { reason: "approval-needed", grantId: "1" }), {
      kind: "ask",
      maxMinutes: 60,
      quorum: 2,
      emergencyMinutes: null,
    });
    const approved = makeFacts(approval, { grants: given() });
    assert.equal(answer(approved, asked()), "allowed");
    assert.deepEqual(answer(approved, asked({ atMs: NOON + 60_000 })), ["grant-expired", "approval-needed"]);
  });

  test("what was approved and asked for decides before a standing grant that asks less", () => {
    const standing = madeGrant("0", { ...toT, policyId: "other" });
    const facts = makeFacts({ ...approval, needsGuardian: true }, { grants: [standing, ...given()] });
    const verdict = decide(facts, asked());
    assert.equal(verdict.isAllowed ? verdict.grantId : "", "2");
    const later = decide(facts, asked({ atMs: NOON + 60_000 }));
    assert.equal(later.isAllowed ? later.grantId : "", "0");
  });

  test("an emergency opens outside the hours of its policy, a request does not", () => {
    const night = Date.parse("2026-11-22T02:00:00Z");
    const slot = { personId: "p", targetIds: new Set(["t"]), baseGrantId: "1", validToMs: night + 60_000 };
    for (const isEmergency of [true, false]) {
      const grants = [madeGrant("1", toT), madeGrant("2", { ...slot, isEmergency })];
      const facts = makeFacts({ ...approval, ...office }, { grants });
      const verdict = answer(facts, asked({ atMs: night }));
      assert.equal(verdict === "allowed", isEmergency);
      const grant = facts.grants.get("2");
      if (isEmergency && grant !== undefined)
        assert.deepEqual(endOfGrant(facts, grant, night), { atMs: night + 60_000, code: "grant-over" });
    }
  });

  test("what was approved falls with the grant it rests on", () => {
    for (const base of [
      { isDisabled: true },
      { groupId: "elsewhere" },
      { targetIds: new Set(["u"]) },
      { validToMs: NOON },
    ]) {
      const verdict = answer(makeFacts(approval, { grants: given(base) }), asked());
      assert.notEqual(verdict, "allowed", JSON.stringify(base));
    }
    const [, alone] = given();
    if (alone !== undefined)
      assert.deepEqual(answer(makeFacts(approval, { grants: [alone] }), asked()), ["no-grant"]);
  });
});

describe("a live session", () => {
  test("is held by its own grant or one of the same policy, not by another", () => {
    const grants = [
      madeGrant("1", { ...toT, validToMs: NOON }),
      madeGrant("2", { ...toT, policyId: "other" }),
    ];
    const facts = makeFacts({}, { grants });
    assert.equal(decide(facts, asked()).isAllowed, true);
    const held = { grantId: "1", policyId: "plain" };
    assert.equal(decide(facts, asked({ held })).isAllowed, false);
    const more = makeFacts({}, { grants: [...grants, madeGrant("3", toT)] });
    assert.equal(decide(more, asked({ held })).isAllowed, true);
  });

  test("counts in total under a policy", () => {
    const facts = makeFacts({ maxSessionsInTotal: 2 });
    const sessions = (count: number) => ({ ofPerson: 0, onTarget: 0, byPolicy: new Map([["plain", count]]) });
    assert.equal(decide(facts, asked({ sessions: sessions(1) })).isAllowed, true);
    const full = decide(facts, asked({ sessions: sessions(2) }));
    assert.deepEqual(full.isAllowed ? [] : full.reasons.map(({ reason }) => reason), ["sessions-in-total"]);
  });
});
