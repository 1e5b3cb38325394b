import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import { keptDriveEntries, nameKeptDrives, namelessFile } from "./kept-drives.ts";

const folder = mkdtempSync(path.join(tmpdir(), "poterne-drives-"));
after(() => rmSync(folder, { recursive: true, force: true }));

async function contentOf(entry: { readonly content: AsyncIterable<Uint8Array> }): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of entry.content) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}

test("files go by number, names follow; links and other sessions' drives stay behind", async () => {
  const data = path.join(folder, "whole");
  mkdirSync(path.join(data, "drives/kept/p/t/é"), { recursive: true });
  mkdirSync(path.join(data, "drives/live/s"), { recursive: true });
  writeFileSync(path.join(data, "drives/kept/p/t/é/a b.txt"), "text");
  writeFileSync(path.join(data, "drives/live/s/now.txt"), "now");
  symlinkSync("/etc/passwd", path.join(data, "drives/kept/p/t/link"));
  const entries: [string, string][] = [];
  for await (const entry of keptDriveEntries(data)) entries.push([entry.name, await contentOf(entry)]);
  assert.deepEqual(entries[0], ["drives/0", "text"]);
  const [name, list = ""] = entries[1] ?? [];
  assert.equal(name, "drives.jsonl");
  const paths = list
    .trim()
    .split("\n")
    .map((text) => (JSON.parse(text) as { path: string[] }).path.join("/"));
  assert.deepEqual(paths, ["p", "p/t", "p/t/é", "p/t/é/a b.txt"]);
  assert.equal(entries.length, 2);
});

test("a file that a session removes while it is read keeps its length in the archive and is not named", async () => {
  const data = path.join(folder, "gone");
  mkdirSync(path.join(data, "drives/kept/p"), { recursive: true });
  writeFileSync(path.join(data, "drives/kept/p/short.txt"), "twelve bytes");
  const contents: string[] = [];
  for await (const entry of keptDriveEntries(data)) {
    if (entry.name === "drives/0") writeFileSync(path.join(data, "drives/kept/p/short.txt"), "six...");
    contents.push(await contentOf(entry));
  }
  assert.equal(contents[0], `six...${"\0".repeat(6)}`);
  assert.doesNotMatch(contents[1] ?? "", /short/);
});

test("a restore names the files, and refuses a name that leads out of the folder", async () => {
  const data = path.join(folder, "restored");
  const put = (number: number) => {
    const file = namelessFile(data, `drives/${number}`) ?? "";
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `content ${number}`);
  };
  const list = (...parts: string[][]) =>
    Readable.from([
      Buffer.from(
        parts.map((one, file) => JSON.stringify({ path: one, file, modifiedAtMs: 5000 })).join("\n"),
      ),
    ]);
  mkdirSync(path.join(data, "drives/kept/p"), { recursive: true });
  put(0);
  await nameKeptDrives(data, list(["p", "ç.txt"]));
  assert.equal(readFileSync(path.join(data, "drives/kept/p/ç.txt"), "utf8"), "content 0");
  assert.deepEqual(readdirSync(path.join(data, "drives")), ["kept"]);
  for (const name of ["..", ".", "a/b", "a\\b", "", "a\0b"]) {
    put(0);
    await assert.rejects(nameKeptDrives(data, list(["p", name])));
  }
  assert.throws(() => namelessFile(data, "drives/../../0"));
});
