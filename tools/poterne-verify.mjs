#!/usr/bin/env node
// Verifies recordings of Poterne without Poterne: one file, no dependency, Node 20 or newer, public keys only.
// The format is described in docs/recording-format.md; this file is written from that page.
//
//   node poterne-verify.mjs --keys public-keys.json [--journal COUNT:HEAD ...] [--json] FILE...
//
// --keys      the gateway's public signing keys (keys/public-keys.json), or 64 hexadecimal digits; may be repeated
// --journal   a head that the journal holds: number of records, a colon, 64 hexadecimal digits; may be repeated
// --json      one JSON object a file
// Exit status: 0 complete or sealed and signed by a known key, 1 anything else, 2 wrong use.

import { createHash, createPublicKey, verify } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";

const MAGIC = Buffer.from([0x89, 0x50, 0x54, 0x4e, 0x52, 0x0d, 0x0a, 0x1a]);
const CHAIN_DOMAIN = Buffer.from("poterne recording v1\0");
const CHECKPOINT_DOMAIN = Buffer.from("poterne.recording.checkpoint.v1\0");
const ED25519_SPKI = Buffer.from("302a300506032b6570032100", "hex");
const PREFIX_BYTES = 16;
const HEADER_BYTES = 44;
const CHECKPOINT_BYTES = 240;
const SIGNED_BYTES = 176;
const MAX_CLEAR_HEADER_BYTES = 64 * 1024;
const MAX_PLAIN_BYTES = 16 * 1024 * 1024 + 64 * 1024;
const MAX_BODY_BYTES = MAX_PLAIN_BYTES + 64 * 1024;
const MAX_RECORDS = 1_048_576;
const MAX_CHECKPOINT_LAG = 4096;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const AFTER_END = "something follows the final checkpoint";

class Damage extends Error {}

