import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Environment } from "../environment.ts";

const TOKEN_BYTES = 32;

/** A fresh 256-bit token, base64url: 43 characters. */
export function makeSecretToken(environment: Environment): string {
  return Buffer.from(environment.randomBytes(TOKEN_BYTES)).toString("base64url");
}

/** What is stored of a token: SHA-256 in hex. A plain hash is enough, since a token cannot be guessed. */
export function hashSecretToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** The CSRF token of a sign-in: derived from the cookie's token, so it is stored nowhere and changes with it. */
export function csrfTokenOf(token: string): string {
  return createHmac("sha256", token).update("poterne csrf token").digest("base64url");
}

/** Whether two texts are the same, in a time that does not tell where they differ. */
export function isSameSecret(left: string, right: string): boolean {
  const [a, b] = [left, right].map((text) => createHash("sha256").update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
