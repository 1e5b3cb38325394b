import assert from "node:assert/strict";
import { test } from "node:test";
import { type FactorRule, factorRule } from "@poterne/contract";
import { rulingAtOpening, rulingAtSignIn } from "./factor-rules.ts";
import { parseAddress } from "./networks.ts";

const GROUP = "01890000-0000-7000-8000-000000000001";
const TARGET = "01890000-0000-7000-8000-000000000002";
const SITE = "01890000-0000-7000-8000-000000000003";
const rule = (fields: Record<string, unknown>): FactorRule => factorRule.parse({ name: "r", ...fields });
const inside = { groupIds: [GROUP], isAdministrator: false, source: parseAddress("10.0.0.7") };
const outside = { groupIds: [] as string[], isAdministrator: false, source: parseAddress("203.0.113.5") };

test("without a rule any factor is asked at a sign-in, and none before an opening", () => {
  assert.deepEqual(rulingAtSignIn([], inside), { demand: "any", ruleName: null, isRaised: false });
  const object = { targetId: TARGET, siteIds: [SITE] };
  assert.deepEqual(rulingAtOpening([], inside, object), { freshMinutes: null, ruleName: null });
});

test("the first rule that fits by group and network decides, one switched off does not count", () => {
  const rules = [
    rule({ moment: "sign-in", name: "off", isEnabled: false, demand: "never" }),
    rule({ moment: "sign-in", name: "group", groupIds: [GROUP], networks: ["10.0.0.0/8"], demand: "never" }),
    rule({ moment: "sign-in", name: "all", demand: "own" }),
  ];
  assert.equal(rulingAtSignIn(rules, inside).ruleName, "group");
  assert.equal(
    rulingAtSignIn(rules, { ...inside, source: parseAddress("::ffff:10.1.2.3") }).ruleName,
    "group",
  );
  for (const subject of [outside, { ...inside, source: outside.source }, { ...inside, source: null }])
    assert.equal(rulingAtSignIn(rules, subject).ruleName, "all");
});

test("who administers is not let off, and the ruling says so", () => {
  for (const demand of ["never", "remembered"] as const) {
    const rules = [rule({ moment: "sign-in", name: "lax", demand })];
    const ruling = rulingAtSignIn(rules, { ...inside, isAdministrator: true });
    assert.deepEqual(ruling, { demand: "any", ruleName: "lax", isRaised: true });
  }
  const own = [rule({ moment: "sign-in", demand: "own" })];
  assert.equal(rulingAtSignIn(own, { ...inside, isAdministrator: true }).demand, "own");
});

test("an opening's rule fits by target or by a site above it, and may lift a later one", () => {
  const rules = [
    rule({
      moment: "opening",
      name: "lifted",
      targetIds: [TARGET],
      networks: ["10.0.0.0/8"],
      freshMinutes: null,
    }),
    rule({ moment: "opening", name: "site", siteIds: [SITE], freshMinutes: 5 }),
    rule({ moment: "opening", name: "target", targetIds: [TARGET], freshMinutes: 1 }),
  ];
  const at = (subject: typeof outside, targetId: string, siteIds: string[]) =>
    rulingAtOpening(rules, subject, { targetId, siteIds }).ruleName;
  assert.equal(at(inside, TARGET, [SITE]), "lifted");
  assert.equal(at(outside, TARGET, [SITE]), "site");
  assert.equal(at(outside, TARGET, []), "target");
  assert.equal(at(outside, GROUP, []), null);
});
