import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { dependencyRules, findViolations } from "./support/dependency-rules.ts";
import { projectRoot } from "./support/lab.ts";

const scratch = mkdtempSync(path.join(tmpdir(), "poterne-rules-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

test("no package imports what its tier may not", () => {
  assert.deepEqual(findViolations(path.join(projectRoot, "packages")), []);
});

test("a planted import across tiers is found", () => {
  const folder = path.join(scratch, "planted/web/src");
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path.join(folder, "bad.ts"),
    'import { createServer } from "node:http";\nexport { createServer };\n',
  );
  const core = path.join(scratch, "planted/rfb/src");
  mkdirSync(core, { recursive: true });
  writeFileSync(path.join(core, "bad.ts"), 'export * from "@poterne/contract";\n');
  const found = findViolations(path.join(scratch, "planted")).map(({ specifier }) => specifier);
  assert.deepEqual(found.sort(), ["@poterne/contract", "node:http"]);
});

const planted = {
  "a Node import": 'import { connect } from "node:net";\nexport const use = connect;\n',
  "a timer": "export const use = () => setTimeout(() => {}, 1);\n",
  "the console": 'console.log("hello");\nexport {};\n',
  "the DOM": "export const use = document;\n",
  "a Buffer": "export const use = Buffer.alloc(1);\n",
} as const;

for (const [what, source] of Object.entries(planted)) {
  test(`the type checker refuses ${what} in a sans-I/O core`, () => {
    const folder = mkdtempSync(path.join(scratch, "core-"));
    cpSync(path.join(projectRoot, "tsconfig.json"), path.join(folder, "tsconfig.json"));
    cpSync(path.join(projectRoot, "tsconfig.core.json"), path.join(folder, "tsconfig.core.json"));
    const own = path.join(folder, "packages/planted");
    mkdirSync(path.join(own, "src"), { recursive: true });
    cpSync(path.join(projectRoot, "packages/rfb/tsconfig.json"), path.join(own, "tsconfig.json"));
    symlinkSync(path.join(projectRoot, "node_modules"), path.join(folder, "node_modules"));
    writeFileSync(path.join(own, "src/bad.ts"), source);
    const tsc = path.join(projectRoot, "node_modules/.bin/tsc");
    const result = spawnSync(tsc, ["-p", own], { encoding: "utf8" });
    assert.notEqual(result.status, 0, result.stdout);
    assert.match(result.stdout, /bad\.ts/);
  });
}

test("every package of the tree has its line in the dependency rules", () => {
  const names = spawnSync("ls", [path.join(projectRoot, "packages")], { encoding: "utf8" })
    .stdout.trim()
    .split("\n");
  assert.deepEqual(names.sort(), Object.keys(dependencyRules).sort());
});
