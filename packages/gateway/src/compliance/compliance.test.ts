import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ComplianceRule,
  createAccount,
  createGrant,
  createMachine,
  createPolicy,
  createSite,
  createVendorPass,
  decideVendorPass,
  updateGrant,
} from "@poterne/contract";
import { FactorRuleStore } from "../access/factor-rule-store.ts";
import { TestWorld } from "../access/testing/test-world.ts";
import { journalProofs, noteProof } from "../backup/proof-notes.ts";
import { type Settings, settingsSchema } from "../config/settings.ts";
import { ok } from "../health/check.ts";
import { judgeAll } from "./compliance-handlers.ts";
import { readComplianceFacts } from "./facts.ts";
import { PROOFS } from "./proofs.ts";

const DAY_MS = 86_400_000;
const fine = ok("fine", { fr: "bien", en: "fine" });

interface Changes {
  readonly settings?: Partial<Settings>;
  readonly isFactorRequired?: boolean;
}

function judgeFacts(world: TestWorld, changes: Changes = {}) {
  return readComplianceFacts({
    store: world.dependencies.store,
    settings: { ...settingsSchema.parse({}), ...changes.settings },
    version: "0.0.0",
    isFactorRequired: changes.isFactorRequired ?? true,
    clock: fine,
    disk: fine,
    nowMs: world.nowMs,
  });
}

async function judge(world: TestWorld, changes: Changes = {}): Promise<(number: string) => ComplianceRule> {
  const rules = judgeAll(await judgeFacts(world, changes));
  return (number) => {
    const found = rules.find((rule) => rule.number === number);
    assert.ok(found, number);
    return found;
  };
}

const said = (rule: ComplianceRule): string => rule.evidence.map(({ fr }) => fr).join(" ");

for (const engine of ["sqlite", "postgresql", "mariadb"] as const) {
  test(`${engine}: each rule follows what is set and stored, and says it`, async () => {
    const world = await TestWorld.open(engine);
    try {
      await walk(world);
    } finally {
      await world.close();
    }
  });
}

test("rules on third parties follow the people and passes there are, and mail who is told", async () => {
  const world = await TestWorld.open();
  try {
    const { admin } = world;
    const before = await judge(world);
    assert.deepEqual(
      ["R59–R63", "R64, R66", "R65", "R67"].map((number) => before(number).state),
      ["not-applicable", "not-applicable", "not-applicable", "not-applicable"],
    );
    const { siteId } = await world.call(admin, createSite, { body: { name: "S", parentId: null } });
    const machine = await world.call(admin, createMachine, {
      body: { name: "M", siteId, addresses: ["192.0.2.1"], targets: [{ name: "ssh", protocol: "ssh" }] },
    });
    const { accountId } = await world.call(admin, createAccount, { body: { name: "a", kind: "ask" } });
    const rules = { recording: "must" as const, approval: { quorum: 1, maxMinutes: 60 } };
    const { policyId } = await world.call(admin, createPolicy, { body: { name: "P", rules } });
    const { pass } = await world.call(admin, createVendorPass, {
      body: {
        person: { kind: "new", login: "tom", name: "Tom" },
        company: "C",
        contract: "N",
        purpose: "P",
        fromMs: world.nowMs,
        toMs: world.nowMs + DAY_MS,
        networks: ["192.0.2.0/24"],
        targetIds: [machine.targets[0]?.targetId ?? ""],
        accountIds: [accountId],
        policyId,
        needsGuardian: false,
      },
    });
    const approver = { ...(await world.addPerson("A")), roles: ["approver"] as const };
    const params = { passId: pass.passId };
    await world.call(approver, decideVendorPass, { params, body: { isApproval: true } });
    const now = await judge(world);
    assert.deepEqual(
      [now("R59–R63").state, now("R64, R66").state, now("R65").state, now("R67").state],
      ["partly", "met", "partly", "partly"],
    );
    assert.match(said(now("R64, R66")), /dont sans gardien : 1/);
    assert.match(said(now("R69")), /Aucun serveur de messagerie/);
    const mail = { ...settingsSchema.parse({}).mail, host: "smtp.example", sender: "a@example.org" };
    const told = await judge(world, { settings: { mail } });
    assert.match(said(told("R69")), /par courriel \(smtp\.example\)/);
    world.nowMs += DAY_MS;
    assert.match(said((await judge(world))("R64, R66")), /ouverts : 0/);
  } finally {
    await world.close();
  }
});

