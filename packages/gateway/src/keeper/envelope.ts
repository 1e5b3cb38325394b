import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { Failure } from "@poterne/contract";
import { utf8 } from "./byte-text.ts";

/** Longest secret that can be sealed. */
export const MAX_SECRET_BYTES = 65_536;

/** A master key: 32 bytes and an id that follows from them. */
export interface MasterKey {
  readonly id: string;
  readonly key: Uint8Array;
}

/** Finds a master key by the id in an envelope; null when the keeper does not have it. */
export type FindMasterKey = (id: string) => MasterKey | null;

const MAGIC = Uint8Array.of(0x50, 0x54, 0x45, 0x01);
const ID_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const WRAP_OFFSET = MAGIC.length + ID_BYTES;
const BOX_OVERHEAD = NONCE_BYTES + TAG_BYTES;
const SECRET_OFFSET = WRAP_OFFSET + KEY_BYTES + BOX_OVERHEAD;

/** Longest envelope: a secret of `MAX_SECRET_BYTES` and what is around it. */
export const MAX_ENVELOPE_BYTES = MAX_SECRET_BYTES + SECRET_OFFSET + BOX_OVERHEAD;

/** The id of a master key: the first 16 hexadecimal digits of its labelled SHA-256, so that it tells nothing of the key. */
export function masterKeyId(key: Uint8Array): string {
  return createHash("sha256")
    .update("poterne.master-key-id.v1\0")
    .update(key)
    .digest("hex")
    .slice(0, ID_BYTES);
}

/** AES-256-GCM with a random nonce: nonce, ciphertext, tag. */
export function sealBox(key: Uint8Array, plain: Uint8Array, boundTo: string): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(utf8(boundTo));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Opens what `sealBox` made; throws the Failure `secret-unreadable` when key, binding or a bit differs. */
export function openBox(key: Uint8Array, box: Uint8Array, boundTo: string): Uint8Array {
  if (box.length < BOX_OVERHEAD) throw new Failure("secret-unreadable");
  const nonce = box.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(utf8(boundTo));
  decipher.setAuthTag(box.subarray(box.length - TAG_BYTES));
  try {
    return Buffer.concat([
      decipher.update(box.subarray(NONCE_BYTES, box.length - TAG_BYTES)),
      decipher.final(),
    ]);
  } catch (cause) {
    throw new Failure("secret-unreadable", {}, cause);
  }
}

/**
 * Seals a secret under a fresh data key, itself wrapped by the master key; both are bound to the context.
 * Layout, version 1: `PTE` 0x01, master key id (16 ASCII), wrapped data key (nonce 12, 32, tag 16), secret (nonce 12,
 * ciphertext, tag 16).
 */
export function sealEnvelope(master: MasterKey, context: string, secret: Uint8Array): Uint8Array {
  if (secret.length > MAX_SECRET_BYTES) throw new Failure("secret-too-large", { maxBytes: MAX_SECRET_BYTES });
  const dataKey = randomBytes(KEY_BYTES);
  const wrapped = sealBox(master.key, dataKey, wrapBinding(context));
  const sealed = sealBox(dataKey, secret, `poterne.envelope.secret.v1\0${context}`);
  dataKey.fill(0);
  return Buffer.concat([MAGIC, utf8(master.id), wrapped, sealed]);
}

/** Opens an envelope made for this context; throws the Failure `secret-unreadable`. */
export function openEnvelope(find: FindMasterKey, context: string, envelope: Uint8Array): Uint8Array {
  const dataKey = unwrapDataKey(find, context, envelope);
  const secret = openBox(dataKey, envelope.subarray(SECRET_OFFSET), `poterne.envelope.secret.v1\0${context}`);
  dataKey.fill(0);
  return secret;
}

/**
 * The same envelope with its data key wrapped by `to`: the secret's own ciphertext is not touched or opened.
 * Returns null when it is wrapped by `to` already.
 */
export function rewrapEnvelope(
  find: FindMasterKey,
  to: MasterKey,
  sealed: { readonly context: string; readonly envelope: Uint8Array },
): Uint8Array | null {
  if (envelopeKeyId(sealed.envelope) === to.id) return null;
  const dataKey = unwrapDataKey(find, sealed.context, sealed.envelope);
  const wrapped = sealBox(to.key, dataKey, wrapBinding(sealed.context));
  dataKey.fill(0);
  return Buffer.concat([MAGIC, utf8(to.id), wrapped, sealed.envelope.subarray(SECRET_OFFSET)]);
}

/** The id of the master key an envelope was wrapped by; throws the Failure `secret-unreadable` on other bytes. */
export function envelopeKeyId(envelope: Uint8Array): string {
  const isEnvelope = envelope.length >= SECRET_OFFSET + BOX_OVERHEAD && envelope.length <= MAX_ENVELOPE_BYTES;
  if (!isEnvelope || MAGIC.some((byte, index) => envelope[index] !== byte)) {
    throw new Failure("secret-unreadable");
  }
  return Buffer.from(envelope.subarray(MAGIC.length, WRAP_OFFSET)).toString("latin1");
}

function unwrapDataKey(find: FindMasterKey, context: string, envelope: Uint8Array): Uint8Array {
  const master = find(envelopeKeyId(envelope));
  if (master === null) throw new Failure("secret-unreadable");
  return openBox(master.key, envelope.subarray(WRAP_OFFSET, SECRET_OFFSET), wrapBinding(context));
}

function wrapBinding(context: string): string {
  return `poterne.envelope.key.v1\0${context}`;
}
