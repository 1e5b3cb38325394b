import type { HealthCheck } from "@poterne/contract";

const MARKS = { ok: "●", warning: "▲", failed: "■" } as const;

/** Prints checks with what to do about each; returns the exit code, 1 when one failed. */
export function printChecks(checks: readonly HealthCheck[], language: "fr" | "en"): number {
  for (const { state, found, remedy } of checks) {
    console.log(`${MARKS[state]} ${found[language]}`);
    if (remedy !== null) console.log(`    → ${remedy[language]}`);
  }
  return checks.some(({ state }) => state === "failed") ? 1 : 0;
}
