// Loaded before a test file by `npm run fuzz` (node --import): gives fast-check the run's seed, and writes what it finds
// into the corpus folder of the package under test.
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";

const seed = Number(process.env.POTERNE_FUZZ_SEED ?? Number.NaN);
const folder = process.env.POTERNE_FUZZ_CORPUS ?? "";

if (Number.isInteger(seed) && folder !== "") {
  fc.configureGlobal({
    seed,
    reporter: (details) => {
      if (!details.failed) return;
      const { counterexample, counterexamplePath, errorInstance } = details;
      const crash = {
        file: process.env.POTERNE_FUZZ_FILE ?? "",
        seed: details.seed,
        path: counterexamplePath,
        counterexample: fc.stringify(counterexample),
        error: errorInstance instanceof Error ? errorInstance.message : String(errorInstance),
      };
      mkdirSync(folder, { recursive: true });
      const name = `crash-${path.basename(crash.file, ".test.ts")}-${details.seed >>> 0}.json`;
      writeFileSync(path.join(folder, name), `${JSON.stringify(crash, null, 2)}\n`);
      throw new Error(fc.defaultReportMessage(details) ?? "fast-check found something", {
        cause: errorInstance,
      });
    },
  });
}
