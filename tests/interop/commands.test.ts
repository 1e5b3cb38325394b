import assert from "node:assert/strict";
import { once } from "node:events";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { poterne } from "../support/commands.ts";
import { openSession, startDemo } from "../support/demo.ts";
import { TestGateway } from "../support/gateway.ts";
import { startLab } from "../support/lab.ts";
import { HeadlessViewer } from "../support/viewer.ts";

const dataDir = mkdtempSync(path.join(tmpdir(), "poterne-commands-"));
before(async () => {
  startLab("sshd", "telnet", "vnc");
  const { gateway } = await startDemo([], dataDir);
  await gateway.stop({ keepData: true });
});
after(() => rmSync(dataDir, { recursive: true, force: true }));

test("doctor finds a healthy gateway healthy, names a silent target, and speaks both languages", () => {
  const healthy = poterne(
    "doctor",
    "--data",
    dataDir,
    "--lang",
    "fr",
    "127.0.0.1:2201",
    "--set",
    "recording.freeSpaceAlarmBytes=0",
  );
  assert.equal(healthy.status, 0, healthy.output);
  assert.match(healthy.output, /Le certificat expire dans \d+ jours/);
  const sick = poterne("doctor", "--data", dataDir, "--lang", "en", "127.0.0.1:1", "no-such-name.invalid:22");
  assert.equal(sick.status, 1);
  assert.match(sick.output, /127\.0\.0\.1:1 refuses/);
  assert.match(sick.output, /name the DNS does not know/);
});

test("config explain says where each value comes from", () => {
  const { output, status } = poterne("config", "explain", "--port", "9999", "--lang", "en");
  assert.equal(status, 0);
  assert.match(output, /port\s+9999\s+\(option\)/);
  assert.match(output, /host\s+localhost\s+\(default\)/);
});

test("a wrong option is refused in words, with exit code 2", () => {
  for (const words of [
    ["serve", "--prot", "1"],
    ["serve", "--set", "port=99999999"],
    ["verify"],
    ["no-such-command"],
  ]) {
    assert.equal(poterne(...words).status, 2, words.join(" "));
  }
});

test("rotate-keys wraps every secret anew, and sessions open afterwards", async () => {
  const rotated = poterne("rotate-keys", "--data", dataDir, "--lang", "en");
  assert.equal(rotated.status, 0, rotated.output);
  assert.match(rotated.output, /4 secrets and 0 recordings wrapped anew/);
  const { api, gateway, targets } = await startDemo([], dataDir);
  try {
    const viewer = await HeadlessViewer.attach(api, await openSession(api, targets.ssh));
    await viewer.untilOpen();
  } finally {
    await gateway.stop({ keepData: true });
  }
  assert.match(poterne("verify-journal", "--data", dataDir, "--lang", "en").output, /Intact/);
});

test("reset-admin prints a link for the only administrator", () => {
  const { output, status } = poterne("reset-admin", "--data", dataDir);
  assert.equal(status, 0, output);
  assert.match(output, /demo: https:\S+#link=/);
});

test("retention deletes nothing and says what would go", () => {
  const { output, status } = poterne("retention", "--data", dataDir, "--days", "1000", "--lang", "en");
  assert.equal(status, 0, output);
  assert.match(output, /would be deleted/);
});

test("upgrade of an empty store makes no backup of nothing, and then finds it up to date", () => {
  const empty = path.join(dataDir, "empty");
  const first = poterne("upgrade", "--data", empty, "--lang", "en");
  assert.equal(first.status, 0, first.output);
  assert.match(first.output, /the store was empty, nothing to back up/);
  assert.equal(globSync(path.join(empty, "*.backup")).length, 0);
  assert.match(poterne("upgrade", "--data", empty, "--lang", "fr").output, /La base est à jour/);
});

test("commands speak French unless the terminal speaks English, and count as a person does", () => {
  assert.match(
    poterne("verify-journal", "--data", dataDir, "--lang", "en").output,
    /\d+ entries in 1 segment\./,
  );
  assert.match(
    poterne("verify-journal", "--data", dataDir, "--lang", "fr").output,
    /\d+ entrées en 1 segment\./,
  );
  assert.match(poterne("help", "--lang", "fr").output, /doctor .* vérifier horloge/);
  assert.match(poterne("config", "explain", "--lang", "fr").output, /\(défaut\)/);
  assert.match(
    poterne("restore", "no-such-file", "--data", dataDir, "--lang", "fr").output,
    /sauvegarde existante/,
  );
  assert.match(
    poterne("retention", "--data", dataDir, "--lang", "en").output,
    /0 recordings would be deleted \(0\.0 MB\); 0 are on legal hold\./,
  );
});

test("a terminal that closes stops the gateway as cleanly as SIGTERM does", async () => {
  const gateway = await TestGateway.start([], path.join(dataDir, "closed"));
  const exited = once(gateway.child, "exit");
  gateway.child.kill("SIGHUP");
  assert.deepEqual(await exited, [0, null]);
  assert.match(gateway.log, /Stopping: sessions end/);
});