test("evidence from the journal: the last of each kind, what went badly, and what never was", async () => {
  const world = await TestWorld.open();
  try {
    const of = (rule: ComplianceRule, fr: string) => rule.proofs.find(({ what }) => what.fr === fr);
    const before = await judge(world);
    assert.equal(before("R45").state, "not-met");
    assert.match(said(before("R45")), /poterne backup : jamais/);
    assert.deepEqual(
      before("R45").proofs.map(({ atMs, entryId }) => [atMs, entryId]),
      [
        [null, null],
        [null, null],
      ],
    );
    const { nowMs } = world;
    const { db } = world.dependencies.store;
    const nothing = { person_id: null, target_id: null, machine_id: null, site_id: null, grant_id: null };
    let sequence = 0;
    const add = async (kind: string, atMs: number, details: object, level = "info") => {
      const id = `01900000-0000-7000-8000-${String(++sequence).padStart(12, "0")}`;
      const place = { node_id: world.id(), epoch: 1, sequence, hash: "", noun: "", search_text: "" };
      const who = { actor_person_id: null, actor_name: "", source_address: "", session_id: null };
      const entry = { id, at_ms: atMs, kind, level, details: JSON.stringify(details) };
      await db
        .insertInto("journal_entry")
        .values({ ...nothing, ...place, ...who, ...entry })
        .execute();
      return id;
    };
    const withFactor = await add("sign-in.succeeded", nowMs - 5, { hasFactor: true });
    await add("sign-in.succeeded", nowMs - 4, { hasFactor: false });
    await add("recording.verified", nowMs - 9, { verdict: "complete" });
    const altered = await add("recording.verified", nowMs - 3, { verdict: "altered" }, "alarm");
    // What the commands did, by way of the store.
    const clock = { now: () => nowMs - 2 * DAY_MS, randomBytes: world.dependencies.environment.randomBytes };
    const note = (kind: "backup.made" | "backup.tested", isGood: boolean) =>
      noteProof(world.dependencies.store, clock, { kind, isGood, details: { file: "nuit.backup" } });
    assert.ok(await note("backup.made", true));
    assert.ok(await note("backup.tested", false));
    await Promise.all([journalProofs(world.dependencies), journalProofs(world.dependencies)]);
    const noted = world.journal
      .filter(({ kind }) => kind.startsWith("backup."))
      .sort((a, b) => a.kind.localeCompare(b.kind));
    assert.deepEqual(
      noted.map(({ kind, level, details }) => [kind, level, details?.doneAtMs]),
      [
        ["backup.made", "notice", nowMs - 2 * DAY_MS],
        ["backup.tested", "alarm", nowMs - 2 * DAY_MS],
      ],
    );
    for (const { kind, level, details } of noted) await add(kind, nowMs, details ?? {}, level);

    const now = await judge(world);
    assert.deepEqual(of(now("R33, R36, R37"), "Dernière connexion avec un second facteur"), {
      what: PROOFS["sign-in-with-factor"].what,
      atMs: nowMs - 5,
      entryId: withFactor,
      isGood: true,
    });
    const verified = of(now("R69"), "Dernier enregistrement vérifié");
    assert.deepEqual([verified?.entryId, verified?.isGood], [altered, false]);
    const [made, tried] = now("R45").proofs;
    assert.deepEqual([made?.atMs, made?.isGood, tried?.isGood], [nowMs - 2 * DAY_MS, true, false]);
    assert.equal(now("R45").state, "partly", "made, and not restored");
    assert.match(said(now("R45")), /poterne backup : il y a 2 j ; .*restore-test : jamais/);
    await add("backup.tested", nowMs, { isGood: true, doneAtMs: nowMs - DAY_MS });
    assert.equal((await judge(world))("R45").state, "met");
    world.nowMs += 8 * DAY_MS;
    assert.equal((await judge(world))("R45").state, "partly", "the backup is too old");
  } finally {
    await world.close();
  }
});

