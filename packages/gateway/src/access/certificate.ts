import { Failure } from "@poterne/contract";
import { fingerprintOf } from "../fleet/identity-text.ts";
import { SshReader } from "../keeper/ssh-wire.ts";

/** What an OpenSSH user certificate says ([PROTOCOL.certkeys] of OpenSSH). */
export interface UserCertificate {
  readonly keyId: string;
  readonly principals: readonly string[];
  readonly serial: string;
  /** Null for open-ended. */
  readonly validFromMs: number | null;
  readonly validToMs: number | null;
  readonly authorityFingerprint: string;
  /** The certified key as a plain public key blob. */
  readonly publicKey: Uint8Array;
}

/** Number of key fields by key type, which stand between nonce and serial. */
const KEY_FIELDS: Readonly<Record<string, number>> = {
  "ssh-ed25519": 1,
  "ssh-rsa": 2,
  "ecdsa-sha2-nistp256": 2,
  "ecdsa-sha2-nistp384": 2,
  "ecdsa-sha2-nistp521": 2,
};

const CERTIFICATE_SUFFIX = "-cert-v01@openssh.com";
const TYPE_USER = 1;
const MAX_PRINCIPALS = 256;

/** The blob of a `-cert.pub` line; throws `bad-certificate`. */
export function certificateBlob(line: string): Uint8Array {
  const [type, base64] = line.trim().split(/\s+/);
  if (
    type?.endsWith(CERTIFICATE_SUFFIX) !== true ||
    base64 === undefined ||
    !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)
  ) {
    throw new Failure("bad-certificate");
  }
  return Buffer.from(base64, "base64");
}

/** Reads a user certificate; throws `bad-certificate`. Its signature is the target's to check: it knows the authority. */
export function readCertificate(blob: Uint8Array): UserCertificate {
  try {
    return read(blob);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure("bad-certificate", {}, error);
  }
}

function read(blob: Uint8Array): UserCertificate {
  const reader = new SshReader(blob);
  const type = reader.text().slice(0, -CERTIFICATE_SUFFIX.length);
  const fieldCount = KEY_FIELDS[type];
  if (fieldCount === undefined) throw new Failure("bad-certificate");
  reader.string();
  const fields = Array.from({ length: fieldCount }, () => reader.string());
  const serial = readUint64(reader);
  if (reader.uint32() !== TYPE_USER) throw new Failure("bad-certificate");
  const keyId = reader.string().toString("utf8").slice(0, 300);
  const principals = readPrincipals(reader.string());
  const validFrom = readUint64(reader);
  const validTo = readUint64(reader);
  for (let skipped = 0; skipped < 3; skipped++) reader.string();
  const authority = reader.string();
  reader.string();
  if (!reader.isAtEnd) throw new Failure("bad-certificate");
  return {
    keyId,
    principals,
    serial: serial.toString(),
    validFromMs: toMs(validFrom),
    validToMs: toMs(validTo),
    authorityFingerprint: fingerprintOf(authority),
    publicKey: Buffer.concat([lengthPrefixed(Buffer.from(type)), ...fields.map(lengthPrefixed)]),
  };
}

function readPrincipals(packed: Uint8Array): readonly string[] {
  const reader = new SshReader(packed);
  const principals: string[] = [];
  while (!reader.isAtEnd) {
    if (principals.length >= MAX_PRINCIPALS) throw new Failure("bad-certificate");
    principals.push(reader.string().toString("utf8"));
  }
  return principals;
}

function readUint64(reader: SshReader): bigint {
  return (BigInt(reader.uint32()) << 32n) | BigInt(reader.uint32());
}

/** Seconds to milliseconds; 0 and what lies beyond dates stand for open-ended. */
function toMs(seconds: bigint): number | null {
  return seconds === 0n || seconds > 8_640_000_000_000n ? null : Number(seconds) * 1000;
}

function lengthPrefixed(bytes: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
