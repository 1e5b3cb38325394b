import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import type { Environment } from "../environment.ts";

const ALGORITHM = "aes-256-gcm";
const KEY_BYTES = 32;
const IV_BYTES = 12;
const SALT_BYTES = 32;
const TAG_BYTES = 16;

/** A secret that only the bearer of one cookie's token can open. */
export interface SealedSecret {
  readonly salt: Buffer;
  readonly iv: Buffer;
  /** Ciphertext and tag. */
  readonly text: Buffer;
}

/**
 * Seals a secret (AES-256-GCM) under a key made of a sign-in's cookie token by HKDF-SHA256 (RFC 5869). The gateway keeps the
 * token's hash only, so that between two requests of that browser nothing here opens it. `about` is bound to it.
 */
export function sealUnderToken(
  environment: Environment,
  secret: Uint8Array,
  { token, about }: { readonly token: string; readonly about: string },
): SealedSecret {
  const salt = Buffer.from(environment.randomBytes(SALT_BYTES));
  const iv = Buffer.from(environment.randomBytes(IV_BYTES));
  const key = keyOf(token, salt);
  try {
    const cipher = createCipheriv(ALGORITHM, key, iv).setAAD(Buffer.from(about, "utf8"));
    const text = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
    return { salt, iv, text };
  } finally {
    key.fill(0);
  }
}

/** Opens it; null when the token or what it is about is another. The caller wipes the answer. */
export function openUnderToken(
  sealed: SealedSecret,
  { token, about }: { readonly token: string; readonly about: string },
): Buffer | null {
  const key = keyOf(token, sealed.salt);
  try {
    const decipher = createDecipheriv(ALGORITHM, key, sealed.iv).setAAD(Buffer.from(about, "utf8"));
    decipher.setAuthTag(sealed.text.subarray(-TAG_BYTES));
    const head = decipher.update(sealed.text.subarray(0, -TAG_BYTES));
    decipher.final();
    return head;
  } catch {
    return null;
  } finally {
    key.fill(0);
  }
}

function keyOf(token: string, salt: Buffer): Buffer {
  return Buffer.from(hkdfSync("sha256", token, salt, "poterne own password 1", KEY_BYTES));
}
