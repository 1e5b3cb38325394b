import { timingSafeEqual } from "node:crypto";
import { Failure } from "@poterne/contract";
import { SshReader } from "./ssh-wire.ts";

/** SSH_MSG_USERAUTH_REQUEST, RFC 4252 §6. */
const SSH_MSG_USERAUTH_REQUEST = 50;

/** Longest request signed: names, a certificate of at most 64 kB. */
export const MAX_SSH_REQUEST_BYTES = 80_000;

/** Session identifiers are hashes: SHA-1 to SHA-512. */
const SESSION_ID_BYTES = { least: 20, most: 64 } as const;

/**
 * [RFC 4252] §7: checks that what is to be signed is a public-key authentication for `ssh-connection` with this very
 * key (or a user certificate of it) and algorithm, and nothing else: a taken-over gateway can use the keeper to sign in,
 * not to sign host keys, certificates, commits or files. Throws the Failure `signature-refused`.
 */
export function checkSshRequest(data: Uint8Array, key: { algorithm: string; publicKey: Uint8Array }): void {
  if (data.length > MAX_SSH_REQUEST_BYTES) refuse("the request is too long");
  try {
    const reader = new SshReader(data);
    const sessionId = reader.string();
    if (sessionId.length < SESSION_ID_BYTES.least || sessionId.length > SESSION_ID_BYTES.most) {
      refuse("the session identifier is no hash");
    }
    if (reader.byte() !== SSH_MSG_USERAUTH_REQUEST) refuse("it is no authentication request");
    reader.string();
    if (reader.text() !== "ssh-connection") refuse("the service is not ssh-connection");
    if (reader.text() !== "publickey") refuse("the method is not publickey");
    if (reader.byte() !== 1) refuse("the request carries no signature");
    const algorithm = reader.text();
    const blob = reader.string();
    if (!reader.isAtEnd) refuse("bytes follow the request");
    checkKey({ algorithm, blob }, key);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure("signature-refused", { detail: "the request is malformed" }, cause);
  }
}

function checkKey(
  asked: { readonly algorithm: string; readonly blob: Uint8Array },
  key: { readonly algorithm: string; readonly publicKey: Uint8Array },
): void {
  const isPlain = asked.algorithm === key.algorithm && isSame(asked.blob, key.publicKey);
  const isCertificate =
    asked.algorithm === certificateAlgorithm(key.algorithm) && isCertificateOf(asked.blob, key.publicKey);
  if (!isPlain && !isCertificate) refuse("the key or algorithm named is another one");
}

function certificateAlgorithm(algorithm: string): string {
  return `${algorithm}-cert-v01@openssh.com`;
}

/**
 * [PROTOCOL.certkeys] A certificate blob: type, nonce, then the public key's own fields in the order of the plain blob.
 * Signing for a certificate of another key would only fail at the server; the check keeps it from being tried.
 */
function isCertificateOf(blob: Uint8Array, publicKey: Uint8Array): boolean {
  const certificate = new SshReader(blob);
  const plain = new SshReader(publicKey);
  const [type] = certificate.text().split("-cert-v01@openssh.com");
  if (type !== plain.text()) return false;
  certificate.string();
  while (!plain.isAtEnd) {
    if (!isSame(certificate.string(), plain.string())) return false;
  }
  return true;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

function refuse(detail: string): never {
  throw new Failure("signature-refused", { detail });
}
