import { z } from "zod";
import { listTotal } from "../list-total.ts";
import { defineRoute } from "../route.ts";
import { protocol } from "../target.ts";

const none = z.strictObject({});
const sessionParams = z.strictObject({ sessionId: z.uuid() });
const timeMs = z.int().min(0);
const queryMs = z.coerce.number().int().min(0);
const queryFlag = z.enum(["true", "false"]).transform((text) => text === "true");

/**
 * What is known of a recording's integrity. `running`: still written. `unfinished`: its end is missing, the next start
 * seals it. `complete`: ended with a signed final checkpoint. `sealed`: sealed after a crash. `shorter`: less than the
 * journal's checkpoint says. `altered`: the last verification found a change. `missing`: the file is gone.
 * `deleted`: removed by retention or a person, with a certificate in the journal.
 */
export const integrityState = z.enum([
  "running",
  "unfinished",
  "complete",
  "sealed",
  "shorter",
  "altered",
  "missing",
  "deleted",
]);
export type IntegrityState = z.infer<typeof integrityState>;

/** One recording as lists show it: never contents. All times are Unix milliseconds. */
export const recordingSummary = z.strictObject({
  sessionId: z.uuid(),
  kind: z.enum(["desktop", "terminal"]),
  protocol: protocol,
  personId: z.string(),
  personName: z.string(),
  targetId: z.string(),
  targetName: z.string(),
  machineName: z.string(),
  siteId: z.string(),
  accountName: z.string(),
  reason: z.string(),
  startedAtMs: timeMs,
  /** Null while it runs. */
  endedAtMs: timeMs.nullable(),
  durationMs: timeMs,
  sizeBytes: z.int().min(0),
  /** Why the session ended, a code of the catalogue or `closed-by-…`; null while it runs. */
  endCode: z.string().nullable(),
  integrity: integrityState,
  /** When retention removes it; null while it runs, under legal hold or once deleted. */
  expiresAtMs: timeMs.nullable(),
  isOnHold: z.boolean(),
  commentCount: z.int().min(0),
});
export type RecordingSummary = z.infer<typeof recordingSummary>;

/** A mark an auditor set in a recording. */
export const recordingComment = z.strictObject({
  commentId: z.uuid(),
  /** Place in the recording, milliseconds since its start. */
  ms: timeMs,
  text: z.string(),
  authorId: z.string(),
  authorName: z.string(),
  createdAtMs: timeMs,
});
export type RecordingComment = z.infer<typeof recordingComment>;

/** What a verification found; the same words as `poterne verify`. */
export const recordingVerdict = z.strictObject({
  verdict: z.enum(["complete", "sealed", "unfinished", "shorter", "altered", "not-a-recording"]),
  /** Whole records found, the encrypted header and the index included. */
  recordCount: z.int().min(0),
  /** Records covered by a good signature. */
  signedCount: z.int().min(0),
  /** `sealed`: records that stood under a live checkpoint before the crash; the rest was signed at the next start. */
  liveCount: z.int().min(0),
  /** `altered`: number of the first record that is not as it was written; null otherwise. */
  alteredAt: z.int().min(0).nullable(),
  /** One English phrase for support, empty when all is well. */
  detail: z.string(),
  /** Session time of the last signed checkpoint. */
  signedUntilMs: timeMs,
  /** Ids of the keys that signed it. */
  signers: z.array(z.strictObject({ keyId: z.string(), publicKeyHex: z.string(), isTrusted: z.boolean() })),
  verifiedAtMs: timeMs,
});
export type RecordingVerdict = z.infer<typeof recordingVerdict>;

/** One recording with its marks, hold and last verification. */
export const recordingDetail = recordingSummary.extend({
  grantId: z.string(),
  retentionDays: z.int(),
  hold: z.strictObject({ reason: z.string(), byName: z.string(), atMs: timeMs }).nullable(),
  deletion: z
    .strictObject({ reason: z.string(), byName: z.string(), atMs: timeMs, journalEntryId: z.string() })
    .nullable(),
  lastVerdict: recordingVerdict.nullable(),
  comments: z.array(recordingComment),
});
export type RecordingDetail = z.infer<typeof recordingDetail>;

/** What the player needs before the first frame. Times are milliseconds since the recording's start. */
export const recordingIndex = z.strictObject({
  sessionId: z.uuid(),
  kind: z.enum(["desktop", "terminal"]),
  protocol: protocol,
  startedAtMs: timeMs,
  durationMs: timeMs,
  /** The session still runs: ask again for a longer index. */
  isRunning: z.boolean(),
  /** Records stop before the session's end (crash, full disk): the player says so at the end. */
  isCut: z.boolean(),
  /** Places where playing may start with empty state, ascending; the first is at 0. */
  entryPoints: z.array(z.strictObject({ ms: timeMs, byteOffset: z.int().min(0) })),
  /** Frames of the marker channel (docs/wire.md `Marker`) and of the file channel (`FileEvent`, `type: "file"`). */
  markers: z.array(z.strictObject({ ms: timeMs, marker: z.record(z.string(), z.unknown()) })),
  /** True when there were more markers than `markers` holds. */
  areMarkersCut: z.boolean(),
  /** Bytes the target sent (text or picture) in each bucket of `bucketMs`: the activity line; 0 means idle. */
  activity: z.strictObject({ bucketMs: z.int().min(1), bytes: z.array(z.int().min(0)) }),
  /** Terminals: text search is available. */
  isSearchable: z.boolean(),
  comments: z.array(recordingComment),
});
export type RecordingIndex = z.infer<typeof recordingIndex>;

