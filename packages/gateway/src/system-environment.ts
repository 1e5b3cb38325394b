import { randomBytes } from "node:crypto";
import type { Environment } from "./environment.ts";

/** The real clock and the system's randomness. */
export const systemEnvironment: Environment = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  randomBytes: (count) => new Uint8Array(randomBytes(count)),
};
