import { createHmac } from "node:crypto";
import { isSameSecret } from "./secret-token.ts";

/** Seconds one code lasts, RFC 6238 §4: what the common applications honour, like six digits and SHA-1. */
const PERIOD_SECONDS = 30;
const DIGITS = 6;
/** Bytes of a secret: the length of SHA-1, RFC 4226 §4 R6. */
export const TOTP_SECRET_BYTES = 20;
/** How many steps a phone's clock may be early or late. */
const DRIFT_STEPS = 1;

/** The time step of a moment, RFC 6238 §4.2. */
export function totpStep(nowMs: number): number {
  return Math.floor(nowMs / 1000 / PERIOD_SECONDS);
}

/** The code of a step: RFC 4226 §5.3 with SHA-1. `digits` is 8 only in the RFC's own vectors. */
export function totpCode(secret: Uint8Array, step: number, digits = DIGITS): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", secret).update(counter).digest();
  const offset = (mac[mac.length - 1] ?? 0) & 0x0f;
  const value = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(value % 10 ** digits).padStart(digits, "0");
}

/** The step a code belongs to, at most one step away from now and later than `lastStep` (a code counts once); null for none. */
export function findTotpStep(
  secret: Uint8Array,
  code: string,
  moment: { readonly nowMs: number; readonly lastStep: number },
): number | null {
  const now = totpStep(moment.nowMs);
  let found: number | null = null;
  // All steps are computed whatever matches, so that the time does not tell which.
  for (let step = now - DRIFT_STEPS; step <= now + DRIFT_STEPS; step++) {
    const isRight = isSameSecret(totpCode(secret, Math.max(0, step)), code);
    if (isRight && step > moment.lastStep && found === null) found = step;
  }
  return found;
}

/** The `otpauth://` address an application reads from the QR code. */
export function totpUri(secret: string, issuer: string, login: string): string {
  const query = new URLSearchParams({ secret, issuer, algorithm: "SHA1", digits: "6", period: "30" });
  // Some applications read `+` as itself, so spaces are %20.
  const text = query.toString().replaceAll("+", "%20");
  return `otpauth://totp/${encodeURIComponent(issuer)}:${encodeURIComponent(login)}?${text}`;
}