function sha256(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Checks a file pushed in pieces; `finish` tells what was found so far. */
export class Verifier {
  /** `trustedKeys`: raw 32-byte public keys, null to trust nobody. `journal`: `{ count, head }` objects. */
  constructor(trustedKeys, journal = []) {
    this.trustedKeys = trustedKeys;
    this.journal = journal;
    this.parts = [];
    this.bufferedBytes = 0;
    this.neededBytes = PREFIX_BYTES;
    this.zeroBytes = 0;
    this.header = null;
    this.head = null;
    this.heads = new Map();
    this.matched = new Set();
    this.signers = new Map();
    this.count = 0;
    this.signedCount = 0;
    this.liveCount = 0;
    this.signedUntilMs = 0;
    this.nextOrdinal = 0;
    this.endFlags = 0;
    this.damage = null;
  }

  push(bytes) {
    if (this.damage !== null) return;
    this.parts.push(bytes);
    this.bufferedBytes += bytes.length;
    if (this.bufferedBytes < this.neededBytes) return;
    let rest = Buffer.concat(this.parts);
    try {
      for (let used = this.take(rest); used > 0; used = this.take(rest)) rest = rest.subarray(used);
    } catch (error) {
      if (!(error instanceof Damage)) throw error;
      this.damage ??= { at: this.count, detail: error.message };
    }
    this.parts = [rest];
    this.bufferedBytes = rest.length;
  }

  /** Takes the next whole piece; returns its length, 0 when more bytes are needed. */
  take(rest) {
    if (this.header === null) return this.takeFileHeader(rest);
    this.neededBytes = 1;
    if (rest.length === 0) return 0;
    if (this.zeroBytes > 0 || rest[0] === 0) return this.takeZeros(rest);
    return rest[0] === 2 ? this.takeCheckpoint(rest) : this.takeRecord(rest);
  }

  /** A power cut can leave zeros at the end: they count as torn while nothing else follows. */
  takeZeros(rest) {
    if (rest.some((byte) => byte !== 0)) throw new Damage("zeros in mid-file");
    this.zeroBytes += rest.length;
    return rest.length;
  }

  takeFileHeader(rest) {
    if (!this.need(rest, PREFIX_BYTES)) return 0;
    if (!rest.subarray(0, 8).equals(MAGIC)) throw new Damage("magic");
    if (rest.readUInt16LE(8) !== 1) throw new Damage(`format version ${rest.readUInt16LE(8)}`);
    if (rest.readUInt16LE(10) !== 0) throw new Damage("reserved bits");
    const length = rest.readUInt32LE(12);
    if (length > MAX_CLEAR_HEADER_BYTES) throw new Damage(`header of ${length} bytes`);
    if (!this.need(rest, PREFIX_BYTES + length)) return 0;
    const bytes = rest.subarray(0, PREFIX_BYTES + length);
    this.header = parseHeader(bytes.subarray(PREFIX_BYTES));
    this.setHead(sha256(CHAIN_DOMAIN, bytes));
    return bytes.length;
  }

  takeRecord(rest) {
    if (!this.need(rest, HEADER_BYTES)) return 0;
    const header = rest.subarray(0, HEADER_BYTES);
    if (!sha256(header.subarray(0, 40)).subarray(0, 4).equals(header.subarray(40)))
      throw new Damage("check value");
    const bodyBytes = checkRecordHeader(header);
    if (!this.need(rest, HEADER_BYTES + bodyBytes)) return 0;
    this.refuseAfterEnd();
    const sequence = header.readUInt32LE(4);
    if (sequence !== this.count) throw new Damage(`record ${sequence} stands where ${this.count} should`);
    if (!header.subarray(24, 40).equals(this.head.subarray(0, 16)))
      this.alter(Math.max(0, this.count - 1), "does not fit the record behind it");
    this.count += 1;
    this.setHead(sha256(this.head, rest.subarray(0, HEADER_BYTES + bodyBytes)));
    return HEADER_BYTES + bodyBytes;
  }

  takeCheckpoint(rest) {
    if (!this.need(rest, CHECKPOINT_BYTES)) return 0;
    const bytes = rest.subarray(0, CHECKPOINT_BYTES);
    const checkpoint = parseCheckpoint(bytes);
    this.refuseAfterEnd();
    const problem = this.checkCheckpoint(bytes, checkpoint);
    if (problem !== null) this.alter(this.signedCount, problem);
    const { count, flags, keyId, ordinal, publicKey, timeMs } = checkpoint;
    const publicKeyHex = publicKey.toString("hex");
    this.signers.set(publicKeyHex, { keyId, publicKeyHex, isTrusted: this.isTrusted(publicKey) });
    this.nextOrdinal = ordinal + 1;
    this.signedCount = count;
    this.signedUntilMs = timeMs;
    this.endFlags = flags;
    if ((flags & 2) === 0) this.liveCount = count;
    this.setHead(sha256(this.head, bytes));
    return CHECKPOINT_BYTES;
  }

  checkCheckpoint(bytes, { count, flags, head, keyId, ordinal, publicKey, sessionId }) {
    const place = `checkpoint ${ordinal}`;
    if (!isSigned(publicKey, bytes)) return `signature of the checkpoint at record ${this.count}`;
    if (this.trustedKeys !== null && !this.isTrusted(publicKey))
      return `${place} is signed by an unknown key (${keyId})`;
    if (sessionId !== this.header.sessionId) return `${place} belongs to another recording`;
    if (ordinal !== this.nextOrdinal) return `${place} stands where ${this.nextOrdinal} should`;
    if (flags === 2) return `${place} seals without ending`;
    const isFinal = flags !== 0;
    if (count > this.count || count < this.signedCount || (isFinal && count !== this.count))
      return `${place} covers ${count} records, ${this.count} are here`;
    const heads = isFinal ? [this.head] : (this.heads.get(count) ?? []);
    if (heads.some((known) => known.equals(head))) return null;
    return `records ${this.signedCount} to ${count - 1} are not those that were signed`;
  }

  setHead(head) {
    this.head = head;
    const heads = this.heads.get(this.count) ?? [];
    heads.push(head);
    this.heads.set(this.count, heads);
    this.heads.delete(this.count - MAX_CHECKPOINT_LAG);
    for (const entry of this.journal)
      if (entry.count === this.count && head.equals(entry.head)) this.matched.add(entry);
  }

  finish() {
    const journalCount = Math.max(0, ...this.journal.map(({ count }) => count));
    const isTorn = this.damage === null && (this.bufferedBytes > 0 || this.zeroBytes > 0);
    const isFollowed = isTorn && this.endFlags !== 0;
    const tail = isFollowed ? { at: this.count, detail: AFTER_END } : null;
    const altered = this.damage ?? tail ?? this.compareWithJournal();
    return {
      verdict: this.verdict(altered !== null, journalCount),
      sessionId: this.header?.sessionId ?? null,
      recordCount: this.count,
      signedCount: this.signedCount,
      liveCount: this.liveCount,
      alteredAt: this.header === null ? null : (altered?.at ?? null),
      detail: altered?.detail ?? this.describe(journalCount),
      signedUntilMs: this.signedUntilMs,
      tornBytes: isTorn ? this.bufferedBytes + this.zeroBytes : 0,
      signers: [...this.signers.values()],
    };
  }

  verdict(isAltered, journalCount) {
    if (isAltered) return this.header === null ? "not-a-recording" : "altered";
    if (journalCount > this.count) return "shorter";
    if ((this.endFlags & 2) !== 0) return "sealed";
    return this.endFlags !== 0 ? "complete" : "unfinished";
  }

  describe(journalCount) {
    if (journalCount > this.count) return `the journal knows ${journalCount} records, ${this.count} are here`;
    return this.endFlags === 0
      ? `no end: ${this.count - this.signedCount} records behind the last signature`
      : "";
  }

  compareWithJournal() {
    const wrong = this.journal.find((entry) => entry.count <= this.count && !this.matched.has(entry));
    if (wrong === undefined) return null;
    return { at: 0, detail: `the journal has another head for ${wrong.count} records` };
  }

  isTrusted(publicKey) {
    return (this.trustedKeys ?? []).some((key) => publicKey.equals(key));
  }

  refuseAfterEnd() {
    if (this.endFlags !== 0) this.alter(this.count, AFTER_END);
  }

  need(rest, bytes) {
    this.neededBytes = bytes;
    return rest.length >= bytes;
  }

  alter(at, detail) {
    this.damage = { at, detail };
    throw new Damage(detail);
  }
}

function parseHeader(json) {
  let header;
  try {
    header = JSON.parse(json.toString("utf8"));
  } catch {
    throw new Damage("header is not JSON");
  }
  const isGood =
    typeof header === "object" &&
    header !== null &&
    UUID.test(String(header.sessionId)) &&
    Number.isSafeInteger(header.startedAtMs) &&
    header.startedAtMs >= 0 &&
    (header.kind === "desktop" || header.kind === "terminal") &&
    typeof header.protocol === "string" &&
    header.protocol.length <= 32 &&
    header.cipher === "AES-256-GCM" &&
    Array.isArray(header.wraps) &&
    header.wraps.length <= 32 &&
    header.wraps.every(isWrap);
  if (!isGood) throw new Damage("header");
  return header;
}

function isWrap(wrap) {
  return (
    typeof wrap === "object" &&
    wrap !== null &&
    typeof wrap.recipient === "string" &&
    typeof wrap.algorithm === "string" &&
    typeof wrap.wrapped === "string" &&
    /^(?:[0-9a-fA-F]{2}){0,1024}$/.test(wrap.wrapped)
  );
}

/** Refuses what no writer makes; returns the body's length. */
function checkRecordHeader(header) {
  const [type, flags, codec] = header;
  const bodyBytes = header.readUInt32LE(20);
  if (type !== 1 && type !== 3) throw new Damage(`record type ${type}`);
  if (flags > 15 || (type === 3 && flags !== 0)) throw new Damage(`record flags ${flags}`);
  if (codec > 1) throw new Damage(`codec ${codec}`);
  if (header.readUInt32LE(4) >= MAX_RECORDS) throw new Damage("too many records");
  if (header.readUInt32LE(16) > MAX_PLAIN_BYTES) throw new Damage("chunk too long");
  if (bodyBytes > MAX_BODY_BYTES) throw new Damage("body too long");
  if (type === 1 && bodyBytes < 16) throw new Damage("body without tag");
  return bodyBytes;
}

function parseCheckpoint(bytes) {
  const keyIdBytes = bytes[2];
  if (bytes[1] > 3 || keyIdBytes > 64 || bytes[3] !== 0) throw new Damage("checkpoint flags");
  const largest = BigInt(Number.MAX_SAFE_INTEGER);
  if (bytes.readBigUInt64LE(16) > largest || bytes.readBigUInt64LE(24) > largest)
    throw new Damage("number over 2^53");
  const id = bytes.toString("hex", 160, 176);
  return {
    flags: bytes[1],
    ordinal: bytes.readUInt32LE(4),
    count: bytes.readUInt32LE(8),
    timeMs: bytes.readUInt32LE(12),
    head: bytes.subarray(32, 64),
    publicKey: bytes.subarray(64, 96),
    keyId: bytes.toString("utf8", 96, 96 + keyIdBytes),
    sessionId: [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20)].join("-"),
  };
}

