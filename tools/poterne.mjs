#!/usr/bin/env node
// The `poterne` command: verify, doctor, backup, restore and the rest; see `poterne help`.
import { gatewayNodeFlags, spawnPinned } from "./bootstrap.mjs";

spawnPinned(["packages/gateway/src/main.ts", ...process.argv.slice(2)], {
  cwd: process.cwd(),
  nodeFlags: gatewayNodeFlags(),
});
