import {
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "@poterne/contract";
import { fromBase64, utf8 } from "./byte-text.ts";
import { openBox, sealBox } from "./envelope.ts";
import type { KeyWrap } from "./keeper.ts";
import type { MasterKeys } from "./master-keys.ts";
import { rawPublicKey } from "./signature.ts";

/** Recipients of a recording's key beside the master key. */
const MAX_AUDITORS = 16;

/** Wraps accepted when a recording's key is opened. */
export const MAX_WRAPS = 64;

const KEY_BYTES = 32;
const MASTER_ALGORITHM = "A256GCM";
const AUDITOR_ALGORITHM = "X25519-HKDF-SHA256-A256GCM";
const X25519_SPKI = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x03, 0x21, 0x00);

/** An auditor's public key: recordings can be read with its private half alone, without the gateway. */
export interface AuditorKey {
  /** File name without `.pub`. */
  readonly name: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** Reads `AUDITOR.pub` files (PEM, or base64 of the 32 bytes) of a folder; none when there is no such folder. */
export async function readAuditorKeys(directory: string): Promise<readonly AuditorKey[]> {
  if (!existsSync(directory)) return [];
  const files = (await readdir(directory)).filter((file) => file.endsWith(".pub")).sort();
  if (files.length > MAX_AUDITORS) throw new Error(`${directory} holds more than ${MAX_AUDITORS} keys`);
  return Promise.all(
    files.map(async (file) => {
      const name = file.slice(0, -4);
      if (!/^[A-Za-z0-9._-]{1,40}$/.test(name))
        throw new Error(`${file}: an auditor's name has letters, digits, ._-`);
      return { name, publicKey: parseX25519((await readFile(join(directory, file), "utf8")).trim(), file) };
    }),
  );
}

/** Wraps a content key for the current master key and every auditor. */
export function wrapRecordingKey(
  recording: { readonly sessionId: string; readonly key: Uint8Array },
  recipients: { readonly masterKeys: MasterKeys; readonly auditors: readonly AuditorKey[] },
): readonly KeyWrap[] {
  const { current } = recipients.masterKeys;
  const recipient = `master:${current.id}`;
  const wrapped = sealBox(current.key, recording.key, binding(recording.sessionId, recipient));
  const forAuditors = recipients.auditors.map((auditor) => wrapForAuditor(recording, auditor));
  return [{ recipient, algorithm: MASTER_ALGORITHM, wrapped }, ...forAuditors];
}

/** A fresh content key. */
export function makeContentKey(): Uint8Array {
  return randomBytes(KEY_BYTES);
}

/** The content key, from the wrap of a master key held here; throws the Failure `secret-unreadable`. */
export function unwrapRecordingKey(
  sessionId: string,
  wraps: readonly KeyWrap[],
  masterKeys: MasterKeys,
): Uint8Array {
  for (const { recipient, algorithm, wrapped } of wraps) {
    if (algorithm !== MASTER_ALGORITHM || !recipient.startsWith("master:")) continue;
    const master = masterKeys.find(recipient.slice("master:".length));
    if (master === null) continue;
    const key = openOrNull(master.key, wrapped, binding(sessionId, recipient));
    if (key?.length === KEY_BYTES) return key;
  }
  throw new Failure("secret-unreadable");
}

/** Null for a wrap that was altered: another one of the same recording may still open. */
function openOrNull(key: Uint8Array, box: Uint8Array, boundTo: string): Uint8Array | null {
  try {
    return openBox(key, box, boundTo);
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}

/**
 * Opens an auditor's wrap with the private key: what the stand-alone reader does. Layout: ephemeral public key (32),
 * box (nonce 12, 32, tag 16); the box's key is HKDF-SHA256 of the X25519 secret, salt = ephemeral || recipient.
 */
export function unwrapForAuditor(sessionId: string, wrap: KeyWrap, privateKey: KeyObject): Uint8Array {
  const ephemeral = wrap.wrapped.subarray(0, KEY_BYTES);
  const own = rawPublicKey(privateKey);
  const shared = diffieHellman({ privateKey, publicKey: x25519PublicKey(ephemeral) });
  const bound = binding(sessionId, wrap.recipient);
  return openBox(deriveKey(shared, [ephemeral, own], bound), wrap.wrapped.subarray(KEY_BYTES), bound);
}

function wrapForAuditor(
  recording: { readonly sessionId: string; readonly key: Uint8Array },
  auditor: AuditorKey,
): KeyWrap {
  const pair = generateKeyPairSync("x25519");
  const ephemeral = rawPublicKey(pair.publicKey);
  const shared = diffieHellman({
    privateKey: pair.privateKey,
    publicKey: x25519PublicKey(auditor.publicKey),
  });
  const recipient = `x25519:${auditor.name}`;
  const bound = binding(recording.sessionId, recipient);
  const box = sealBox(deriveKey(shared, [ephemeral, auditor.publicKey], bound), recording.key, bound);
  return { recipient, algorithm: AUDITOR_ALGORITHM, wrapped: Buffer.concat([ephemeral, box]) };
}

function deriveKey(shared: Uint8Array, salt: readonly Uint8Array[], info: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", shared, Buffer.concat(salt), utf8(info), KEY_BYTES));
}

function binding(sessionId: string, recipient: string): string {
  return `poterne.recording.key.v1\0${sessionId}\0${recipient}`;
}

function x25519PublicKey(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([X25519_SPKI, raw]), format: "der", type: "spki" });
}

function parseX25519(text: string, file: string): Uint8Array {
  try {
    if (!text.startsWith("-----")) {
      const raw = fromBase64(text);
      if (raw.length === KEY_BYTES) return raw;
    } else {
      const key = createPublicKey(text);
      if (key.asymmetricKeyType === "x25519") return rawPublicKey(key);
    }
  } catch (cause) {
    throw new Error(`${file} is not an X25519 public key`, { cause });
  }
  throw new Error(`${file} is not an X25519 public key`);
}
