import type { errorCatalogue } from "@poterne/contract";
import { z } from "zod";
import { MAX_ENTRY_BYTES } from "../journal/journal-entry.ts";
import { fromBase64 } from "./byte-text.ts";
import { MAX_ENVELOPE_BYTES, MAX_SECRET_BYTES } from "./envelope.ts";
import { MAX_WRAPS } from "./recording-keys.ts";
import { MAX_KEY_FILE_BYTES } from "./ssh-key.ts";
import { MAX_SSH_REQUEST_BYTES } from "./ssh-request.ts";

/** Longest statement about a recording that is signed. */
const MAX_STATEMENT_BYTES = 65_536;

/** What a secret belongs to, or is wanted for: `NOUN:ID`. */
const nounAndId = z.string().regex(/^[a-z][a-z-]{0,31}:[A-Za-z0-9._:-]{1,128}$/);

function bytes(maxBytes: number) {
  return z
    .string()
    .max(Math.ceil(maxBytes / 3) * 4)
    .transform((text, context) => {
      try {
        return fromBase64(text);
      } catch {
        context.addIssue({ code: "custom", message: "not base64" });
        return z.NEVER;
      }
    });
}

const wrap = z.strictObject({
  recipient: z.string().max(80),
  algorithm: z.string().max(40),
  wrapped: bytes(256),
});
const day = z.iso.date();
const none = z.strictObject({});

/** What may be asked of the keeper, with the shape of each question. Bytes are base64. */
export const keeperQuestions = {
  sealSecret: z.strictObject({ context: nounAndId, secret: bytes(MAX_SECRET_BYTES) }),
  openSecret: z.strictObject({ context: nounAndId, envelope: bytes(MAX_ENVELOPE_BYTES), purpose: nounAndId }),
  rewrapSecret: z.strictObject({ context: nounAndId, envelope: bytes(MAX_ENVELOPE_BYTES) }),
  sealSshKey: z.strictObject({
    context: nounAndId,
    keyFile: bytes(MAX_KEY_FILE_BYTES),
    passphrase: z.string().max(1024).nullable(),
  }),
  generateSshKey: z.strictObject({ context: nounAndId }),
  signSsh: z.strictObject({
    context: nounAndId,
    envelope: bytes(MAX_ENVELOPE_BYTES),
    algorithm: z.string().max(64),
    data: bytes(MAX_SSH_REQUEST_BYTES),
    purpose: nounAndId,
  }),
  makeRecordingKey: z.strictObject({ sessionId: z.uuid() }),
  openRecordingKey: z.strictObject({
    sessionId: z.uuid(),
    wraps: z.array(wrap).max(MAX_WRAPS),
    purpose: nounAndId,
  }),
  rewrapRecordingKey: z.strictObject({ sessionId: z.uuid(), wraps: z.array(wrap).max(MAX_WRAPS) }),
  sign: z.strictObject({
    domain: z.string().regex(/^poterne\.recording\.[a-z0-9.-]{1,60}$/),
    data: bytes(MAX_STATEMENT_BYTES),
  }),
  publicKeys: none,
  rotateSigningKey: none,
  rotateMasterKey: none,
  retireMasterKey: z.strictObject({ keyId: z.string().max(64) }),
  appendJournal: z.strictObject({ line: z.string().max(MAX_ENTRY_BYTES) }),
  readJournal: z.strictObject({ epoch: z.int().min(0), sequence: z.int().min(0) }),
  recordingAnchors: z.strictObject({ sessionId: z.uuid(), fromDay: day, toDay: day }),
  journalState: none,
  close: none,
} as const;

/** The name of a question. */
export type KeeperMethod = keyof typeof keeperQuestions;

/** A question as the keeper takes it in, bytes decoded. */
export type KeeperQuestion<M extends KeeperMethod> = z.output<(typeof keeperQuestions)[M]>;

/** A question as it is sent. */
export const questionSchema = z.strictObject({
  id: z.int().min(1),
  method: z.string().max(40),
  params: z.unknown(),
});

/** An answer: a value, or a failure by its code. */
export type KeeperAnswer =
  | { readonly id: number; readonly value: unknown }
  | {
      readonly id: number;
      readonly code: keyof typeof errorCatalogue;
      readonly details: Readonly<Record<string, string | number>>;
    };

/** What the keeper says of its own accord: that it is ready, or that something is wrong. */
export type KeeperNotice =
  | { readonly notice: "ready"; readonly warnings: readonly string[] }
  | { readonly notice: "warning"; readonly text: string };
