import assert from "node:assert/strict";
import { test } from "node:test";
import { concatBytes } from "@poterne/bytes";
import { CheckpointFlag } from "./checkpoint.ts";
import { RecordingScanner, type ScannedPiece } from "./scanner.ts";
import { buildRecording, someFrames } from "./testing/build-recording.ts";
import { makeSigner, nodeCrypto } from "./testing/node-tools.ts";
import { RecordingVerifier, type Verification, type VerifierOptions } from "./verifier.ts";

const trusted: VerifierOptions = { trustedKeys: [makeSigner(1).publicKey] };

function check(file: Uint8Array, options: VerifierOptions = trusted): Verification {
  const verifier = new RecordingVerifier(nodeCrypto, options);
  verifier.push(file);
  return verifier.finish();
}

/** The file's pieces as byte arrays of their own. */
function piecesOf(file: Uint8Array): { piece: ScannedPiece; bytes: Uint8Array }[] {
  const scanner = new RecordingScanner(nodeCrypto);
  return [...scanner.push(file)].map((piece) => ({
    piece,
    bytes: piece.type === "record" ? concatBytes([piece.headerBytes, piece.body]) : piece.bytes,
  }));
}

const file = buildRecording();
const pieces = piecesOf(file);

test("an untouched recording is complete and names its signer", () => {
  const result = check(file);
  assert.equal(result.verdict, "complete");
  assert.equal(result.signedCount, result.recordCount);
  assert.equal(result.alteredAt, null);
  assert.deepEqual(
    result.signers.map(({ keyId, isTrusted }) => ({ keyId, isTrusted })),
    [{ keyId: "test-key-1", isTrusted: true }],
  );
});

test("the same verdict comes out when the file is pushed byte by byte", () => {
  const verifier = new RecordingVerifier(nodeCrypto, trusted);
  for (let at = 0; at < file.length; at++) verifier.push(file.subarray(at, at + 1));
  assert.equal(verifier.finish().verdict, "complete");
});

test("one flipped bit is found wherever it is", () => {
  for (let at = 0; at < file.length; at += 3) {
    const copy = file.slice();
    copy[at] = (copy[at] ?? 0) ^ (1 << (at % 8));
    const { verdict } = check(copy);
    assert.ok(verdict === "altered" || verdict === "not-a-recording", `byte ${at}: ${verdict}`);
  }
});

test("a flipped bit in a chunk is found at that chunk", () => {
  const third = pieces.filter(({ piece }) => piece.type === "record")[3]?.piece;
  assert.ok(third?.type === "record");
  for (const offset of [third.offset + 5, third.offset + 60]) {
    const copy = file.slice();
    copy[offset] = (copy[offset] ?? 0) ^ 1;
    assert.equal(check(copy).alteredAt, 3);
  }
});

test("a file cut anywhere is never complete, and sound up to the cut", () => {
  for (let end = 1; end < file.length; end += 7) {
    const result = check(file.subarray(0, end));
    assert.equal(result.verdict, "unfinished", `cut at ${end}: ${result.detail}`);
    assert.ok(result.signedCount <= result.recordCount);
  }
});

test("a cut file is shorter than the journal's checkpoint", () => {
  const whole = check(file);
  const journal = [{ count: whole.recordCount, head: new Uint8Array(32) }];
  assert.equal(check(file.subarray(0, file.length >> 1), { ...trusted, journal }).verdict, "shorter");
});

test("a recording with another head than the journal's is altered", () => {
  const journal = [{ count: 4, head: new Uint8Array(32) }];
  assert.equal(check(file, { ...trusted, journal }).verdict, "altered");
});

test("dropped and swapped records and checkpoints are found", () => {
  for (let at = 1; at < pieces.length - 1; at++) {
    const dropped = pieces.filter((_, place) => place !== at).map(({ bytes }) => bytes);
    assert.equal(check(concatBytes(dropped)).verdict, "altered", `dropped ${at}`);
    const swapped = pieces.map(({ bytes }) => bytes);
    [swapped[at], swapped[at + 1]] = [swapped[at + 1] ?? new Uint8Array(), swapped[at] ?? new Uint8Array()];
    assert.equal(check(concatBytes(swapped)).verdict, "altered", `swapped ${at}`);
  }
});

test("a file rebuilt with another key is refused when the keys are known, and names the key when they are not", () => {
  const rebuilt = buildRecording({ signer: makeSigner(2) });
  assert.equal(check(rebuilt).verdict, "altered");
  const untrusting = check(rebuilt, { trustedKeys: null });
  assert.equal(untrusting.verdict, "complete");
  assert.deepEqual(
    untrusting.signers.map(({ isTrusted }) => isTrusted),
    [false],
  );
});

test("bytes behind the final checkpoint are found", () => {
  const last = pieces.at(-2)?.bytes ?? new Uint8Array();
  for (const tail of [last, last.subarray(0, 1), new Uint8Array(9)])
    assert.equal(check(concatBytes([file, tail])).verdict, "altered");
});

test("zeros a power cut left behind the last record count as torn", () => {
  const unfinished = buildRecording({ end: null });
  const result = check(concatBytes([unfinished, new Uint8Array(5000)]));
  assert.equal(result.verdict, "unfinished");
  assert.equal(result.tornBytes, 5000);
  assert.equal(check(concatBytes([unfinished, new Uint8Array(50), file.subarray(0, 10)])).verdict, "altered");
});

test("a sealed recording says how far it stood before the crash", () => {
  const sealed = buildRecording({ end: CheckpointFlag.final | CheckpointFlag.sealed, checkpointEvery: 8 });
  const result = check(sealed);
  assert.equal(result.verdict, "sealed");
  assert.ok(result.liveCount < result.recordCount);
  assert.equal(result.signedCount, result.recordCount);
});

test("a checkpoint may be written some records after those it covers", () => {
  const late = buildRecording({ frames: someFrames(30), checkpointLag: 3 });
  const result = check(late);
  assert.equal(result.verdict, "complete", result.detail);
});
