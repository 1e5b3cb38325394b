import { createHash } from "node:crypto";
import { z } from "zod";

/** Name of the format, in every segment's first line. */
export const JOURNAL_FORMAT = "poterne-journal.v1";

/** Domain of the signatures in checkpoints and trailers. */
export const JOURNAL_DOMAIN = "poterne.journal.v1";

/** Longest line: an entry and what is around it. */
export const MAX_LINE_BYTES = 40_960;

/** What the first line of an epoch has as its previous hash. */
export const NO_HASH = "0".repeat(64);

const HASH_MARK = ',"hash":"';
const SUFFIX_LENGTH = HASH_MARK.length + 64 + 2;
const SIGNATURE_MARK = ',"signature":"';

/** What every line says first. */
export interface LineStamp {
  readonly sequence: number;
  /** UTC, ISO 8601 with milliseconds. */
  readonly at: string;
  readonly monotonicMs: number;
  readonly boot: string;
  /** Hash of the line before it, hex. */
  readonly previous: string;
}

const stamp = {
  sequence: z.int().min(1),
  at: z.iso.datetime({ precision: 3 }),
  monotonicMs: z.int().min(0),
  boot: z.string().max(36),
  previous: z.string().regex(/^[0-9a-f]{64}$/),
};
const signed = { keyId: z.string().max(64), signature: z.string().max(100) };
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const place = { node: z.string().max(64), epoch: z.int().min(1) };

/** All kinds of line, by `type`. */
const lineSchema = z.discriminatedUnion("type", [
  /** First line of a segment. */
  z.strictObject({
    ...stamp,
    type: z.literal("segment"),
    format: z.literal(JOURNAL_FORMAT),
    ...place,
    /** Why it begins: `first` of the node, `day`, `size`; a new epoch: `restored`, `altered`, `shortened`. */
    reason: z.enum(["first", "day", "size", "restored", "altered", "shortened"]),
    /** Last line of the epoch before, as far as it could be read; null in the first epoch. */
    epochBefore: z.strictObject({ epoch: z.int(), sequence: z.int(), hash }).nullable(),
    hash,
  }),
  z.strictObject({ ...stamp, type: z.literal("entry"), entry: z.unknown(), hash }),
  /** A signature over everything before it. */
  z.strictObject({ ...stamp, type: z.literal("checkpoint"), ...place, ...signed, hash }),
  /** Last line of a segment, signed; kept when the segment is dropped. */
  z.strictObject({
    ...stamp,
    type: z.literal("trailer"),
    ...place,
    firstSequence: z.int().min(1),
    /** What the segment's first line had as its previous hash: the trailer of the segment before. */
    segmentPrevious: hash,
    entryCount: z.int().min(0),
    firstAt: z.string().max(30),
    ...signed,
    hash,
  }),
]);

/** One line, parsed. */
export type JournalLine = z.infer<typeof lineSchema>;

/** Parts of a line behind the stamp, in the order they are written; values as JSON. */
export type LineParts = readonly (readonly [name: string, json: string])[];

/** Writes a line without its line feed. The hash is SHA-256 of the UTF-8 text before `,"hash":"`. */
export function formatLine(
  at: LineStamp,
  parts: LineParts,
): { readonly text: string; readonly hash: string } {
  const tail = parts.map(([name, json]) => `,"${name}":${json}`).join("");
  return closeLine(`${formatStamp(at)}${tail}`);
}

/** Signs lines: the id of the key it will use next, and a base64 signature over a text. */
export interface LineSigner {
  keyId(): string;
  sign(text: string): string;
}

/** Writes a signed line: the key id, a signature over the text before `,"signature":"`, then the hash over all of it. */
export function formatSignedLine(
  at: LineStamp,
  parts: LineParts,
  signer: LineSigner,
): { readonly text: string; readonly hash: string } {
  const tail = parts.map(([name, json]) => `,"${name}":${json}`).join("");
  const body = `${formatStamp(at)}${tail},"keyId":${JSON.stringify(signer.keyId())}`;
  return closeLine(`${body}${SIGNATURE_MARK}${signer.sign(body)}"`);
}

function formatStamp(at: LineStamp): string {
  const { sequence, monotonicMs, boot, previous } = at;
  return `{"sequence":${sequence},"at":"${at.at}","monotonicMs":${monotonicMs},"boot":"${boot}","previous":"${previous}"`;
}

function closeLine(body: string): { readonly text: string; readonly hash: string } {
  const digest = createHash("sha256").update(body, "utf8").digest("hex");
  return { text: `${body}${HASH_MARK}${digest}"}`, hash: digest };
}

/** The hash a line claims, when its bytes (without the line feed) have that hash; null otherwise. */
export function checkedHash(line: Uint8Array): string | null {
  if (line.length <= SUFFIX_LENGTH) return null;
  const suffix = Buffer.from(line.subarray(line.length - SUFFIX_LENGTH)).toString("latin1");
  if (!suffix.startsWith(HASH_MARK) || !suffix.endsWith('"}')) return null;
  const claimed = suffix.slice(HASH_MARK.length, -2);
  const digest = createHash("sha256").update(line.subarray(0, line.length - SUFFIX_LENGTH));
  return digest.digest("hex") === claimed ? claimed : null;
}

/** A line's fields; null when it is not a line of this format. Its hash is not checked here. */
export function parseLine(text: string): JournalLine | null {
  try {
    return lineSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** The text a signed line's signature stands for, null when there is none. */
export function signedText(text: string): string | null {
  const end = text.lastIndexOf(SIGNATURE_MARK);
  return end < 0 ? null : text.slice(0, end);
}

/** The sequence of a line, without parsing all of it; null when it is no line. */
export function sequenceOf(text: string): number | null {
  const match = /^\{"sequence":(\d{1,15}),/.exec(text);
  return match === null ? null : Number(match[1]);
}
