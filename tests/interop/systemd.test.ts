import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { gatewayNodeFlags } from "../support/gateway.ts";
import { projectRoot } from "../support/lab.ts";

const scratch = mkdtempSync(path.join(tmpdir(), "poterne-units-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** The most exposure that `systemd-analyze security` may find, of 10. */
const MAX_EXPOSURE = { "poterne.service": 2, "poterne-keeper.service": 1 } as const;

// Both units stand in one folder, as they refer to each other; paths of an installation become this tree's.
for (const unit of Object.keys(MAX_EXPOSURE)) {
  const text = readFileSync(path.join(projectRoot, "packaging/systemd", unit), "utf8");
  writeFileSync(path.join(scratch, unit), text.replaceAll("/opt/poterne", projectRoot));
}

for (const [unit, limit] of Object.entries(MAX_EXPOSURE)) {
  test(`systemd finds nothing wrong in ${unit}`, () => {
    const result = spawnSync("systemd-analyze", ["verify", path.join(scratch, unit)], { encoding: "utf8" });
    const lines = `${result.stdout}${result.stderr}`.split("\n").filter((line) => line.includes("poterne"));
    assert.deepEqual(lines, []);
  });

  test(`${unit} is confined`, () => {
    const result = spawnSync("systemd-analyze", ["security", "--offline=true", path.join(scratch, unit)], {
      encoding: "utf8",
    });
    const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(result.stdout)?.[1] ?? Number.NaN);
    assert.ok(exposure <= limit, `exposure ${exposure}`);
  });
}

test("the unit runs Node as `npm start` does", () => {
  const unit = readFileSync(path.join(projectRoot, "packaging/systemd/poterne.service"), "utf8");
  const [, flags] = /^ExecStart=\S+\/bin\/node (.*) \S+\/main\.ts serve /m.exec(unit) ?? [];
  assert.equal(flags, gatewayNodeFlags().join(" "));
});
