import assert from "node:assert/strict";
import { test } from "node:test";
import { isFileName, joinPath, parentPath, pathTrail, writeMode } from "./paths.ts";

test("paths are joined and cut without doubled or lost slashes", () => {
  assert.equal(joinPath("/", "etc"), "/etc");
  assert.equal(joinPath("/etc", "ssh"), "/etc/ssh");
  assert.equal(parentPath("/etc/ssh"), "/etc");
  assert.equal(parentPath("/etc"), "/");
  assert.equal(parentPath("/"), "/");
});

test("the trail names every folder from the root", () => {
  assert.deepEqual(pathTrail("/home/alice"), [
    { name: "/", path: "/" },
    { name: "home", path: "/home" },
    { name: "alice", path: "/home/alice" },
  ]);
});

test("permissions are written as ls does", () => {
  assert.equal(writeMode(0o750), "rwxr-x---");
  assert.equal(writeMode(0o4644), "rw-r--r--");
});

test("a name is one part of a path", () => {
  assert.equal(isFileName("notes.txt"), true);
  for (const bad of ["", ".", "..", "a/b", "a\nb", "x".repeat(256)]) assert.equal(isFileName(bad), false);
});
