import { wipe } from "../crypto.ts";
import type { EncryptionKey } from "../encryption/key.ts";
import { TicketFlag } from "../messages/numbers.ts";
import type { Principal } from "../messages/principal.ts";

/** A ticket with what its owner needs to use it. Whoever holds it wipes it with `wipeCredential`. */
export interface Credential {
  readonly client: Principal;
  readonly service: Principal;
  /** The ticket, to be handed to the service as it is. */
  readonly ticket: Uint8Array;
  /** The session key shared with the service. */
  readonly key: EncryptionKey;
  /** The encryption type the ticket itself is sealed with: the service's key. May be one that is not spoken here. */
  readonly ticketEtype: number;
  /** Ticket flags (RFC 4120 §5.3). */
  readonly flags: number;
  /** Validity by the KDC's clock, Unix milliseconds. */
  readonly starttimeMs: number;
  readonly endtimeMs: number;
  /** What to add to this machine's clock to get the KDC's. */
  readonly clockOffsetMs: number;
}

/** Whether a ticket is valid at this machine's time, and for `remainingMs` more. */
export function isUsable(credential: Credential, nowMs: number, remainingMs = 0): boolean {
  const kdcNowMs = nowMs + credential.clockOffsetMs;
  return (
    (credential.flags & TicketFlag.invalid) === 0 &&
    credential.starttimeMs <= kdcNowMs + CLOCK_STEP_MS &&
    kdcNowMs + remainingMs < credential.endtimeMs
  );
}

/** Ticket times are whole seconds: one that starts now may seem to start in a moment. */
const CLOCK_STEP_MS = 2000;

/** Forgets the session key. */
export function wipeCredential(credential: Credential): void {
  wipe(credential.key.bytes);
}