test("every rule of the texts is there once, and what was not recovered is claimed by nobody", async () => {
  const world = await TestWorld.open();
  try {
    const rules = judgeAll(await judgeFacts(world));
    const numbersOf = (source: string) =>
      rules
        .filter((rule) => rule.source === source)
        .flatMap(({ number }) => number.split(", "))
        .flatMap((part) => {
          const [from, to] = part.split("–").map((text) => Number(text.replace("R", "")));
          return Array.from(
            { length: (to ?? from ?? 0) - (from ?? 0) + 1 },
            (_, index) => (from ?? 0) + index,
          );
        })
        .sort((a, b) => a - b);
    const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
    assert.deepEqual(numbersOf("anssi-pa-022"), upTo(71));
    assert.deepEqual(numbersOf("anssi-logging"), upTo(31));
    assert.deepEqual(numbersOf("anssi-remote-assistance"), upTo(12));
    for (const source of ["cnrs", "pgssi-s", "recyf"])
      assert.deepEqual(
        rules.filter((rule) => rule.source === source).map(({ state }) => state),
        ["not-recovered"],
      );
    for (const rule of rules)
      assert.equal(
        rule.evidence.length === 0,
        rule.state === "not-recovered",
        `${rule.source} ${rule.number}`,
      );
  } finally {
    await world.close();
  }
});

