import { spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const projectRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/** Where the lab keeps keys, certificates and logs. */
export const labDir = process.env.LAB_DIR ?? "/tmp/lab";

/** The lab's accounts. */
export const labPasswords = {
  alice: "alice-Passw0rd",
  bob: "bob-Passw0rd",
  /** A member of Protected Users, of the lab's AD domain only. */
  carol: "carol-Passw0rd",
  vnc: "vnc-pass",
  switch: "switch-pass",
} as const;

/** Starts lab targets (harmless to repeat); throws with the lab's own words when one does not come up. */
export function startLab(...names: string[]): void {
  runLab("up", names);
}

/** Stops lab targets that `startLab` started. */
export function stopLab(...names: string[]): void {
  runLab("down", names);
}

function runLab(command: string, names: string[]): void {
  const result = spawnSync(path.join(projectRoot, "lab", command), names, {
    encoding: "utf8",
    timeout: 300_000,
  });
  if (result.status !== 0) throw new Error(`lab/${command} ${names.join(" ")}: ${result.stderr}`);
}
