import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { hrtime } from "node:process";

/** Time as the journal writes it down. */
export interface KeeperClock {
  /** Unix milliseconds, UTC; may jump. */
  now(): number;
  /** Milliseconds since the machine started; comparable between processes while `bootId` is the same. */
  monotonicMs(): number;
  /** Which start of the machine this is. */
  readonly bootId: string;
}

/** The machine's clock. Where the system tells no boot id, each process counts as one. */
export function systemClock(): KeeperClock {
  return {
    now: () => Date.now(),
    monotonicMs: () => Number(hrtime.bigint() / 1_000_000n),
    bootId: readBootId(),
  };
}

function readBootId(): string {
  try {
    const text = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    if (/^[0-9a-f-]{36}$/.test(text)) return text;
  } catch {
    // Not Linux.
  }
  return randomUUID();
}
