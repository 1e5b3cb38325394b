import { randomBytes } from "node:crypto";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { RecordingRow } from "../recording-tables.ts";
import type { Recordings } from "../recordings.ts";
import { verifyFile } from "../verify-file.ts";
import { openNodeRig, playFrames, tell } from "./node-rig.ts";
import { recorderEvents, testHeader, textFrame } from "./test-recordings.ts";

/*
 * A gateway reduced to its recordings, with the real keeper, journal and store, to be killed by a test:
 * `node crash-writer.ts FOLDER write|check|fill`. It seals what an earlier run left, tells what it found as one JSON
 * line, and then writes ten recordings for ever (`write`), ends (`check`), or writes one until it fails (`fill`).
 */

const RECORDING_COUNT = 10;
const PAUSE_MS = 10;

const [folder = "", mode = "check"] = process.argv.slice(2);
const { recordingsFolder, keeper, recordings, close } = await openNodeRig(folder);

tell({ type: "sealed", items: await sealAndRead(recordings) });
if (mode === "write") await writeForEver(recordings);
if (mode === "fill") tell({ type: "filled", ...(await fill(recordings)) });
await close();

async function sealAndRead({ parts, ...rest }: Recordings): Promise<object[]> {
  const left = await parts.rows.unfinished("node-1");
  await rest.start().sealing;
  const items: object[] = [];
  for (const { id } of left) {
    const row = await parts.rows.find(id);
    if (row !== null) items.push({ sessionId: id, integrity: row.integrity, ...(await read(rest, row)) });
  }
  return items;
}

/** Verifies and plays one recording; frames are numbered and carry the time they were written at. */
async function read({ library }: Pick<Recordings, "library">, row: RecordingRow): Promise<object> {
  const trustedKeys = (await keeper.publicKeys()).map(({ publicKey }) => publicKey);
  const { verdict, detail } = await verifyFile(path.join(recordingsFolder, row.file_name), { trustedKeys });
  let frameCount = 0;
  let lastAtMs = 0;
  let isInOrder = true;
  for (const frame of await playFrames({ library }, row)) {
    const [number, atMs] = Buffer.from(frame.payload).toString("latin1").split(" ");
    isInOrder &&= Number(number) === frameCount;
    frameCount += 1;
    lastAtMs = Number(atMs);
  }
  return { verdict, detail, frameCount, lastAtMs, isInOrder };
}

async function writeForEver({ factory }: Recordings): Promise<never> {
  const startedAtMs = Date.now();
  const recorders = await Promise.all(
    Array.from({ length: RECORDING_COUNT }, () => factory.open(testHeader(), recorderEvents())),
  );
  tell({ type: "writing" });
  for (let number = 0; ; number++) {
    const text = `${number} ${Date.now()} ${randomBytes(60).toString("hex")}`;
    for (const recorder of recorders) recorder.write(textFrame(Date.now() - startedAtMs, text));
    await wait(PAUSE_MS);
  }
}

async function fill({ factory, parts, ...rest }: Recordings): Promise<object> {
  const failures: Error[] = [];
  const header = testHeader();
  const recorder = await factory.open(header, recorderEvents(failures));
  for (let number = 0; failures.length === 0 && number < 10_000; number++) {
    recorder.write(textFrame(number, `${number} ${Date.now()} ${randomBytes(2_000).toString("base64")}`));
    if (number % 20 === 0) await wait(2);
  }
  await recorder.finish({ code: "recording-failed" });
  const row = await parts.rows.find(header.sessionId);
  if (row === null) throw new Error("no row");
  return {
    failures: failures.map(({ message }) => message),
    integrity: row.integrity,
    ...(await read(rest, row)),
  };
}