function isSigned(publicKey, bytes) {
  try {
    const key = createPublicKey({
      key: Buffer.concat([ED25519_SPKI, publicKey]),
      format: "der",
      type: "spki",
    });
    const message = Buffer.concat([CHECKPOINT_DOMAIN, bytes.subarray(0, SIGNED_BYTES)]);
    return verify(null, message, key, bytes.subarray(SIGNED_BYTES));
  } catch {
    return false;
  }
}

/** Public keys of a `public-keys.json` file, or one key in hexadecimal. */
export function readKeys(argument) {
  if (/^[0-9a-f]{64}$/i.test(argument)) return [Buffer.from(argument, "hex")];
  const { keys } = JSON.parse(readFileSync(argument, "utf8"));
  return keys.map(({ publicKey }) => {
    const key = Buffer.from(publicKey, "base64");
    if (key.length !== 32) throw new Error(`${argument}: a public key has 32 bytes`);
    return key;
  });
}

/** Verifies one file; the same verdicts as `poterne verify`. */
export async function verifyFile(path, trustedKeys, journal = []) {
  const verifier = new Verifier(trustedKeys, journal);
  for await (const bytes of createReadStream(path, { highWaterMark: 1024 * 1024 })) verifier.push(bytes);
  return verifier.finish();
}