/** One hit of a text search inside a terminal recording. */
export const recordingHit = z.strictObject({
  ms: timeMs,
  /** The line it stands in, cut to 200 characters around the hit. */
  line: z.string(),
  /** Where the hit stands in `line`. */
  start: z.int().min(0),
  length: z.int().min(1),
});
export type RecordingHit = z.infer<typeof recordingHit>;

const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
  /** Words looked for in the names of person, target, machine, account and in the reason. */
  search: z.string().max(200).optional(),
  personId: z.string().max(64).optional(),
  targetId: z.string().max(64).optional(),
  machineName: z.string().max(200).optional(),
  siteId: z.string().max(64).optional(),
  protocol: protocol.optional(),
  kind: z.enum(["desktop", "terminal"]).optional(),
  integrity: integrityState.optional(),
  isOnHold: queryFlag.optional(),
  /** Started at or after, Unix milliseconds. */
  fromMs: queryMs.optional(),
  /** Started before, Unix milliseconds. */
  toMs: queryMs.optional(),
});
export type RecordingListQuery = z.infer<typeof listQuery>;

const page = z.strictObject({
  items: z.array(recordingSummary),
  nextCursor: z.string().nullable(),
  ...listTotal,
});

/** The recordings of the sites a person oversees, newest first: metadata only. */
export const listRecordings = defineRoute({
  method: "GET",
  path: "/api/v1/recordings",
  summary: "List recordings (metadata only), newest first.",
  right: "sessions:read",
  scope: "site",
  params: none,
  query: listQuery,
  body: none,
  reply: page,
});

/** A person's own recorded sessions: metadata only. */
export const listMyRecordings = defineRoute({
  method: "GET",
  path: "/api/v1/my/recordings",
  summary: "List the caller's own recorded sessions (metadata only).",
  right: "signed-in",
  scope: "own",
  params: none,
  query: listQuery.pick({ limit: true, cursor: true, fromMs: true, toMs: true }),
  body: none,
  reply: page,
});

/** One recording's metadata, hold, marks and last verification. */
export const getRecording = defineRoute({
  method: "GET",
  path: "/api/v1/recordings/:sessionId",
  summary: "One recording: metadata, hold, marks, last verification.",
  right: "sessions:read",
  scope: "site",
  params: sessionParams,
  query: none,
  body: none,
  reply: recordingDetail,
});

/** What the player needs first. The first call of a person for a recording within ten minutes is journaled as an opening. */
export const getRecordingIndex = defineRoute({
  method: "GET",
  path: "/api/v1/recordings/:sessionId/index",
  summary: "Duration, entry points, markers and activity of a recording; journaled as an opening.",
  right: "recordings:read",
  scope: "site",
  params: sessionParams,
  query: z.strictObject({ buckets: z.coerce.number().int().min(10).max(2000).default(600) }),
  body: none,
  reply: recordingIndex,
});

/**
 * Frames back to back (docs/wire.md), decrypted, from the latest entry point at or before `fromMs` to `toMs` (default:
 * all there is). A reply carries at most 32 MB and ends at a whole frame; `x-poterne-next-ms` then says from where to
 * go on (`after=true`: without an entry point, exactly behind the last frame sent), and is absent at the end.
 */
export const getRecordingFrames = defineRoute({
  method: "GET",
  path: "/api/v1/recordings/:sessionId/frames",
  summary: "Frames of a recording from the latest entry point before a time.",
  right: "recordings:read",
  scope: "site",
  params: sessionParams,
  query: z.strictObject({
    fromMs: queryMs.default(0),
    toMs: queryMs.optional(),
    /** Go on behind an earlier reply: `fromMs` is then its `x-poterne-next-ms`, nothing is sent twice. */
    after: queryFlag.default(false),
    /** For showing the picture at the end of the reply only: without pictures that are drawn over until there. */
    endOnly: queryFlag.default(false),
  }),
  body: none,
  reply: z.unknown(),
  replyMediaType: "application/octet-stream",
});

