import assert from "node:assert/strict";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import pg from "pg";
import { postgresqlUrl } from "../../packages/gateway/src/store/testing/test-stores.ts";
import { poterne } from "../support/commands.ts";
import { openSession, startDemo } from "../support/demo.ts";
import { startLab } from "../support/lab.ts";
import { HeadlessViewer } from "../support/viewer.ts";

const folder = mkdtempSync(path.join(tmpdir(), "poterne-backup-"));
const file = path.join(folder, "poterne.backup");
const database = `poterne_restore_${process.pid}`;
let sessionId = "";
/** A drive that a policy kept, with names no archive of old times can hold. */
const KEPT = ["drives/kept/person/target/Été à l'atelier", `n° 1 ${"long ".repeat(30)}.txt`] as const;
const CONTENT = "gardé d'une session à l'autre";

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresqlUrl() });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

before(async () => {
  startLab("sshd", "telnet", "vnc");
  const { api, gateway, targets } = await startDemo([], path.join(folder, "first"));
  sessionId = await openSession(api, targets.ssh);
  const viewer = await HeadlessViewer.attach(api, sessionId);
  await viewer.untilOpen();
  viewer.type("echo backed-$((40+2))-up\r");
  await viewer.until("the answer", ({ text }) => text.includes("backed-42-up"));
  viewer.control({ type: "end" });
  await viewer.until("the end", ({ closed }) => closed !== null);
  await gateway.stop({ keepData: true });
  const drive = path.join(folder, "first", KEPT[0]);
  mkdirSync(path.join(drive, "vide"), { recursive: true });
  writeFileSync(path.join(drive, KEPT[1]), CONTENT);
  utimesSync(path.join(drive, KEPT[1]), 1_000_000, 1_000_000);
  // A session that goes on has a drive too: it is no backup's matter.
  mkdirSync(path.join(folder, "first/drives/live/session"), { recursive: true });
});
after(async () => {
  await administer(`drop database if exists ${database} with (force)`);
  rmSync(folder, { recursive: true, force: true });
});

test("a backup is one file, closed to others, and refuses to write over another", () => {
  const made = poterne("backup", file, "--lang", "en", "--data", path.join(folder, "first"));
  assert.equal(made.status, 0, made.output);
  assert.match(made.output, /recordings and drives included/);
  assert.ok(existsSync(file));
  assert.notEqual(poterne("backup", file, "--data", path.join(folder, "first")).status, 0);
});

test("a restore refuses a data folder that is not empty", () => {
  const refused = poterne("restore", file, "--lang", "en", "--data", path.join(folder, "first"));
  assert.equal(refused.status, 2);
  assert.match(refused.output, /not empty/);
});

test("a restore can be tried: a whole backup is good, one that is cut is bad, and nothing stays behind", () => {
  const scratches = () => globSync(path.join(tmpdir(), "poterne-restore-test-*"));
  const own = ["--lang", "en", "--data", path.join(folder, "first")];
  const good = poterne("restore-test", file, ...own);
  assert.equal(good.status, 0, good.output);
  assert.match(good.output, /[1-9]\d* rows read back, journal intact — good\./);
  const cut = path.join(folder, "cut.backup");
  writeFileSync(cut, readFileSync(file).subarray(0, -2000));
  const bad = poterne("restore-test", cut, ...own);
  assert.equal(bad.status, 1, bad.output);
  assert.match(bad.output, /BAD/);
  assert.deepEqual(scratches(), []);
  const store = new DatabaseSync(path.join(folder, "first", "store.sqlite"));
  const noted = store.prepare("select kind, is_good from proof_note order by id").all();
  store.close();
  assert.deepEqual(
    noted.map(({ kind, is_good }) => [kind, is_good]),
    [
      ["backup.made", 1],
      ["backup.tested", 1],
      ["backup.tested", 0],
    ],
  );
});

test("a damaged backup is refused in words", () => {
  const damaged = poterne("restore", path.join(projectFile()), "--data", path.join(folder, "damaged"));
  assert.notEqual(damaged.status, 0);
});

for (const engine of ["sqlite", "postgresql"] as const) {
  test(`restored on ${engine}, everything works: vault, recordings, journal`, async () => {
    const data = path.join(folder, engine);
    const options: string[] = [];
    if (engine === "postgresql") {
      await administer(`create database ${database}`);
      const url = new URL(postgresqlUrl());
      url.pathname = `/${database}`;
      options.push("--set", "store.engine=postgresql", "--set", `store.url=${url}`);
    }
    const restored = poterne("restore", file, "--data", data, ...options);
    assert.equal(restored.status, 0, restored.output);
    const kept = path.join(data, KEPT[0]);
    assert.deepEqual(readdirSync(kept).sort(), [KEPT[1], "vide"].sort());
    assert.equal(readFileSync(path.join(kept, KEPT[1]), "utf8"), CONTENT);
    assert.equal(statSync(path.join(kept, KEPT[1])).mtimeMs, 1_000_000_000);
    assert.equal(statSync(path.join(kept, KEPT[1])).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(path.join(data, "drives")), ["kept"]);
    const { api, gateway, targets } = await startDemo(options, data);
    try {
      const again = await openSession(api, targets.ssh);
      const viewer = await HeadlessViewer.attach(api, again);
      await viewer.untilOpen();
      viewer.control({ type: "end" });
      const listed = await api.must<{ sessionId: string }>("GET", `/api/v1/recordings/${sessionId}`);
      assert.equal(listed.sessionId, sessionId);
      const frames = await api.send("GET", `/api/v1/recordings/${sessionId}/frames?fromMs=0`, null, "");
      assert.equal(frames.status, 200);
      assert.match(frames.bytes.toString("utf8"), /backed-42-up/);
    } finally {
      await gateway.stop({ keepData: true });
    }
    const [recording = ""] = globSync(path.join(data, `recordings/**/*${sessionId}*`));
    const verified = poterne("verify", recording, "--data", data, "--lang", "en");
    assert.match(verified.output, /Complete/);
    const journal = poterne("verify-journal", "--data", data, "--lang", "en");
    assert.match(journal.output, /Intact/, journal.output);
  });
}

function projectFile(): string {
  return new URL("../../package.json", import.meta.url).pathname;
}
