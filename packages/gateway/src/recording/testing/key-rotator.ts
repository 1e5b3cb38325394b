import path from "node:path";
import { rotateMasterKey } from "../../vault/rotate-master-key.ts";
import { DiskStorage } from "../disk-storage.ts";
import { recordingWraps } from "../key-wraps.ts";
import { verifyFile } from "../verify-file.ts";
import { openNodeRig, playFrames, tell } from "./node-rig.ts";
import { recorderEvents, testHeader, textFrame } from "./test-recordings.ts";

/*
 * A process that a test starts on one folder, and that may die in the middle:
 * `node key-rotator.ts FOLDER record COUNT` writes so many recordings, then one more without an end, and is gone.
 * `node key-rotator.ts FOLDER rotate [DIE-AFTER]` rotates the master key; killed after so many recordings.
 * `node key-rotator.ts FOLDER play` seals, then verifies and plays every recording; `delete ID` removes one.
 */

/** Writes so many small files; with the last one the process is gone. */
class DyingStorage extends DiskStorage {
  #left: number;

  constructor(count: number) {
    super(rig.recordingsFolder);
    this.#left = count;
  }

  override async put(name: string, content: Uint8Array): Promise<void> {
    await super.put(name, content);
    this.#left -= 1;
    if (this.#left === 0) die();
  }
}

const [folder = "", mode = "", word = ""] = process.argv.slice(2);
const rig = await openNodeRig(folder);
const { keeper, journal, store, recordings } = rig;
if (mode === "record") await record(Number(word));
if (mode === "rotate") await rotate(Number(word || "Infinity"));
if (mode === "play") await play();
if (mode === "delete") await remove(word);
await rig.close();

async function record(count: number): Promise<void> {
  for (let number = 0; number <= count; number++) {
    const recorder = await recordings.factory.open(testHeader(), recorderEvents());
    recorder.write(textFrame(10, `recording ${number}`));
    if (number < count) await recorder.finish({ code: "closed" });
  }
  // Behind the last finish the unended one has been written too: its chunk leaves within a second.
  while ((await unendedBytes()) < 1_000) await new Promise((resolve) => setTimeout(resolve, 50));
  die();
}

async function unendedBytes(): Promise<number> {
  const [row] = await recordings.parts.rows.unfinished("node-1");
  if (row === undefined) return 0;
  const reader = await rig.storage.open(row.file_name);
  const size = await reader.size();
  await reader.close();
  return size;
}

async function rotate(dieAfter: number): Promise<void> {
  const sources = [recordingWraps(store, new DyingStorage(dieAfter))];
  tell({ report: await rotateMasterKey({ keeper, journal, envelopes: [], recordings: sources }) });
}

async function play(): Promise<void> {
  await recordings.start().sealing;
  const trustedKeys = (await keeper.publicKeys()).map(({ publicKey }) => publicKey);
  const { rows } = await recordings.parts.rows.list({ siteIds: null }, { limit: 200 });
  for (const row of rows.filter(({ integrity }) => integrity !== "deleted")) {
    const { verdict } = await verifyFile(path.join(rig.recordingsFolder, row.file_name), { trustedKeys });
    const frames = await playFrames(recordings, row).catch(() => null);
    const text = frames?.map(({ payload }) => Buffer.from(payload).toString()).join("") ?? null;
    tell({ sessionId: row.id, verdict, text });
  }
}

async function remove(sessionId: string): Promise<void> {
  const row = await recordings.parts.rows.find(sessionId);
  if (row === null) throw new Error("no such recording");
  const actor = { personId: null, name: "test", sourceAddress: "" };
  await recordings.retention.delete(row, { actor, reason: "test" });
}

function die(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("still alive");
}
