import assert from "node:assert/strict";
import { existsSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
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
});
after(async () => {
  await administer(`drop database if exists ${database} with (force)`);
  rmSync(folder, { recursive: true, force: true });
});

test("a backup is one file, closed to others, and refuses to write over another", () => {
  const made = poterne("backup", file, "--lang", "en", "--data", path.join(folder, "first"));
  assert.equal(made.status, 0, made.output);
  assert.match(made.output, /recordings included/);
  assert.ok(existsSync(file));
  assert.notEqual(poterne("backup", file, "--data", path.join(folder, "first")).status, 0);
});

test("a restore refuses a data folder that is not empty", () => {
  const refused = poterne("restore", file, "--lang", "en", "--data", path.join(folder, "first"));
  assert.equal(refused.status, 2);
  assert.match(refused.output, /not empty/);
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
