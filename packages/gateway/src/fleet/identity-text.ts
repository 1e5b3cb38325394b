import { createHash, X509Certificate } from "node:crypto";
import { Failure, type Protocol } from "@poterne/contract";
import { SshReader } from "../keeper/ssh-wire.ts";
import type { TargetIdentity } from "../session/driver.ts";

/** Host key types that can be pinned. */
const HOST_KEY =
  /(?:^|\s)(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|ssh-dss)\s+([A-Za-z0-9+/]+={0,2})(?:\s|$)/;

/** A SHA-256 fingerprint as OpenSSH prints it, and the kind of key that may stand around it. */
const SSH_FINGERPRINT = /(?:^|\s)SHA256:([A-Za-z0-9+/]{43})=?(?:\s|$)/;
/** `ssh-keygen -l`: bits first, the kind in brackets at the end. */
const KEYGEN_KIND = /^(\d{3,5})\s.*\((ED25519|RSA|ECDSA|DSA)\)\s*$/;
const KEY_NAME = /(?:^|\s)(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|ssh-dss)(?:\s|$)/;
/** `openssl x509 -fingerprint -sha256`: pairs of hexadecimal digits. */
const HEX_FINGERPRINT = /(?:^|[\s=])((?:[0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2})\s*$/;

/**
 * Reads what an administrator pastes: an OpenSSH public key, a line of known_hosts, a PEM certificate, or a SHA-256
 * fingerprint alone as `ssh-keygen -l`, `openssl x509 -fingerprint -sha256` or one of our own refusals shows it. Throws
 * `bad-identity` for anything else, or what the protocol has no use for.
 */
export function parseIdentity(text: string, protocol: Protocol): TargetIdentity {
  if (protocol === "ssh") return parseSshFingerprint(text) ?? parseHostKey(text);
  if (protocol === "vnc" || protocol === "rdp")
    return parseCertificateFingerprint(text) ?? parseCertificate(text);
  throw new Failure("bad-identity");
}

function parseSshFingerprint(text: string): TargetIdentity | null {
  const [, digest] = SSH_FINGERPRINT.exec(text) ?? [];
  if (digest === undefined) return null;
  return { kind: "ssh-host-key", algorithm: keyNameIn(text), fingerprint: `SHA256:${digest}`, publicKey: "" };
}

/** The kind of key that a line with a fingerprint names; `unknown` when it names none. */
function keyNameIn(text: string): string {
  const [, bits, kind] = KEYGEN_KIND.exec(text.trim()) ?? [];
  if (kind === "ED25519") return "ssh-ed25519";
  if (kind === "RSA") return "ssh-rsa";
  if (kind === "DSA") return "ssh-dss";
  if (kind === "ECDSA") return `ecdsa-sha2-nistp${bits}`;
  return KEY_NAME.exec(text)?.[1] ?? "unknown";
}

function parseCertificateFingerprint(text: string): TargetIdentity | null {
  if (text.includes("-----")) return null;
  const [, hex] = HEX_FINGERPRINT.exec(text) ?? [];
  const digest =
    hex === undefined
      ? SSH_FINGERPRINT.exec(text)?.[1]
      : Buffer.from(hex.replaceAll(":", ""), "hex").toString("base64").replace(/=+$/, "");
  if (digest === undefined) return null;
  return { kind: "tls-certificate", algorithm: "x509", fingerprint: `SHA256:${digest}`, publicKey: "" };
}

function parseHostKey(text: string): TargetIdentity {
  const [, algorithm, base64] = HOST_KEY.exec(text) ?? [];
  if (algorithm === undefined || base64 === undefined) throw new Failure("bad-identity");
  const blob = Buffer.from(base64, "base64");
  if (keyType(blob) !== algorithm) throw new Failure("bad-identity");
  return {
    kind: "ssh-host-key",
    algorithm,
    fingerprint: fingerprintOf(blob),
    publicKey: blob.toString("base64"),
  };
}

function parseCertificate(text: string): TargetIdentity {
  try {
    const { raw } = new X509Certificate(text);
    return {
      kind: "tls-certificate",
      algorithm: "x509",
      fingerprint: fingerprintOf(raw),
      publicKey: raw.toString("base64"),
    };
  } catch (error) {
    throw new Failure("bad-identity", {}, error);
  }
}

/** The key type a public key blob begins with (RFC 4253 §6.6); null when it is no blob. */
export function keyType(blob: Uint8Array): string | null {
  try {
    return new SshReader(blob).text();
  } catch {
    return null;
  }
}

/** `SHA256:` and base64 without padding, as OpenSSH prints it. */
export function fingerprintOf(blob: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}
