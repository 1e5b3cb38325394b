import assert from "node:assert/strict";
import {
  existsSync,
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
import { afterEach, beforeEach, test } from "node:test";
import { DriveFolder, DriveFullError } from "./drive-folder.ts";

const LIMITS = { quotaBytes: 100_000, maxFileBytes: 60_000 };
let base: string;
let root: string;

beforeEach(() => {
  base = mkdtempSync(path.join(tmpdir(), "poterne-folder-"));
  root = path.join(base, "drive");
  writeFileSync(path.join(base, "secret"), "secret");
});
afterEach(() => rmSync(base, { recursive: true }));

test("no name and no link leads out of the folder", async () => {
  const folder = await DriveFolder.open({ root, ...LIMITS });
  symlinkSync(base, path.join(root, "out"));
  symlinkSync(path.join(base, "secret"), path.join(root, "link"));
  const ways = [
    ["..", "secret"],
    ["."],
    ["a/../../secret"],
    ["out", "secret"],
    ["link"],
    ["a\0b"],
    ["a\\b"],
    [""],
  ];
  for (const way of ways) {
    const shown = JSON.stringify(way);
    await assert.rejects(folder.stat(way), shown);
    await assert.rejects(folder.openFile(way, true), shown);
    await assert.rejects(folder.createFile(way), shown);
    await assert.rejects(folder.makeFolder(way), shown);
    await assert.rejects(folder.rename(way, ["taken"], true), shown);
    await assert.rejects(folder.setTime(way, 1000), shown);
  }
  await assert.rejects(folder.list(["out"]));
  await assert.rejects(folder.list([".."]));
  assert.deepEqual(await folder.list([]), [], "links are not shown");
  const file = await folder.createFile(["mine"]);
  await file.close();
  for (const way of [["..", "mine"], ["out", "mine"], []])
    await assert.rejects(folder.rename(["mine"], way, true));
  await assert.rejects(folder.remove([]));
  assert.deepEqual(readdirSync(base).sort(), ["drive", "secret"]);
  assert.equal(readFileSync(path.join(base, "secret"), "utf8"), "secret");
});

test("the quota counts what is written, also far behind a file's end, and gives it back", async () => {
  const folder = await DriveFolder.open({ root, ...LIMITS });
  const file = await folder.createFile(["a"]);
  await folder.write(file, 0, new Uint8Array(50_000));
  await assert.rejects(folder.write(file, 1e12, new Uint8Array(1)), DriveFullError);
  await assert.rejects(folder.setSize(file, 60_001), DriveFullError);
  const other = await folder.createFile(["b"]);
  await assert.rejects(folder.write(other, 0, new Uint8Array(50_000)), DriveFullError);
  await folder.write(file, 0, new Uint8Array(50_000));
  await folder.setSize(file, 0);
  await folder.write(other, 0, new Uint8Array(50_000));
  await Promise.all([file.close(), other.close()]);
  const free = folder.freeBytes;
  await folder.remove(["b"]);
  assert.equal(folder.freeBytes, free + 50_000 + 4096);
  const again = await DriveFolder.open({ root, ...LIMITS });
  assert.equal(again.freeBytes, folder.freeBytes, "measured anew");
});

test("empty files fill a drive too", async () => {
  const folder = await DriveFolder.open({ root, quotaBytes: 65_536, maxFileBytes: 1 });
  for (let index = 0; index < 16; index++) await (await folder.createFile([`f${index}`])).close();
  await assert.rejects(folder.createFile(["one-more"]), DriveFullError);
  await assert.rejects(folder.makeFolder(["folder"]), DriveFullError);
});

test("what is in the way is replaced only when that is asked for, and never a folder", async () => {
  const folder = await DriveFolder.open({ root, ...LIMITS });
  for (const name of ["a", "b"]) await (await folder.createFile([name])).close();
  await folder.makeFolder(["d"]);
  await assert.rejects(folder.rename(["a"], ["b"], false), /EEXIST/);
  await assert.rejects(folder.rename(["a"], ["d"], true), /EEXIST/);
  await folder.rename(["a"], ["b"], true);
  await folder.rename(["b"], ["d", "c"], false);
  await assert.rejects(folder.remove(["d"]), /ENOTEMPTY/);
  mkdirSync(path.join(root, "d", "e"));
  assert.ok(existsSync(path.join(root, "d", "c")));
});
