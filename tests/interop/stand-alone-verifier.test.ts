import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { concatBytes, toHex } from "../../packages/bytes/src/index.ts";
import { verifyFile } from "../../packages/gateway/src/recording/verify-file.ts";
import { CheckpointFlag, RecordingScanner, RecordingVerifier } from "../../packages/recording/src/index.ts";
import { buildRecording, someFrames } from "../../packages/recording/src/testing/build-recording.ts";
import { makeSigner, nodeCrypto } from "../../packages/recording/src/testing/node-tools.ts";
import { projectRoot } from "../support/lab.ts";

const folder = mkdtempSync(path.join(tmpdir(), "poterne-verify-"));
after(() => rmSync(folder, { recursive: true }));

const script = path.join(projectRoot, "tools/poterne-verify.mjs");
const signer = makeSigner(1);
const file = buildRecording({ frames: someFrames(14), checkpointEvery: 3 });
const keysFile = path.join(folder, "public-keys.json");
writeFileSync(
  keysFile,
  JSON.stringify({
    format: "poterne-public-keys.v1",
    keys: [{ keyId: signer.keyId, publicKey: Buffer.from(signer.publicKey).toString("base64") }],
  }),
);

interface Told {
  readonly file: string;
  readonly verdict: string;
  readonly alteredAt: number | null;
  readonly recordCount: number;
  readonly signedCount: number;
  readonly liveCount: number;
  readonly tornBytes: number;
  readonly signers: readonly { isTrusted: boolean }[];
}

/** Runs the script on files as a stranger does: by its own, with any Node. */
function runScript(files: readonly string[], ...options: string[]) {
  const words = [script, "--json", "--keys", keysFile, ...options, ...files];
  const result = spawnSync(process.execPath, words, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  assert.equal(result.stderr, "");
  const told = result.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Told);
  return { status: result.status, told };
}

/** Writes the variants, verifies each with the package and all with the script: both must say the same. */
async function compare(variants: readonly Uint8Array[], journal: { count: number; head: Uint8Array }[] = []) {
  const files = variants.map((bytes, at) => {
    const name = path.join(folder, `${at}.ptnr`);
    writeFileSync(name, bytes);
    return name;
  });
  const options = journal.flatMap(({ count, head }) => ["--journal", `${count}:${toHex(head)}`]);
  const { told } = runScript(files, ...options);
  for (const [at, name] of files.entries()) {
    const result = await verifyFile(name, { trustedKeys: [signer.publicKey], journal });
    const same = ({
      verdict,
      alteredAt,
      recordCount,
      signedCount,
      liveCount,
      tornBytes,
    }: Omit<Told, "file" | "signers">) => ({
      verdict,
      alteredAt,
      recordCount,
      signedCount,
      liveCount,
      tornBytes,
    });
    assert.deepEqual(same(told[at] as Told), same(result), `variant ${at}`);
  }
  return told.map(({ verdict }) => verdict);
}

const pieces = [...new RecordingScanner(nodeCrypto).push(file)].map((piece) =>
  piece.type === "record" ? concatBytes([piece.headerBytes, piece.body]) : piece.bytes,
);

test("the script calls a whole recording complete and a sealed one sealed, and says so by its status", async () => {
  const sealed = buildRecording({ end: CheckpointFlag.final | CheckpointFlag.sealed, checkpointEvery: 7 });
  assert.deepEqual(await compare([file, sealed]), ["complete", "sealed"]);
  assert.equal(runScript([path.join(folder, "0.ptnr")]).status, 0);
});

test("script and package agree on one flipped bit in each region", async () => {
  const variants: Uint8Array[] = [];
  for (let at = 0; at < file.length; at += 5) {
    const copy = file.slice();
    copy[at] = (copy[at] ?? 0) ^ (1 << (at % 8));
    variants.push(copy);
  }
  for (const verdict of await compare(variants)) assert.match(verdict, /altered|not-a-recording/);
});

test("script and package agree on a file cut at many places", async () => {
  const variants: Uint8Array[] = [];
  for (let end = 1; end < file.length; end += 11) variants.push(file.slice(0, end));
  for (const verdict of await compare(variants)) assert.equal(verdict, "unfinished");
});

test("script and package agree on swapped and dropped pieces, and on what follows the end", async () => {
  const tails = [pieces.at(-2) ?? file, file, file.subarray(0, 1), new Uint8Array(8)];
  const variants: Uint8Array[] = tails.map((tail) => concatBytes([file, tail]));
  for (let at = 1; at < pieces.length - 1; at++) {
    variants.push(concatBytes(pieces.filter((_, place) => place !== at)));
    const swapped = [...pieces];
    [swapped[at], swapped[at + 1]] = [swapped[at + 1] ?? file, swapped[at] ?? file];
    variants.push(concatBytes(swapped));
  }
  for (const verdict of await compare(variants)) assert.equal(verdict, "altered");
});

test("script and package agree on a file rebuilt with another key", async () => {
  assert.deepEqual(await compare([buildRecording({ signer: makeSigner(2) })]), ["altered"]);
  const unknowing = spawnSync(process.execPath, [script, "--json", path.join(folder, "0.ptnr")], {
    encoding: "utf8",
  });
  assert.equal(unknowing.status, 1);
  assert.deepEqual(
    (JSON.parse(unknowing.stdout) as Told).signers.map(({ isTrusted }) => isTrusted),
    [false],
  );
});

test("script and package agree on a file shorter than the journal's checkpoint, or another one", async () => {
  const verifier = new RecordingVerifier(nodeCrypto, { trustedKeys: null });
  verifier.push(file);
  const { count, head } = verifier.chainState();
  assert.deepEqual(await compare([file, file.slice(0, file.length - 600)], [{ count, head }]), [
    "complete",
    "shorter",
  ]);
  assert.deepEqual(await compare([file], [{ count: 3, head: new Uint8Array(32) }]), ["altered"]);
});

test("wrong use is told with status 2", () => {
  const result = spawnSync(process.execPath, [script, "--nonsense"], { encoding: "utf8" });
  assert.equal(result.status, 2);
  assert.match(result.stderr, /use: /);
});
