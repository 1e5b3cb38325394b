// Directories that fail on the way: busy, closing, dying, stalling, dripping, stripped of encryption; real servers behind a line.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { LdapConfig } from "@poterne/contract";
import { LdapProvider } from "../../packages/gateway/src/identity/ldap/ldap-provider.ts";
import { labPasswords, startLab } from "../support/lab.ts";
import { realEnvironment, sambaConfig, slapdConfig } from "../support/ldap.ts";
import { LdapLine, type LdapLineOptions, type LineVerdict, type SeenRequest } from "../support/ldap-line.ts";
import { labCertificate, OwnSlapd } from "../support/own-slapd.ts";

const TIME_LIMIT_S = 1;
const PEOPLE = "ou=people,dc=lab,dc=test";
const person = (uid: string, userPassword: string, more: Record<string, string> = {}) => ({
  objectClass: "inetOrgPerson",
  uid,
  cn: uid,
  sn: "Lab",
  userPassword,
  ...more,
});
const entries = {
  [PEOPLE]: { objectClass: "organizationalUnit", ou: "people" },
  [`uid=alice,${PEOPLE}`]: person("alice", labPasswords.alice),
  [`uid=bob,${PEOPLE}`]: person("bob", labPasswords.bob),
  "cn=inner,dc=lab,dc=test": { objectClass: "groupOfNames", cn: "inner", member: `uid=alice,${PEOPLE}` },
  "cn=outer,dc=lab,dc=test": {
    objectClass: "groupOfNames",
    cn: "outer",
    member: ["cn=inner,dc=lab,dc=test", "cn=round,dc=lab,dc=test"],
  },
  "cn=round,dc=lab,dc=test": { objectClass: "groupOfNames", cn: "round", member: "cn=outer,dc=lab,dc=test" },
};

let slapd: OwnSlapd;
const lines: LdapLine[] = [];

before(async () => {
  startLab("slapd", "samba-ad");
  slapd = await OwnSlapd.start(entries);
});
after(async () => {
  for (const line of lines) await line.close();
  await slapd?.stop();
});

async function lay(options: Partial<LdapLineOptions>): Promise<LdapLine> {
  const line = await LdapLine.open({
    target: { host: "127.0.0.1", port: slapd.tlsPort, isTls: true },
    near: labCertificate("ldap.lab.test"),
    ...options,
  });
  lines.push(line);
  return line;
}

const provider = (config: LdapConfig, secret: string) =>
  new LdapProvider({ config, environment: realEnvironment, openSecret: async () => secret });
const over = (servers: LdapConfig["servers"], changes: Partial<LdapConfig> = {}) =>
  provider(slapdConfig({ servers, timeoutSeconds: TIME_LIMIT_S, ...changes }), labPasswords.bob);
const good = () => ({ host: "127.0.0.1", port: slapd.tlsPort });

const alice = { login: "alice", password: labPasswords.alice };
const wrong = { login: "alice", password: "wrong" };

/** Judges one request in its place, and lets all others pass. */
const at =
  (operation: SeenRequest["operation"], count: number, verdict: LineVerdict) =>
  (seen: SeenRequest): LineVerdict =>
    seen.operation === operation && seen.count === count ? verdict : "pass";

/** The places of a proof: the searcher's bind, the person's search, the person's bind, the searcher's again, the groups. */
const PLACES = [
  ["bind", 1],
  ["search", 1],
  ["bind", 2],
  ["bind", 3],
  ["search", 2],
] as const;

describe("a server that fails on the way", () => {
  const troubles: readonly (readonly [string, LineVerdict])[] = [
    ["calls itself busy", { code: 51, text: "busy" }],
    ["calls itself unavailable", { code: 52 }],
    ["closes before it answers", "close"],
    ["closes as it answers", "close-at-answer"],
    ["falls silent", "silence"],
  ];
  for (const [name, verdict] of troubles)
    it(`is left for the next one wherever it ${name}, and no password is called wrong for it`, async () => {
      const inTurn = PLACES.map(async ([operation, count]) => {
        const line = await lay({ judge: at(operation, count, verdict) });
        const one = over([line.end, good()]);
        const outcome = await one.password.prove(alice);
        assert.ok(outcome.result === "proven", `${operation} ${count}: ${JSON.stringify(outcome)}`);
        assert.equal(outcome.identity.groups.length, 3);
        // It is left aside from now on: whoever comes next does not wait for it.
        const before = line.connectionCount;
        assert.equal((await one.password.prove(wrong)).result, "refused");
        assert.equal(line.connectionCount, before);
        // Alone, it is away: nobody is told that a password was wrong, nor anybody gone.
        const alone = over([(await lay({ judge: at(operation, count, verdict) })).end]);
        const away = await alone.password.prove(alice);
        assert.equal(away.result, "away", `${operation} ${count}: ${JSON.stringify(away)}`);
      });
      await Promise.all(inTurn);
    });

  it("is left for the next one when it is killed between the searcher's bind and the search", async () => {
    const dying = await OwnSlapd.start(entries);
    const line = await lay({
      target: { host: "127.0.0.1", port: dying.tlsPort, isTls: true },
      judge: async ({ operation }): Promise<LineVerdict> => {
        if (operation === "search") await dying.kill();
        return "pass";
      },
    });
    assert.equal((await over([line.end, good()]).password.prove(alice)).result, "proven");
    await dying.restart();
    const looked = await over([line.end]).directory.lookup(["a", "b"]);
    assert.deepEqual(
      looked.map((one) => one.result),
      ["away", "away"],
    );
    await dying.stop();
  });

  it("goes on with looking up where the other one stopped", async () => {
    const known = await over([good()]).password.prove(alice);
    assert.ok(known.result === "proven");
    const { subject } = known.identity;
    const line = await lay({ judge: at("search", 4, "close") });
    const looked = await over([line.end, good()]).directory.lookup([subject, subject, "gone-1", subject]);
    assert.deepEqual(
      looked.map((one) => one.result),
      ["found", "found", "gone", "found"],
    );
  });

  it("does not hide that the searching account is refused: the next server is not asked", async () => {
    const [first, second] = [await lay({}), await lay({})];
    const one = provider(slapdConfig({ servers: [first.end, second.end] }), "wrong");
    const outcome = await one.password.prove(alice);
    assert.equal(outcome.result, "away");
    assert.match("reason" in outcome ? outcome.reason : "", /invalidCredentials/);
    assert.deepEqual([first.connectionCount, second.connectionCount], [1, 0]);
  });
});