async function walk(world: TestWorld): Promise<void> {
  const { admin, dependencies } = world;
  const { db } = dependencies.store;
  const anne = await world.addPerson("Anne");
  const site = await world.call(admin, createSite, { body: { name: "Nord", parentId: null } });
  await world.call(admin, createMachine, {
    body: { name: "srv", siteId: site.siteId, addresses: ["srv"], targets: [{ protocol: "ssh" }] },
  });
  let rule = await judge(world);
  assert.equal(rule("R1, R2").state, "not-met", "no charter");
  assert.equal(rule("R33, R36, R37").state, "partly", "Anne has no factor yet");
  assert.match(said(rule("R33, R36, R37")), /avant d'entrer : 1 sur 1/);
  assert.equal(rule("R24").state, "met");
  assert.equal(rule("R46, R47").state, "not-met");
  assert.match(said(rule("R69")), /exigent l'enregistrement.*Sans approbation/);
  assert.equal(rule("R28").state, "not-applicable", "no directory");
  assert.equal(rule("R11").state, "not-met", "from anywhere");
  assert.equal((await judge(world, { isFactorRequired: false }))("R33, R36, R37").state, "not-met");
  const rules = new FactorRuleStore(dependencies.store);
  const laxRule = { moment: "sign-in" as const, name: "Bureau", isEnabled: true, groupIds: [], networks: [] };
  await rules.replace(0, [{ ...laxRule, demand: "never" }]);
  assert.match(said((await judge(world))("R33, R36, R37")), /dispensent du second facteur.*Bureau/);
  await rules.replace(1, [{ ...laxRule, demand: "remembered" }]);
  assert.doesNotMatch(said((await judge(world))("R33, R36, R37")), /mémorisé/, "the setting rules it out");
  const { signIn, ...others } = settingsSchema.parse({});
  const remembering = { settings: { ...others, signIn: { ...signIn, rememberedDeviceDays: 7 } } };
  assert.match(said((await judge(world, remembering))("R33, R36, R37")), /navigateur mémorisé.*Bureau/);
  await rules.replace(2, []);

  await world.call(admin, createMachine, {
    body: { name: "switch", siteId: site.siteId, addresses: ["switch"], targets: [{ protocol: "telnet" }] },
  });
  const policy = await world.call(admin, createPolicy, {
    body: { name: "Souple", rules: { recording: "should", filesToTarget: true } },
  });
  assert.match(
    said((await judge(world))("R69")),
    /exigent l'enregistrement/,
    "a policy nobody uses does not count",
  );
  const account = await world.call(admin, createAccount, {
    body: { name: "root", kind: "ask", username: "root" },
  });
  const grant = await world.call(admin, createGrant, {
    body: {
      personId: anne.personId,
      siteIds: [site.siteId],
      accountIds: [account.accountId],
      policyId: policy.policyId,
    },
  });
  await db
    .insertInto("charter")
    .values({ version: 1, text_fr: "Charte", text_en: "Charter", created_at_ms: 1, created_by_name: "A" })
    .execute();
  await db
    .insertInto("credential_totp")
    .values({
      id: world.id(),
      person_id: anne.personId,
      name: "téléphone",
      envelope: new Uint8Array(1),
      is_confirmed: 1,
      last_step: 0,
      created_at_ms: 1,
      last_used_at_ms: null,
    })
    .execute();
  rule = await judge(world, { settings: { syslog: { address: "siem.lab:6514", caFile: "" } } });
  assert.equal(rule("R1, R2").state, "partly", "published, not accepted");
  assert.equal(rule("R33, R36, R37").state, "met");
  assert.match(said(rule("R24")), /Telnet : 1,/);
  assert.equal(rule("R46, R47").state, "met");
  assert.match(said(rule("R69")), /Souple/);
  assert.equal(rule("R52–R58").state, "partly");
  assert.equal(rule("R38, R39, R40").state, "partly", "a grant to one person");
  assert.equal(rule("R31, R32").state, "partly", "a grant without an end");

  await db.updateTable("person").set({ charter_version: 1 }).where("id", "=", anne.personId).execute();
  await world.call(admin, updateGrant, {
    params: { grantId: grant.grantId },
    body: { version: grant.version, validToMs: world.nowMs + DAY_MS },
  });
  rule = await judge(world);
  assert.equal(rule("R1, R2").state, "met");
  assert.equal(rule("R31, R32").state, "met");
}

test("what was not recovered is listed and judged by nobody; what it says of itself is in both languages", async () => {
  const world = await TestWorld.open();
  try {
    const rule = await judge(world);
    for (const number of ["R7", "R8", "R9", "R10", "R12"]) {
      const { state, evidence, source } = rule(number);
      assert.deepEqual([source, state, evidence], ["anssi-remote-assistance", "not-recovered", []]);
    }
    for (const { fr, en } of rule("R46, R47").evidence) assert.notEqual(fr, en);
  } finally {
    await world.close();
  }
});

test("directories, source addresses, approvals and remote desktops count as they are set", async () => {
  const world = await TestWorld.open();
  const { admin, dependencies } = world;
  try {
    const site = await world.call(admin, createSite, { body: { name: "Nord", parentId: null } });
    const machine = { siteId: site.siteId, targets: [{ protocol: "rdp" as const }] };
    await world.call(admin, createMachine, {
      body: { ...machine, name: "named", addresses: ["pc.lab.test"] },
    });
    await world.call(admin, createMachine, { body: { ...machine, name: "bare", addresses: ["192.0.2.7"] } });
    const provider = (security: string) => ({
      id: world.id(),
      kind: "ldap" as const,
      name: security,
      position: 1,
      is_enabled: 1,
      config: JSON.stringify({ security }),
      envelope: null,
      revision: 1,
      created_at_ms: 1,
    });
    await dependencies.store.db
      .insertInto("identity_provider")
      .values([provider("ldaps"), provider("plain")])
      .execute();
    const { signIn } = settingsSchema.parse({ signIn: { allowedSources: ["10.0.0.0/8"] } });
    const rule = await judge(world, { settings: { signIn } });
    assert.equal(rule("R28").state, "not-met");
    assert.match(said(rule("R28")), /1 sur 2/);
    assert.equal(rule("R11").state, "met");
    const facts = await judgeFacts(world);
    assert.deepEqual(
      [facts.targets.rdp, facts.targets.rdpWithoutName, facts.targets.rdpWithoutKerberos],
      [2, 1, 0],
    );
  } finally {
    await world.close();
  }
});
