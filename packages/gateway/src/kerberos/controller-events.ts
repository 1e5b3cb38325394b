import { ErrorCode, type KerberosFailure, type KerberosFailureReason } from "@poterne/kerberos";
import type { Words } from "../health/check.ts";

/** What was asked of the KDC: a person's ticket, or a service's. */
export type KdcRequestKind = "person" | "service";

/** The event of a Windows controller for NTLM's refusals: Security log, with the NTSTATUS as its error code. */
const NTLM_EVENT = 4776;
/** What a Windows controller writes into 4776 for the same state of an account ([MS-ERREF] 2.3.1). */
const NTLM_STATUS: Readonly<Partial<Record<KerberosFailureReason, string>>> = {
  "wrong-password": "0xC000006A",
  "unknown-person": "0xC0000064",
  "account-locked": "0xC0000234",
  "account-disabled": "0xC0000072",
  "account-expired": "0xC0000193",
  "password-expired": "0xC0000071, 0xC0000224",
  "account-restricted": "0xC000006E, 0xC000006F, 0xC0000070",
};
/** Refusals of the proof itself, which Windows writes as 4771; all other ones of a person's ticket as 4768. */
const PROOF_CODES: readonly number[] = [
  ErrorCode.KDC_ERR_PADATA_TYPE_NOSUPP,
  ErrorCode.KDC_ERR_KEY_EXPIRED,
  ErrorCode.KDC_ERR_PREAUTH_FAILED,
];

/**
 * The event to look for in a Windows controller's Security log, with its code: 4771 or 4768 for a person's ticket, 4769
 * for a service's, and 4776 where the same account is tried by NTLM. Null where no KDC refused anything. From Microsoft's
 * documentation of these events; no Windows controller was asked.
 */
export function controllerEvent(
  { code, reason, ntStatus }: KerberosFailure,
  kind: KdcRequestKind,
): Words | null {
  if (code === undefined) return null;
  const status = ntStatus === undefined ? NTLM_STATUS[reason] : hexadecimal(ntStatus, 8);
  const ntlm = kind === "person" ? status : undefined;
  const failure = hexadecimal(code);
  const events = eventNumbers(code, kind);
  return {
    fr: `Contrôleur Windows, journal Sécurité : événement ${events.join(" ou ")}, code ${failure}${ntlm === undefined ? "" : ` ; par NTLM : ${NTLM_EVENT}, code ${ntlm}`}.`,
    en: `Windows controller, Security log: event ${events.join(" or ")}, code ${failure}${ntlm === undefined ? "" : `; by NTLM: ${NTLM_EVENT}, code ${ntlm}`}.`,
  };
}

/** Documentation and practice differ about which of the two a refused proof leaves: the likelier one comes first. */
function eventNumbers(code: number, kind: KdcRequestKind): readonly number[] {
  if (kind === "service") return [4769];
  return PROOF_CODES.includes(code) ? [4771, 4768] : [4768, 4771];
}

/** A clock too far off, as it was measured: what the controller writes when such a ticket is asked for. */
export const clockEvent: Words = {
  fr: "Contrôleur Windows, journal Sécurité : événement 4768 ou 4771, code 0x25.",
  en: "Windows controller, Security log: event 4768 or 4771, code 0x25.",
};

/** A service's ticket under a weak key is no failure: the controller writes it all the same. */
export const weakTicketEvent: Words = {
  fr: "Contrôleur Windows, journal Sécurité : événements 4769 dont « Ticket Encryption Type » est 0x17 (RC4).",
  en: "Windows controller, Security log: events 4769 whose “Ticket Encryption Type” is 0x17 (RC4).",
};

/** What an attempt by NTLM of a member of Protected Users leaves. */
export const protectedUserEvent: Words = {
  fr: "Un essai par NTLM laisserait l'événement 4776, code 0xC000006E, et l'événement 100 du journal ProtectedUserFailures-DomainController.",
  en: "An attempt by NTLM would leave event 4776, code 0xC000006E, and event 100 of the log ProtectedUserFailures-DomainController.",
};

function hexadecimal(value: number, digits = 1): string {
  return `0x${(value >>> 0).toString(16).toUpperCase().padStart(digits, "0")}`;
}

/** Two sentences as one text, in both languages. */
export function joinWords(first: Words, second: Words | null): Words {
  if (second === null) return first;
  return { fr: `${first.fr} ${second.fr}`, en: `${first.en} ${second.en}` };
}
