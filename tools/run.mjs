// Runs one of the project's TypeScript programs under the pinned Node 24, installing the locked packages first
// when they are missing or stale. Plain JavaScript, Node 20 and later: it is what a fresh clone starts with.
import { spawnPinned } from "./bootstrap.mjs";

const [program, ...rest] = process.argv.slice(2);
if (program === undefined) {
  console.error("usage: node tools/run.mjs PROGRAM [ARGUMENT...]");
  process.exit(2);
}
spawnPinned([program, ...rest]);
