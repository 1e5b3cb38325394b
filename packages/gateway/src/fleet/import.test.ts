import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  createSite,
  exportMachines,
  importMachines,
  listMachines,
  listSites,
  MAX_IMPORT_BYTES,
  updateMachine,
} from "@poterne/contract";
import { isFailure, type TestCaller, TestWorld } from "../access/testing/test-world.ts";

describe("import and export of machines", () => {
  let world: TestWorld;
  let admin: TestCaller;
  before(async () => {
    world = await TestWorld.open();
    admin = world.admin;
  });
  after(() => world.close());

  function load(
    text: string | Uint8Array,
    query: { dryRun?: "true" | "false"; createSites?: "true" | "false" } = {},
  ) {
    return loadAs(admin, text, query);
  }

  function loadAs(caller: TestCaller, text: string | Uint8Array, query: object = {}) {
    return world.call(caller, importMachines, {
      query: { dryRun: "false", ...query },
      rawBody: Buffer.from(text),
    });
  }

  async function save(separator: "," | ";" = ","): Promise<string> {
    const stream = (await world.call(admin, exportMachines, {
      query: { separator },
    })) as AsyncIterable<Uint8Array>;
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return Buffer.concat(chunks).toString("utf8");
  }

  test("a French spreadsheet's file makes sites, machines and targets; a dry run only says so", async () => {
    const file = [
      "Site;Machine;Adresses;Cible;Protocole;Port;Remarques;fact:Salle",
      'SDIS / Nord;srv-é;10.0.0.1 srv.example.org;SSH;ssh;2222;"deux\nlignes";B2',
      'SDIS / Nord;srv-é;10.0.0.1 srv.example.org;Écran;vnc;;"deux\nlignes";B2',
      "SDIS / Sud;commutateur;10.0.1.1;;telnet;;;",
    ].join("\r\n");
    const dry = await load(Buffer.from(file, "latin1"), { dryRun: "true" });
    assert.deepEqual(
      [dry.isApplied, dry.sitesCreated, dry.machinesCreated, dry.targetsCreated],
      [false, 3, 2, 3],
    );
    assert.equal((await world.call(admin, listSites)).total, 0);
    const real = await load(Buffer.from(file, "latin1"));
    assert.deepEqual([real.isApplied, real.separator, real.errorCount], [true, ";", 0]);
    const { items } = await world.call(admin, listMachines, { query: { search: "srv" } });
    assert.deepEqual(items[0]?.sitePath, ["SDIS", "Nord"]);
    assert.deepEqual(items[0]?.addresses, ["10.0.0.1", "srv.example.org"]);
    assert.equal(items[0]?.facts.Salle, "B2");
    assert.deepEqual(
      items[0]?.targets.map((target) => [target.name, target.port]),
      [
        ["Écran", 5900],
        ["SSH", 2222],
      ],
    );
    assert.equal(world.journal.at(-1)?.kind, "inventory.imported");
  });

  test("what was exported changes nothing when imported again", async () => {
    for (const separator of [",", ";"] as const) {
      const report = await load(await save(separator));
      assert.deepEqual(
        [
          report.errorCount,
          report.machinesCreated,
          report.machinesChanged,
          report.targetsCreated,
          report.targetsChanged,
        ],
        [0, 0, 0, 0, 0],
      );
      assert.equal(report.unchangedLines, report.lineCount);
    }
  });

  test("formulas leave as text and come back as they were", async () => {
    const { items } = await world.call(admin, listMachines, { query: { search: "commutateur" } });
    const machine = items[0];
    const params = { machineId: machine?.machineId ?? "" };
    const notes = '=HYPERLINK("http://evil","x")';
    await world.call(admin, updateMachine, { params, body: { version: machine?.version ?? 0, notes } });
    const text = await save(";");
    assert.ok(text.includes("\"'=HYPERLINK("));
    assert.equal((await load(text)).machinesChanged, 0);
  });

  test("every wrong line is told with its column; then nothing at all is written", async () => {
    const before = (await world.call(admin, listMachines)).total;
    const file = [
      "site,machine,addresses,target,protocol,port,machine_disabled,options",
      "SDIS / Nord,good,10.0.0.5,SSH,ssh,22,no,",
      "SDIS / Nord,,10.0.0.5,SSH,ssh,22,no,",
      "SDIS / Nord,bad,10.0.0.5,SSH,gopher,22,no,",
      "SDIS / Nord,bad2,not an address!,SSH,ssh,22,no,",
      "SDIS / Nord,bad3,10.0.0.5,SSH,ssh,99999,no,",
      "SDIS / Nord,bad4,10.0.0.5,SSH,ssh,22,perhaps,",
      "too,few",
      "SDIS / Nord,good,10.0.0.6,VNC,vnc,,no,",
      "SDIS / Nord,good,10.0.0.5,SSH,ssh,22,no,",
      "SDIS / Nord,bad5,10.0.0.5,SSH,ssh,22,no,{oops",
      'SDIS / Nord,bad6,10.0.0.5,SW,telnet,23,no,"{""loginPrompt"":""(a+)+""}"',
      "SDIS / Nord,bad7,,SSH,ssh,22,no,",
    ].join("\n");
    const report = await load(file);
    assert.equal(report.isApplied, false);
    assert.deepEqual(
      report.errors.map((error) => [error.line, error.column, error.code]),
      [
        [3, "machine", "import-value-missing"],
        [4, "protocol", "import-value-wrong"],
        [5, "addresses", "import-value-wrong"],
        [6, "port", "import-value-wrong"],
        [7, "machine_disabled", "import-value-wrong"],
        [8, "", "import-column-count"],
        [9, "machine", "import-machine-differs"],
        [10, "target", "import-target-twice"],
        [11, "options", "import-value-wrong"],
        [12, "options", "bad-prompt-pattern"],
        [13, "addresses", "import-value-missing"],
      ],
    );
    assert.equal((await world.call(admin, listMachines)).total, before);
  });

  test("a column nobody knows is told by its name, and nothing is written", async () => {
    const before = (await world.call(admin, listMachines)).total;
    const report = await load("site;machine;addresses;Disabled;Étage\nSDIS / Nord;odd;10.0.0.9;yes;2");
    assert.deepEqual([report.isApplied, report.errorCount], [false, 2]);
    assert.deepEqual(
      report.errors.map((error) => [error.line, error.column, error.code]),
      [
        [1, "Disabled", "import-column-unknown"],
        [1, "Étage", "import-column-unknown"],
      ],
    );
    assert.equal((await world.call(admin, listMachines)).total, before);
  });

  test("a column without a name may stand there only while it is empty", async () => {
    const head = "site;machine;addresses;";
    assert.equal((await load(`${head}\nSDIS / Nord;spare;10.0.0.9;`, { dryRun: "true" })).errorCount, 0);
    const { errors } = await load(`${head}\nSDIS / Nord;spare;10.0.0.9;lost`);
    assert.deepEqual(
      errors.map((error) => [error.line, error.code, error.value]),
      [[2, "import-column-unknown", "lost"]],
    );
  });

  test("levels of a site part at a slash with or without spaces; a doubled slash belongs to the name", async () => {
    const head = "site,machine,addresses";
    const tight = await load(
      `${head}\nSDIS/Nord,slash1,h1\nSDIS /Nord/ Eau//Gaz,slash2,h2\nSDIS/A // B,slash3,h3`,
    );
    assert.deepEqual([tight.errorCount, tight.sitesCreated, tight.machinesCreated], [0, 2, 3]);
    const { items } = await world.call(admin, listMachines, { query: { search: "slash" } });
    assert.deepEqual(
      items.map((machine) => machine.sitePath),
      [
        ["SDIS", "Nord"],
        ["SDIS", "Nord", "Eau/Gaz"],
        ["SDIS", "A / B"],
      ],
    );
    const again = await load(await save());
    assert.deepEqual([again.errorCount, again.sitesCreated, again.machinesCreated], [0, 0, 0]);
  });

  test("a file without header, with an open quote or too large is refused as a whole", async () => {
    await assert.rejects(load("a,b\n1,2"), isFailure("import-unreadable"));
    await assert.rejects(load(""), isFailure("import-unreadable"));
    await assert.rejects(load('site,machine\n"open'), isFailure("import-unreadable"));
    await assert.rejects(load(Buffer.alloc(MAX_IMPORT_BYTES + 1, 65)), isFailure("import-unreadable"));
  });

  test("a delegate imports below its site only, and creates no site at the top", async () => {
    const own = await world.call(admin, createSite, { body: { name: "Délégué", parentId: null } });
    const delegate = world.delegate(own.siteId);
    const lines = (...sites: string[]) =>
      ["site,machine,addresses", ...sites.map((site, index) => `${site},d${index},h${index}`)].join("\n");
    const bad = await loadAs(delegate, lines("Délégué", "SDIS / Nord", "Nouveau", "SDIS / Nord / Neuf"));
    assert.deepEqual(
      bad.errors.map((error) => [error.line, error.code]),
      [
        [3, "import-site-unknown"],
        [4, "import-site-unknown"],
        [5, "import-site-unknown"],
      ],
    );
    const good = await loadAs(delegate, lines("Délégué", "Délégué / Neuf"));
    assert.deepEqual([good.isApplied, good.sitesCreated, good.machinesCreated], [true, 1, 2]);
    const none = await loadAs(delegate, lines("Délégué / Autre"), { createSites: "false" });
    assert.equal(none.errors[0]?.code, "import-site-unknown");
  });
});