describe("a server that is slow", () => {
  it("ends within three limits however it spreads its answers, and says so to the administrator", async () => {
    const slow: readonly (readonly [string, Partial<LdapLineOptions>])[] = [
      ["says nothing at all", { judge: () => "silence" }],
      ["drips every byte", { judge: () => ({ dripMs: 80 }) }],
      ["answers each question just in time", { judge: () => wait(TIME_LIMIT_S * 800) }],
    ];
    const inTurn = slow.map(async ([name, options]) => {
      const line = await lay(options);
      const outcome = await over([line.end, line.end]).password.prove(alice);
      assert.equal(outcome.result, "away", name);
      assert.match("reason" in outcome ? outcome.reason : "", /no answer within|too slow/, name);
      // Two tries at most: there is no time for more.
      assert.ok(line.connectionCount <= 2, name);
    });
    await Promise.all(inTurn);
  });
});

describe("encryption", () => {
  const plainLine = async (judge: LdapLineOptions["judge"] = () => "pass") => {
    const target = { host: "127.0.0.1", port: slapd.port, isTls: false };
    const line = await LdapLine.open({ target, judge });
    lines.push(line);
    return line;
  };

  it("nothing but the wish for it goes out when somebody in the middle strips StartTLS", async () => {
    for (const verdict of [
      { code: 2, text: "unsupported extended operation" },
      { code: 52 },
      // Says yes, and goes on without.
      { code: 0 },
      "close",
    ] as const) {
      const line = await plainLine(at("extended", 1, verdict));
      const one = over([line.end], { security: "starttls" });
      assert.equal((await one.password.prove(alice)).result, "away", JSON.stringify(verdict));
      assert.deepEqual(new Set(line.seen), new Set(["extended"]), JSON.stringify(verdict));
      const steps = await one.test("alice");
      assert.ok(steps.some(({ step, state }) => step === "connect" && state === "failed"));
    }
    // The same line with nobody in the middle works.
    const line = await plainLine();
    const outcome = await over([line.end], { security: "starttls" }).password.prove(alice);
    assert.equal(outcome.result, "proven");
  });

  it("is refused with whoever shows another authority's certificate in the middle", async () => {
    const line = await lay({});
    const outcome = await over([line.end], { caPem: "" }).password.prove(alice);
    assert.equal(outcome.result, "away");
    assert.deepEqual(line.seen, []);
  });

  it("a plain connection that nobody accepted asks nothing at all", async () => {
    const line = await plainLine();
    const outcome = await over([line.end], { security: "plain" }).password.prove(alice);
    assert.equal(outcome.result, "away");
    assert.equal(line.connectionCount, 0);
  });
});

describe("what is asked of a directory", () => {
  it("binds and searches only, on OpenLDAP and on Active Directory, whatever is done", async () => {
    const ad = await lay({
      target: { host: "127.0.0.10", port: 636, isTls: true },
      near: labCertificate("dc1.lab.test"),
    });
    const ldap = await lay({});
    const sides = [
      [over([ldap.end]), ldap],
      [provider(sambaConfig({ servers: [ad.end] }), "gate-Passw0rd"), ad],
    ] as const;
    for (const [one, line] of sides) {
      const proven = await one.password.prove(alice);
      assert.ok(proven.result === "proven", JSON.stringify(proven));
      await one.password.prove(wrong);
      await one.directory.lookup([proven.identity.subject, "00".repeat(16)]);
      await one.ticket.resolve("alice", "LAB.TEST");
      await one.test("alice");
      assert.deepEqual([...new Set(line.seen)].sort(), ["bind", "search"]);
    }
  });
});

function wait(ms: number): Promise<"pass"> {
  return new Promise((resolve) => setTimeout(() => resolve("pass"), ms));
}