const WORDS = {
  complete: (result) => `complete: ${result.recordCount} records, as they were written`,
  sealed: (result) =>
    `sealed after a crash at record ${result.liveCount}: ${result.recordCount} records, ${result.liveCount} signed while the session ran`,
  unfinished: (result) => `no end: ${result.recordCount} records in order, ${result.signedCount} signed`,
  shorter: (result) => `shorter than the journal says: ${result.detail}`,
  altered: (result) => `ALTERED at record ${result.alteredAt}: ${result.detail}`,
  "not-a-recording": (result) => `not a recording of Poterne: ${result.detail}`,
};

function parseArguments(words) {
  const options = { keys: null, journal: [], isJson: false, files: [] };
  const rest = [...words];
  while (rest.length > 0) {
    const word = rest.shift();
    if (word === "--keys") options.keys = [...(options.keys ?? []), ...readKeys(rest.shift() ?? "")];
    else if (word === "--journal") options.journal.push(parseJournal(rest.shift() ?? ""));
    else if (word === "--json") options.isJson = true;
    else if (word.startsWith("-")) throw new Error(`unknown option ${word}`);
    else options.files.push(word);
  }
  if (options.files.length === 0) throw new Error("no file");
  return options;
}

function parseJournal(text) {
  const match = /^(\d{1,7}):([0-9a-f]{64})$/i.exec(text);
  if (match === null) throw new Error("--journal takes COUNT:HEAD");
  return { count: Number(match[1]), head: Buffer.from(match[2], "hex") };
}

async function main(words) {
  let options;
  try {
    options = parseArguments(words);
  } catch (error) {
    console.error(
      `${error.message}\nuse: node poterne-verify.mjs --keys public-keys.json [--journal COUNT:HEAD] [--json] FILE...`,
    );
    return 2;
  }
  let status = 0;
  for (const file of options.files) {
    const result = await verifyFile(file, options.keys, options.journal);
    if (options.isJson) console.log(JSON.stringify({ file, ...result }));
    else {
      console.log(`${file}: ${WORDS[result.verdict](result)}`);
      for (const { isTrusted, keyId, publicKeyHex } of result.signers)
        console.log(`  ${isTrusted ? "signed by" : "signed by a key NOT checked:"} ${keyId} ${publicKeyHex}`);
    }
    const isKnown = result.signers.length > 0 && result.signers.every(({ isTrusted }) => isTrusted);
    if (!isKnown || (result.verdict !== "complete" && result.verdict !== "sealed")) status = 1;
  }
  return status;
}

if (import.meta.main ?? process.argv[1]?.endsWith("poterne-verify.mjs"))
  process.exitCode = await main(process.argv.slice(2));