/** Text search in what a terminal showed. */
export const searchRecording = defineRoute({
  method: "GET",
  path: "/api/v1/recordings/:sessionId/search",
  summary: "Find text in what a terminal session showed.",
  right: "recordings:read",
  scope: "site",
  params: sessionParams,
  query: z.strictObject({ text: z.string().min(1).max(200) }),
  body: none,
  reply: z.strictObject({ hits: z.array(recordingHit), isCut: z.boolean() }),
});

/** Sets a mark with a comment. */
export const addRecordingComment = defineRoute({
  method: "POST",
  path: "/api/v1/recordings/:sessionId/comments",
  summary: "Set a mark with a comment at a time of a recording.",
  right: "recordings:read",
  scope: "site",
  params: sessionParams,
  query: none,
  body: z.strictObject({ ms: timeMs, text: z.string().trim().min(1).max(2000) }),
  reply: recordingComment,
});

/** Removes a mark; its author only. */
export const deleteRecordingComment = defineRoute({
  method: "DELETE",
  path: "/api/v1/recordings/:sessionId/comments/:commentId",
  summary: "Remove one's own mark.",
  right: "recordings:read",
  scope: "site",
  params: z.strictObject({ sessionId: z.uuid(), commentId: z.uuid() }),
  query: none,
  body: none,
  reply: none,
});

/** Verifies the file now: chain, signatures, journal's checkpoints. Reads ciphertext only. */
export const verifyRecording = defineRoute({
  method: "POST",
  path: "/api/v1/recordings/:sessionId/verify",
  summary: "Verify a recording's file now.",
  right: "sessions:read",
  scope: "site",
  params: sessionParams,
  query: none,
  body: none,
  reply: recordingVerdict,
});

/** Puts a recording under legal hold, or lifts it; with a reason, journaled. */
export const setRecordingHold = defineRoute({
  method: "PUT",
  path: "/api/v1/recordings/:sessionId/hold",
  summary: "Set or lift the legal hold of a recording.",
  right: "recordings:manage",
  scope: "site",
  params: sessionParams,
  query: none,
  body: z.strictObject({ isOnHold: z.boolean(), reason: z.string().trim().min(3).max(500) }),
  reply: recordingDetail,
});

/** Deletes a recording before its time; the certificate stands in the journal. */
export const deleteRecording = defineRoute({
  method: "DELETE",
  path: "/api/v1/recordings/:sessionId",
  summary: "Delete a recording; the journal keeps a certificate.",
  right: "recordings:manage",
  needsFreshFactor: true,
  scope: "site",
  params: sessionParams,
  query: none,
  body: z.strictObject({ reason: z.string().trim().min(3).max(500) }),
  reply: z.strictObject({
    /** The certificate's entry in the journal. */
    journalEntryId: z.string(),
    sha256: z.string(),
    sizeBytes: z.int(),
  }),
});

/** A terminal recording as asciicast v2. */
export const exportAsciicast = defineRoute({
  method: "GET",
  path: "/api/v1/recordings/:sessionId/asciicast",
  summary: "Export a terminal recording as asciicast v2.",
  right: "recordings:read",
  scope: "site",
  params: sessionParams,
  query: none,
  body: none,
  reply: z.unknown(),
  replyMediaType: "application/x-asciicast",
});

/** The encrypted file as it stands, for the stand-alone verifier. */
export const downloadRecording = defineRoute({
  method: "GET",
  path: "/api/v1/recordings/:sessionId/file",
  summary: "Download the sealed (encrypted) file for the stand-alone verifier.",
  right: "recordings:read",
  scope: "site",
  params: sessionParams,
  query: none,
  body: none,
  reply: z.unknown(),
  replyMediaType: "application/octet-stream",
});

/** What retention would delete if it ran at a time, and the state of the disk. */
export const previewRetention = defineRoute({
  method: "GET",
  path: "/api/v1/retention/preview",
  summary: "Show what retention would delete, and the disk's state.",
  right: "recordings:manage",
  scope: "site",
  params: none,
  query: z.strictObject({
    /** Unix milliseconds, default now. */
    atMs: queryMs.optional(),
    limit: z.coerce.number().int().min(1).max(200).default(100),
  }),
  body: none,
  reply: z.strictObject({
    atMs: timeMs,
    total: z.int().min(0),
    totalBytes: z.int().min(0),
    items: z.array(recordingSummary),
    heldCount: z.int().min(0),
    disk: z.strictObject({
      freeBytes: z.int().min(0),
      totalBytes: z.int().min(0),
      /** Below this much free space nothing new is recorded. */
      minimumFreeBytes: z.int().min(0),
      state: z.enum(["ok", "low", "full"]),
    }),
  }),
});

/** Runs retention now. */
export const runRetention = defineRoute({
  method: "POST",
  path: "/api/v1/retention/run",
  summary: "Delete the recordings whose retention has ended, now.",
  right: "recordings:manage",
  needsFreshFactor: true,
  scope: "site",
  params: none,
  query: none,
  body: none,
  reply: z.strictObject({ deletedCount: z.int().min(0), deletedBytes: z.int().min(0) }),
});
