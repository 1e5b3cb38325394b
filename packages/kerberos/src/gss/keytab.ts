import { ByteReader, DecodeError, decodeUtf8 } from "@poterne/bytes";
import { wipe } from "../crypto.ts";
import type { EncryptionKey } from "../encryption/key.ts";
import { findProfile } from "../encryption/profiles.ts";
import { MAX_KEYTAB_BYTES, MAX_NAME_PARTS } from "../limits.ts";
import type { Principal } from "../messages/principal.ts";

/** A service's long-term key. */
export interface KeytabEntry {
  readonly principal: Principal;
  readonly kvno: number;
  readonly key: EncryptionKey;
}

const FORMAT_VERSION = 0x0502;

/**
 * Reads a keytab of MIT's format, version 2 (MIT krb5 documentation, "Keytab file format"): entries with keys of
 * supported types, in buffers of their own; others are passed over. Another format is a `DecodeError`.
 */
export function readKeytab(bytes: Uint8Array): KeytabEntry[] {
  if (bytes.length > MAX_KEYTAB_BYTES) throw new DecodeError("limit", "keytab", bytes.length);
  const reader = new ByteReader(bytes, "keytab");
  if (reader.u16() !== FORMAT_VERSION) throw reader.fail("unsupported", "version");
  const entries: KeytabEntry[] = [];
  while (reader.remaining >= 4) {
    const size = reader.i32();
    // MIT's tools may leave the file filled up with zeros.
    if (size === 0) break;
    const body = reader.take(Math.abs(size));
    // A negative length is the hole of a deleted entry.
    const entry = size > 0 ? readEntry(body) : undefined;
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

function readEntry(body: Uint8Array): KeytabEntry | undefined {
  const reader = new ByteReader(body, "keytab entry");
  const counted = () => reader.take(reader.u16());
  const partCount = reader.u16();
  if (partCount === 0 || partCount > MAX_NAME_PARTS) throw reader.fail("limit", "parts of a name");
  const realm = decodeUtf8(counted());
  const parts = Array.from({ length: partCount }, () => decodeUtf8(counted()));
  const type = reader.u32();
  reader.take(4);
  const shortKvno = reader.u8();
  const etype = reader.u16();
  const key = counted();
  const longKvno = reader.remaining >= 4 ? reader.u32() : 0;
  const profile = findProfile(etype);
  if (profile === undefined) return undefined;
  if (key.length !== profile.keyBytes) throw reader.fail("invalid", "key length");
  const kvno = longKvno === 0 ? shortKvno : longKvno;
  return { principal: { realm, name: { type, parts } }, kvno, key: { etype, bytes: key.slice() } };
}

/** Forgets a keytab's keys. */
export function wipeKeytab(entries: readonly KeytabEntry[]): void {
  for (const { key } of entries) wipe(key.bytes);
}
