import { Failure, type Policy } from "@poterne/contract";
import type { Access, Verdict } from "../access/access.ts";
import type { CheckOutState } from "../access/check-outs.ts";
import type { AccessEnd } from "../access/grant-conditions.ts";
import type { SessionHub } from "./hub.ts";
import { endsAtMsOf } from "./hub-facts.ts";

/** With what a live session is decided again. */
export interface Revalidation {
  readonly access: Pick<Access, "decide">;
  readonly atMs: number;
  /** Where its person was last attached from. */
  readonly sourceAddress: string;
  /** How its account stands for its person; left out for an account that is not shared. */
  readonly checkOut?: CheckOutState;
}

type Refused = Extract<Verdict, { isAllowed: false }>;

/** What ends a live session, in the order told; anything else is a revocation. */
const END_CODES = {
  "outside-hours": "hours-over",
  "grant-expired": "grant-over",
  "source-refused": "source-refused",
} as const;

/**
 * Decides a live session again: by its own grant, or another under the same policy (docs/decisions/0090). It ends when
 * neither allows it; when its end has moved, its viewers are told. Limits of live sessions end none. Rejects when the
 * store is away.
 */
export async function revalidateSession(hub: SessionHub, revalidation: Revalidation): Promise<void> {
  const verdict = await decideAgain(hub, revalidation);
  if (!verdict.isAllowed) {
    const code = endCodeOf(hub, verdict);
    if (code !== null) hub.ended(code);
    return;
  }
  const { checkOut = { type: "not-shared" } } = revalidation;
  if (checkOut.type === "not-held") return void hub.ended("checkout-over");
  const { lease } = hub.facts;
  const before = endsAtMsOf(hub.facts);
  lease.end = firstEnd(verdict.end, checkOut);
  const endsAtMs = endsAtMsOf(hub.facts);
  if (endsAtMs !== before) hub.room.broadcast({ type: "ends-at", endsAtMs });
}

/** Throws the Failure `source-refused` unless the session's person may attach from this address. */
export async function requireAttachable(hub: SessionHub, revalidation: Revalidation): Promise<void> {
  const verdict = await decideAgain(hub, revalidation);
  if (!verdict.isAllowed && verdict.reasons.some(({ reason }) => reason === "source-refused"))
    throw new Failure("source-refused");
}

/** Throws unless an account may be used as it stands: `checkout-needed`, `checkout-held`. */
export function requireCheckOut(checkOut: CheckOutState): void {
  if (checkOut.type !== "not-held") return;
  const { holderName, endsAtMs } = checkOut;
  if (holderName === null) throw new Failure("checkout-needed");
  throw new Failure("checkout-held", { name: holderName, untilMs: endsAtMs ?? 0 });
}

/** Throws the Failure `reason-needed` or `ticket-needed` where the policy asks for what an opening leaves empty. */
export function requireReason(policy: Policy, given: { reason: string; ticketNumber: string }): void {
  if (policy.reason === "reason" && given.reason.trim() === "") throw new Failure("reason-needed");
  if (policy.reason === "ticket" && given.ticketNumber.trim() === "") throw new Failure("ticket-needed");
}

/** The end of a session's access or of its account's check-out, whichever comes first. */
export function firstEnd(end: AccessEnd | null, checkOut: CheckOutState): AccessEnd | null {
  if (checkOut.type !== "held" || (end !== null && end.atMs <= checkOut.endsAtMs)) return end;
  return { atMs: checkOut.endsAtMs, code: "checkout-over" };
}

function decideAgain(hub: SessionHub, { access, atMs, sourceAddress }: Revalidation): Promise<Verdict> {
  const { personId, targetId, facts } = hub;
  return access.decide({ personId, targetId, atMs, sourceAddress, held: facts.lease });
}

function endCodeOf(hub: SessionHub, { reasons }: Refused): string | null {
  const lasting = reasons.filter(({ reason }) => !reason.startsWith("sessions-"));
  if (lasting.length === 0) return null;
  const own = lasting.filter(({ grantId }) => grantId === null || grantId === hub.facts.lease.grantId);
  for (const [reason, code] of Object.entries(END_CODES))
    if (own.some((found) => found.reason === reason)) return code;
  return "ended-by-revocation";
}
