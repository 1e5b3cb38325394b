import { decodeUtf8 } from "@poterne/bytes";
import type {
  DesktopPlace,
  Question,
  StatusMessage,
  StepName,
  ViewerRole,
  WirePolicy,
  WireViewer,
} from "@poterne/wire";
import {
  type Fields,
  MessageError,
  readBoolean,
  readChoice,
  readDetails,
  readFields,
  readList,
  readNumber,
  readNumberOrNull,
  readText,
} from "./fields.ts";

/** The longest status message the page reads. */
export const MAX_STATUS_BYTES = 256 * 1024;
/** The longest name in a message: a person, machine, account, target. */
const MAX_NAME_LENGTH = 500;
/** The longest text to read: a message of a guardian, a prompt, an instruction. */
const MAX_TEXT_LENGTH = 8192;
/** The most viewers of one session. */
const MAX_VIEWERS = 1000;
/** The most screens of a target. */
const MAX_PLACES = 16;
/** The most fields of one question. */
const MAX_QUESTION_FIELDS = 32;
/** The most details of one message. */
const MAX_DETAILS = 64;

const ROLES = ["controller", "observer", "guardian"] as const satisfies readonly ViewerRole[];
const CLIPBOARD_RULES = ["off", "text", "all"] as const;
const RECORDED_BECAUSE = ["policy-must", "policy-should"] as const;
const STEPS = [
  "policy",
  "guardian",
  "recording",
  "network",
  "encryption",
  "identity",
  "open",
] as const satisfies readonly StepName[];
const QUESTION_KINDS = [
  "credentials",
  "keyboard-interactive",
  "host-key",
  "certificate",
  "reason",
] as const satisfies readonly Question["kind"][];
const DETAIL_LIMITS = { maxCount: MAX_DETAILS, maxLength: MAX_TEXT_LENGTH };

type MessageOf<Type extends StatusMessage["type"]> = Extract<StatusMessage, { type: Type }>;
type Readers = { readonly [Type in StatusMessage["type"]]: (fields: Fields) => MessageOf<Type> };

/**
 * Reads one message of the `status` channel: JSON, every field checked and bounded, unknown fields dropped.
 * Answers null for a type this page does not know (a newer gateway of the same major version); throws `MessageError`
 * for what is not as described.
 */
export function decodeStatus(payload: Uint8Array): StatusMessage | null {
  if (payload.length > MAX_STATUS_BYTES) throw new MessageError("length");
  let parsed: unknown;
  try {
    parsed = JSON.parse(decodeUtf8(payload));
  } catch {
    throw new MessageError("JSON");
  }
  const fields = readFields(parsed, "message");
  const type = readText(fields, "type", MAX_NAME_LENGTH);
  const isKnown = Object.hasOwn(readers, type);
  return isKnown ? readers[type as StatusMessage["type"]](fields) : null;
}

