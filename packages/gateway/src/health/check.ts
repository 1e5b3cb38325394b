import type { HealthCheck } from "@poterne/contract";

/** Words of a check in both languages. */
export interface Words {
  readonly fr: string;
  readonly en: string;
}

/** A check that found nothing wrong. */
export function ok(name: string, found: Words): HealthCheck {
  return { name, state: "ok", found, remedy: null };
}

/** A check that found something to mend, and how. */
export function wrong(name: string, state: "warning" | "failed", found: Words, remedy: Words): HealthCheck {
  return { name, state, found, remedy };
}
