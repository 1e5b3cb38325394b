import assert from "node:assert/strict";
import { it } from "node:test";
import { FilterParser } from "ldapts";
import { toIdentity } from "./identity-fields.ts";
import { adAccountState, barredByBind, bindSubCode } from "./ldap/ad-account.ts";
import { escapeFilterValue, loginAttributesOf, personFilter } from "./ldap/filter.ts";
import { admit, groupKey } from "./mapping.ts";
import { claimAt, identityOfClaims } from "./oidc/claims.ts";
import { reasonOf } from "./oidc/reason.ts";

const ROUNDS = 2000;
const SIGNS = [
  "(",
  ")",
  "*",
  "\\",
  "\u0000",
  "&",
  "|",
  "=",
  "a",
  "é",
  "\ud83d\ude00",
  "\ud800",
  "\n",
  " ",
  "{login}",
  "$&",
];

/** A small generator with a seed, so that a failure can be run again. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function wildText(random: () => number): string {
  const length = Math.floor(random() * 12);
  return Array.from({ length }, () => SIGNS[Math.floor(random() * SIGNS.length)]).join("");
}

it("keeps any login inside its place in the filter, 2000 wild ones", () => {
  const random = generator(7);
  for (let round = 0; round < ROUNDS; round++) {
    const login = wildText(random);
    const escaped = escapeFilterValue(login);
    for (const sign of ["(", ")", "*", "\u0000", "&", "|", "="])
      assert.ok(!escaped.includes(sign), JSON.stringify(login));
    const filter = personFilter("(&(objectClass=person)(uid={login}))", login);
    const parsed = FilterParser.parseString(filter) as unknown as {
      filters: { attribute: string; value?: string }[];
    };
    assert.equal(parsed.filters.length, 2, filter);
    assert.equal(parsed.filters[1]?.attribute, "uid");
  }
});

it("names the attributes a filter compares with the login whole", () => {
  assert.deepEqual(loginAttributesOf("(|(uid={login})(mail={login})(cn=*{login}*))"), ["uid", "mail"]);
  assert.deepEqual(loginAttributesOf("(uid={login}*)"), []);
});

it("reads what Active Directory says in a refused bind, and says nothing before a right password", () => {
  const text = (code: string) =>
    `80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data ${code}, v1db1`;
  assert.equal(bindSubCode(text("52e")), "52e");
  assert.deepEqual(
    ["52e", "525", "530", "531", "532", "533", "701", "773", "775"].map((code) => barredByBind(text(code))),
    [null, null, null, null, "must-change-password", "disabled", "expired", "must-change-password", null],
  );
  const random = generator(11);
  for (let round = 0; round < ROUNDS; round++) assert.equal(barredByBind(wildText(random)), null);
});

it("reads account states from attributes, and nothing from what is no number", () => {
  const now = Date.parse("2026-11-22T00:00:00Z");
  const fileTime = (ms: number) => String((BigInt(ms) + 11_644_473_600_000n) * 10_000n);
  const state = (control: string, computed = "0", expires = "0") =>
    adAccountState({ control, computed, expires }, now);
  assert.equal(state("512"), "usable");
  assert.equal(state("514"), "disabled");
  assert.equal(state("512", "16"), "locked");
  assert.equal(state("512", "8388608"), "must-change-password");
  assert.equal(state("512", "0", fileTime(now - 1000)), "expired");
  assert.equal(state("512", "0", fileTime(now + 1000)), "usable");
  assert.equal(state("512", "0", "9223372036854775807"), "usable");
  const random = generator(13);
  for (let round = 0; round < ROUNDS; round++)
    assert.equal(state(wildText(random), wildText(random), wildText(random)), "usable");
});

it("makes of wild claims a person within bounds, or nobody", () => {
  const random = generator(17);
  const names = { loginClaim: "login", nameClaim: "name", mailClaim: "mail", groupsClaim: "realm.groups" };
  const wild = (depth = 0): unknown => {
    const choice = Math.floor(random() * 8);
    if (choice < 4) return wildText(random);
    if (choice === 4) return random() * 1e9;
    if (choice === 5) return null;
    if (depth > 3) return true;
    return choice === 6
      ? [wild(depth + 1), wild(depth + 1)]
      : { groups: wild(depth + 1), __proto__: wild(depth + 1) };
  };
  let peopleCount = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const isGood = random() < 0.3;
    const claims = {
      sub: isGood ? "s" : wild(),
      login: isGood ? "a" : wild(),
      name: wild(),
      mail: wild(),
      realm: wild(),
    };
    const identity = identityOfClaims(names, claims);
    if (identity === null) continue;
    peopleCount++;
    assert.match(identity.login, /^[\p{L}\p{N}._@-]{1,128}$/u);
    assert.ok(identity.subject.length <= 190 && !/\p{Cc}/u.test(identity.subject));
    assert.ok(identity.name.length >= 1 && identity.name.length <= 200 && !/\p{Cc}/u.test(identity.name));
    assert.ok(identity.email.length <= 254);
    assert.ok(identity.groups.every(([group]) => typeof group === "string" && group !== ""));
  }
  assert.ok(peopleCount > 100);
});

it("finds a claim by its name first and then by its path, never in what is inherited", () => {
  assert.equal(claimAt({ "a.b": 1, a: { b: 2 } }, "a.b"), 1);
  assert.equal(claimAt({ a: { b: 2 } }, "a.b"), 2);
  for (const name of ["constructor", "__proto__", "a.constructor", "toString.name", "..", ""])
    assert.equal(claimAt({ a: {} }, name), undefined, name);
});

it("maps groups by any spelling, and rules only the groups it names", () => {
  const [g1, g2] = ["01890000-0000-7000-8000-000000000001", "01890000-0000-7000-8000-000000000002"];
  const rules = {
    admits: "mapped" as const,
    defaultRoles: ["user" as const],
    mappings: [
      { group: "CN=Ops, OU=Groups,DC=lab", groupId: g1, roles: ["approver" as const] },
      { group: "others", groupId: g2, roles: ["administrator" as const] },
    ],
  };
  const made = admit(rules, { groups: [["cn=ops,ou=Groups,dc=LAB", "ops"]] });
  assert.deepEqual(
    [made.isAdmitted, made.roles, made.groupIds, made.ruledGroupIds],
    [true, ["user", "approver"], [g1], [g1, g2]],
  );
  assert.equal(admit(rules, { groups: [["nobody"]] }).isAdmitted, false);
  assert.equal(groupKey("CN = A , DC=b"), "cn=a,dc=b");
});

it("gives nobody without a subject or a login, and a name where there is none", () => {
  const raw = {
    subject: "s",
    login: "a",
    name: "",
    email: "not an address",
    groups: [],
    account: "usable" as const,
  };
  assert.deepEqual([toIdentity(raw)?.name, toIdentity(raw)?.email], ["a", ""]);
  assert.equal(toIdentity({ ...raw, subject: "" }), null);
  assert.equal(toIdentity({ ...raw, subject: "x".repeat(191) }), null);
  assert.equal(toIdentity({ ...raw, login: "a b" }), null);
});

it("bounds and flattens what goes into the journal as a reason", () => {
  const cause = Object.assign(new Error("line\nbreak"), { code: "ECONNREFUSED" });
  const reason = reasonOf(new Error("x".repeat(200), { cause }));
  assert.match(reason, /line break \(ECONNREFUSED\)$/);
  assert.equal(reasonOf(new Error("y".repeat(5000))).length, 300);
});