const readers: Readers = {
  hello: (fields) => ({
    type: "hello",
    version: readNumber(fields, "version"),
    sessionId: readText(fields, "sessionId", MAX_NAME_LENGTH),
    viewerId: readText(fields, "viewerId", MAX_NAME_LENGTH),
    role: readChoice(fields, "role", ROLES),
    kind: readChoice(fields, "kind", ["desktop", "terminal"]),
    protocol: readText(fields, "protocol", MAX_NAME_LENGTH),
    targetName: readText(fields, "targetName", MAX_NAME_LENGTH),
    machineName: readText(fields, "machineName", MAX_NAME_LENGTH),
    accountName: readText(fields, "accountName", MAX_NAME_LENGTH),
    personName: readText(fields, "personName", MAX_NAME_LENGTH),
    openedAtMs: readNumber(fields, "openedAtMs"),
    policy: readPolicy(readFields(fields.policy, "policy")),
  }),
  step: (fields) => ({
    type: "step",
    name: readChoice(fields, "name", STEPS),
    state: readChoice(fields, "state", ["running", "done", "failed"]),
    ...(fields.detail === undefined ? {} : { detail: readText(fields, "detail", MAX_TEXT_LENGTH) }),
  }),
  question: (fields) => ({
    type: "question",
    question: readQuestion(readFields(fields.question, "question")),
  }),
  "question-closed": (fields) => ({
    type: "question-closed",
    questionId: readText(fields, "questionId", MAX_NAME_LENGTH),
  }),
  open: (fields) => ({ type: "open", hasFiles: readBoolean(fields, "hasFiles") }),
  viewers: (fields) => ({ type: "viewers", viewers: readList(fields, "viewers", MAX_VIEWERS, readViewer) }),
  paused: (fields) => ({
    type: "paused",
    isPaused: readBoolean(fields, "isPaused"),
    by: readText(fields, "by", MAX_NAME_LENGTH),
  }),
  "ends-at": (fields) => ({ type: "ends-at", endsAtMs: readNumberOrNull(fields, "endsAtMs") }),
  message: (fields) => ({
    type: "message",
    from: readText(fields, "from", MAX_NAME_LENGTH),
    text: readText(fields, "text", MAX_TEXT_LENGTH),
  }),
  warning: (fields) => ({
    type: "warning",
    code: readText(fields, "code", MAX_NAME_LENGTH),
    details: readDetails(fields, "details", DETAIL_LIMITS),
  }),
  screens: (fields) => ({
    type: "screens",
    max: readNumber(fields, "max"),
    places: readList(fields, "places", MAX_PLACES, readPlace),
  }),
  locks: (fields) => ({ type: "locks", locks: readNumber(fields, "locks") & 7 }),
  "clipboard-blocked": (fields) => ({
    type: "clipboard-blocked",
    direction: readChoice(fields, "direction", ["to-target", "from-target"]),
    reason: readChoice(fields, "reason", ["policy", "size", "type", "read-only"]),
  }),
  pong: (fields) => ({
    type: "pong",
    sentAtMs: readNumber(fields, "sentAtMs"),
    targetRoundTripMs: readNumberOrNull(fields, "targetRoundTripMs"),
  }),
  ended: (fields) => ({
    type: "ended",
    code: readText(fields, "code", MAX_NAME_LENGTH),
    details: readDetails(fields, "details", DETAIL_LIMITS),
    durationMs: readNumber(fields, "durationMs"),
  }),
};

function readPolicy(fields: Fields): WirePolicy {
  return {
    clipboardToTarget: readChoice(fields, "clipboardToTarget", CLIPBOARD_RULES),
    clipboardFromTarget: readChoice(fields, "clipboardFromTarget", CLIPBOARD_RULES),
    filesToTarget: readBoolean(fields, "filesToTarget"),
    filesFromTarget: readBoolean(fields, "filesFromTarget"),
    readOnly: readBoolean(fields, "readOnly"),
    watermark: fields.watermark === null ? null : readText(fields, "watermark", MAX_NAME_LENGTH),
    recordedBecause:
      fields.recordedBecause === null ? null : readChoice(fields, "recordedBecause", RECORDED_BECAUSE),
    inputRecorded: readBoolean(fields, "inputRecorded"),
    soundRecorded: fields.soundRecorded === true,
    graceSeconds: readNumber(fields, "graceSeconds"),
    endsAtMs: readNumberOrNull(fields, "endsAtMs"),
    terminalClipboardWrite: readBoolean(fields, "terminalClipboardWrite"),
  };
}

function readViewer(fields: Fields): WireViewer {
  return {
    viewerId: readText(fields, "viewerId", MAX_NAME_LENGTH),
    name: readText(fields, "name", MAX_NAME_LENGTH),
    role: readChoice(fields, "role", ROLES),
    hasControl: readBoolean(fields, "hasControl"),
  };
}

function readQuestion(fields: Fields): Question {
  const details: Record<string, string> = {};
  for (const [name, value] of Object.entries(readDetails(fields, "details", DETAIL_LIMITS)))
    details[name] = String(value);
  return {
    questionId: readText(fields, "questionId", MAX_NAME_LENGTH),
    kind: readChoice(fields, "kind", QUESTION_KINDS),
    details,
    fields: readList(fields, "fields", MAX_QUESTION_FIELDS, (field) => ({
      prompt: readText(field, "prompt", MAX_TEXT_LENGTH),
      echo: readBoolean(field, "echo"),
    })),
  };
}

function readPlace(fields: Fields): DesktopPlace {
  const side = (name: string): number => Math.max(0, readNumber(fields, name));
  return { x: side("x"), y: side("y"), width: side("width"), height: side("height") };
}
