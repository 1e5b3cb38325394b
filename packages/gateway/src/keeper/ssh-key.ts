import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { Failure } from "@poterne/contract";
import ssh2 from "ssh2";
import { z } from "zod";
import { fromBase64, toBase64, utf8 } from "./byte-text.ts";
import { rawPublicKey } from "./signature.ts";
import { SshReader, sshMpint, sshString } from "./ssh-wire.ts";

/** Longest private key file taken. */
export const MAX_KEY_FILE_BYTES = 32_768;

const MIN_RSA_BITS = 2048;
const MAX_RSA_BITS = 8192;

/** bcrypt rounds of an encrypted OpenSSH key; each takes tens of milliseconds of the keeper's only thread. */
const MAX_KDF_ROUNDS = 128;

/** A private key ready to be sealed, and its public half. */
export interface SshPrivateKey {
  /** Unencrypted PEM: what the envelope holds. */
  readonly pem: string;
  /** SSH public key blob (RFC 4253 §6.6). */
  readonly publicKey: Uint8Array;
  /** Type of the key: `ssh-ed25519`, `ecdsa-sha2-nistp256`, …, `ssh-rsa`. */
  readonly algorithm: string;
}

const KEY_TYPES: ReadonlySet<string> = new Set([
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "ssh-rsa",
]);

/** Reads an OpenSSH or PEM private key file; throws the Failure `bad-key` saying why not. */
export function parseSshKey(file: Uint8Array, passphrase: string | null): SshPrivateKey {
  if (file.length > MAX_KEY_FILE_BYTES) refuse("the file is too long");
  const text = Buffer.from(file).toString("utf8");
  checkKdfRounds(text);
  const parsed = ssh2.utils.parseKey(text, passphrase ?? undefined);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined || key instanceof Error) return refuse(explain(key?.message ?? ""));
  if (!key.isPrivateKey()) refuse("it is a public key");
  if (!KEY_TYPES.has(key.type)) refuse(`keys of the type ${key.type} are not accepted`);
  const pem = key.getPrivatePEM();
  checkStrength(readPem(pem));
  return { pem, publicKey: Uint8Array.from(key.getPublicSSH()), algorithm: key.type };
}

/** Makes a new Ed25519 key. */
export function generateSshKey(): SshPrivateKey {
  const pair = generateKeyPairSync("ed25519");
  const publicKey = Buffer.concat([sshString("ssh-ed25519"), sshString(rawPublicKey(pair.publicKey))]);
  const pem = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return { pem, publicKey, algorithm: "ssh-ed25519" };
}

const sealedSchema = z.strictObject({
  format: z.literal("poterne-ssh-key.v1"),
  pem: z.string().max(MAX_KEY_FILE_BYTES * 2),
  publicKey: z.string().max(MAX_KEY_FILE_BYTES),
  algorithm: z.string().max(64),
});

/** What is put into the envelope of a key. */
export function packSshKey(key: SshPrivateKey): Uint8Array {
  const { pem, algorithm } = key;
  return utf8(
    JSON.stringify({ format: "poterne-ssh-key.v1", pem, publicKey: toBase64(key.publicKey), algorithm }),
  );
}

/** Reads what `packSshKey` made; throws the Failure `bad-key` when the envelope holds something else. */
export function unpackSshKey(packed: Uint8Array): SshPrivateKey {
  try {
    const { pem, publicKey, algorithm } = sealedSchema.parse(
      JSON.parse(Buffer.from(packed).toString("utf8")),
    );
    return { pem, publicKey: fromBase64(publicKey), algorithm };
  } catch {
    // The cause could quote the key.
    return refuse("the secret stored is no SSH key");
  }
}

/**
 * Signs with the algorithm named: `ssh-ed25519` (RFC 8709 §6: 64 bytes), `ecdsa-sha2-nistp*` (RFC 5656 §3.1.2: mpint r,
 * mpint s), `rsa-sha2-256`, `rsa-sha2-512` (RFC 8332) and `ssh-rsa` (SHA-1, for targets flagged *legacy*).
 * Throws the Failure `signature-refused` when it does not fit the key.
 */
export function signWithSshKey(pem: string, algorithm: string, data: Uint8Array): Uint8Array {
  const key = readPem(pem);
  const type = key.asymmetricKeyType;
  if (type === "ed25519" && algorithm === "ssh-ed25519") return sign(null, data, key);
  if (type === "rsa") {
    const hash = RSA_HASHES[algorithm];
    if (hash !== undefined) return sign(hash, data, key);
  }
  const curve = CURVES[key.asymmetricKeyDetails?.namedCurve ?? ""];
  if (type === "ec" && curve !== undefined && algorithm === curve.algorithm) {
    const signature = sign(curve.hash, data, { key, dsaEncoding: "ieee-p1363" });
    const half = signature.length / 2;
    return Buffer.concat([sshMpint(signature.subarray(0, half)), sshMpint(signature.subarray(half))]);
  }
  throw new Failure("signature-refused", { detail: "the algorithm does not fit the key" });
}

const RSA_HASHES: Readonly<Record<string, string>> = {
  "rsa-sha2-256": "sha256",
  "rsa-sha2-512": "sha512",
  "ssh-rsa": "sha1",
};

const CURVES: Readonly<Record<string, { readonly algorithm: string; readonly hash: string }>> = {
  prime256v1: { algorithm: "ecdsa-sha2-nistp256", hash: "sha256" },
  secp384r1: { algorithm: "ecdsa-sha2-nistp384", hash: "sha384" },
  secp521r1: { algorithm: "ecdsa-sha2-nistp521", hash: "sha512" },
};

function readPem(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // The cause could quote the key.
    return refuse("the key cannot be read");
  }
}

function checkStrength(key: KeyObject): void {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? MIN_RSA_BITS;
  if (bits < MIN_RSA_BITS) refuse(`an RSA key needs ${MIN_RSA_BITS} bits at least`);
  if (bits > MAX_RSA_BITS) refuse(`an RSA key has ${MAX_RSA_BITS} bits at most`);
}

/** [PROTOCOL.key] openssh-key-v1: magic, cipher, kdf name, kdf options (salt, rounds). */
function checkKdfRounds(text: string): void {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/.exec(text)?.[1];
  if (body === undefined) return;
  try {
    const magic = Buffer.from("openssh-key-v1\0");
    const reader = new SshReader(Buffer.from(body, "base64").subarray(magic.length));
    reader.string();
    if (reader.text() !== "bcrypt") return;
    const options = new SshReader(reader.string());
    options.string();
    if (options.uint32() > MAX_KDF_ROUNDS) refuse(`its passphrase uses more than ${MAX_KDF_ROUNDS} rounds`);
  } catch (error) {
    if (error instanceof Failure) throw error;
    refuse("the file is damaged");
  }
}

function explain(message: string): string {
  if (/passphrase|encrypted/i.test(message)) return "its passphrase is missing or wrong";
  if (/unsupported key format/i.test(message)) return "the format is not known";
  return "the file is damaged or the passphrase wrong";
}

function refuse(detail: string): never {
  throw new Failure("bad-key", { detail });
}
