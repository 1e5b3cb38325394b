import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { decodeKeyWrapsFile } from "@poterne/recording";
import { verifyJournal } from "../../packages/gateway/src/journal/journal-verify.ts";
import { unwrapForAuditor } from "../../packages/gateway/src/keeper/recording-keys.ts";
import { parsePublicKeys } from "../../packages/gateway/src/keeper/signing-keys.ts";
import type { RotationReport } from "../../packages/gateway/src/vault/rotate-master-key.ts";
import { projectRoot } from "../support/lab.ts";

const RECORDING_COUNT = 6;
const DIE_AFTER = 3;
const rotator = path.join(projectRoot, "packages/gateway/src/recording/testing/key-rotator.ts");
const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface Played {
  readonly sessionId: string;
  readonly verdict: string;
  readonly text: string | null;
}

/** Runs one act of the helper process on a folder and returns what it told. */
function run<T>(folder: string, ...words: string[]): { told: T[]; signal: NodeJS.Signals | null } {
  const options = ["--disable-warning=ExperimentalWarning", rotator, folder, ...words];
  const { stdout, stderr, signal, status } = spawnSync(process.execPath, options, { encoding: "utf8" });
  assert.ok(signal === "SIGKILL" || status === 0, stderr);
  const told = stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);
  return { told, signal };
}

function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "poterne-rotate-"));
  folders.push(folder);
  return folder;
}

const wrapFiles = (folder: string) => globSync(path.join(folder, "recordings/**/*.ptnr.keys"));
const masterKeyIds = (folder: string) =>
  (
    JSON.parse(readFileSync(path.join(folder, "keys/master-keys.json"), "utf8")) as { keys: { id: string }[] }
  ).keys.map(({ id }) => id);

function assertAllPlay(folder: string): Played[] {
  const { told } = run<Played>(folder, "play");
  assert.equal(told.length, RECORDING_COUNT + 1);
  const texts = told.map(({ text }) => text).sort();
  assert.deepEqual(
    texts,
    Array.from({ length: RECORDING_COUNT + 1 }, (_, number) => `recording ${number}`),
  );
  const verdicts = told.map(({ verdict }) => verdict).sort();
  assert.deepEqual(verdicts, [...Array<string>(RECORDING_COUNT).fill("complete"), "sealed"]);
  return told;
}

test("a rotation killed in the middle goes on at the next run; then the old master key is gone and everything plays", async () => {
  const folder = newFolder();
  assert.equal(run(folder, "record", String(RECORDING_COUNT)).signal, "SIGKILL");
  const [oldKeyId = ""] = masterKeyIds(folder);
  const auditor = generateKeyPairSync("x25519");
  mkdirSync(path.join(folder, "keys/auditors"));
  const pem = auditor.publicKey.export({ type: "spki", format: "pem" });
  writeFileSync(path.join(folder, "keys/auditors/claire.pub"), pem);

  assert.equal(run(folder, "rotate", String(DIE_AFTER)).signal, "SIGKILL");
  assert.equal(wrapFiles(folder).length, DIE_AFTER);
  assert.deepEqual(masterKeyIds(folder).slice(1), [oldKeyId]);

  const [finished] = run<{ report: RotationReport }>(folder, "rotate").told;
  assert.equal(finished?.report.recordingCount, RECORDING_COUNT + 1 - DIE_AFTER);
  assert.equal(finished?.report.unchangedCount, DIE_AFTER);
  assert.deepEqual(finished?.report.retiredKeyIds, [oldKeyId]);
  assert.equal(masterKeyIds(folder).length, 1);
  assert.ok(!masterKeyIds(folder).includes(oldKeyId));
  const played = assertAllPlay(folder);

  // The auditor's key opens recordings made before it was there.
  for (const file of wrapFiles(folder)) {
    const { sessionId, wraps } = decodeKeyWrapsFile(readFileSync(file));
    const wrap = wraps.find(({ recipient }) => recipient === "x25519:claire");
    assert.ok(wrap !== undefined);
    assert.equal(unwrapForAuditor(sessionId, wrap, auditor.privateKey).length, 32);
  }

  // A second rotation replaces what the first one put beside the files.
  const [again] = run<{ report: RotationReport }>(folder, "rotate").told;
  assert.equal(again?.report.recordingCount, RECORDING_COUNT + 1);
  assertAllPlay(folder);

  run(folder, "delete", played[0]?.sessionId ?? "");
  assert.equal(globSync(path.join(folder, `recordings/**/${played[0]?.sessionId}*`)).length, 0);
  const keys = parsePublicKeys(readFileSync(path.join(folder, "keys/public-keys.json"), "utf8"));
  assert.ok((await verifyJournal(path.join(folder, "journal"), keys)).isIntact);
});

test("as long as a recording's file is away, the old key stays; a spoilt file of wraps falls back on the header", () => {
  const folder = newFolder();
  run(folder, "record", "1");
  const [file = ""] = globSync(path.join(folder, "recordings/**/*.ptnr"));
  renameSync(file, `${file}.away`);
  const [first] = run<{ report: RotationReport }>(folder, "rotate").told;
  assert.equal(first?.report.failed.length, 1);
  assert.deepEqual(first?.report.retiredKeyIds, []);
  assert.equal(masterKeyIds(folder).length, 2);
  renameSync(`${file}.away`, file);
  for (const spoilt of wrapFiles(folder)) writeFileSync(spoilt, "not JSON");
  const [second] = run<{ report: RotationReport }>(folder, "rotate").told;
  assert.equal(second?.report.recordingCount, 2);
  assert.equal(second?.report.retiredKeyIds.length, 1);
  const { told } = run<Played>(folder, "play");
  assert.deepEqual(told.map(({ text }) => text).sort(), ["recording 0", "recording 1"]);
});

test("another recording's wraps, put beside a file, open nothing and break nothing", () => {
  const folder = newFolder();
  run(folder, "record", "2");
  run(folder, "rotate");
  const [one = "", two = ""] = wrapFiles(folder);
  writeFileSync(two, readFileSync(one));
  const { told } = run<Played>(folder, "play");
  const hurt = told.filter(({ text }) => text === null);
  assert.deepEqual(
    hurt.map(({ sessionId }) => sessionId),
    [path.basename(two, ".ptnr.keys")],
  );
});
