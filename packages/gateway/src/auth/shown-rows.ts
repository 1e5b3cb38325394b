import type { SignInRow } from "./auth-tables.ts";

/** A sign-in as lists show it. */
export function showSignIn(row: SignInRow, currentSignInId: string | null) {
  return {
    signInId: row.id,
    sourceAddress: row.source_address,
    userAgent: row.user_agent,
    createdAtMs: row.created_at_ms,
    lastSeenAtMs: row.last_seen_at_ms,
    endsAtMs: row.ends_at_ms,
    isCurrent: row.id === currentSignInId,
  };
}
