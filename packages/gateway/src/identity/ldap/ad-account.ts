import type { AccountState } from "../identity-provider.ts";

/** [MS-ADTS] 2.2.16 userAccountControl: the account is disabled. */
const ACCOUNT_DISABLE = 0x2;
/** [MS-ADTS] 3.1.1.4.5.17 msDS-User-Account-Control-Computed. */
const LOCKOUT = 0x10;
const PASSWORD_EXPIRED = 0x800000;
/** [MS-ADTS] accountExpires: both mean never. */
const NEVER = new Set(["0", "9223372036854775807"]);
/** Milliseconds from 1601 to 1970. */
const FILETIME_EPOCH_MS = 11_644_473_600_000n;

/**
 * What a refused bind says, by the code in its text (`data 533`): Active Directory checks the password first, and says
 * these only after a right one. Not `775` (locked): that comes after any password, so it stays a refusal.
 */
const TOLD_AFTER_RIGHT_PASSWORD: Readonly<Record<string, AccountState>> = {
  "532": "must-change-password",
  "773": "must-change-password",
  "533": "disabled",
  "701": "expired",
};

/** The code of Active Directory in a refused bind's text, null without one. */
export function bindSubCode(message: string): string | null {
  return /\bdata ([0-9a-f]{3,8}),/i.exec(message.slice(0, 500))?.[1]?.toLowerCase() ?? null;
}

/** What a refused bind tells of an account whose password was right; null: it was not, or nobody can know. */
export function barredByBind(message: string): AccountState | null {
  return TOLD_AFTER_RIGHT_PASSWORD[bindSubCode(message) ?? ""] ?? null;
}

/** The account's state by its attributes, for people who are not there; numbers that cannot be read say nothing. */
export function adAccountState(
  entry: { readonly control: string; readonly computed: string; readonly expires: string },
  nowMs: number,
): AccountState {
  const computed = toNumber(entry.computed);
  if ((toNumber(entry.control) & ACCOUNT_DISABLE) !== 0) return "disabled";
  if (hasExpired(entry.expires, nowMs)) return "expired";
  if ((computed & LOCKOUT) !== 0) return "locked";
  return (computed & PASSWORD_EXPIRED) === 0 ? "usable" : "must-change-password";
}

function toNumber(text: string): number {
  return /^-?[0-9]{1,11}$/.test(text) ? Number(text) : 0;
}

function hasExpired(text: string, nowMs: number): boolean {
  if (!/^[0-9]{1,19}$/.test(text) || NEVER.has(text)) return false;
  return BigInt(text) / 10_000n - FILETIME_EPOCH_MS <= BigInt(Math.floor(nowMs));
}
