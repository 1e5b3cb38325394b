import { z } from "zod";
import { defineRoute } from "../route.ts";

/** The longest path of a file on a target, in UTF-16 units. */
export const MAX_PATH_LENGTH = 4096;

/** The most entries one listing returns; a longer folder is marked as cut. */
export const MAX_LIST_ENTRIES = 10_000;

/**
 * A path on the target: absolute, with `/`, no control characters (so none of CR, LF and NUL), no empty, `.` or `..`
 * part, so that the journal always says plainly which file was meant.
 */
export const targetPath = z
  .string()
  .min(1)
  .max(MAX_PATH_LENGTH)
  .refine(isTargetPath, "the path must be absolute, without control characters and without . or ..");

function isTargetPath(path: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (!path.startsWith("/") || /[\u0000-\u001f\u007f]/.test(path)) return false;
  if (path === "/") return true;
  const parts = path.slice(1).split("/");
  return parts.every((part) => part !== "" && part !== "." && part !== "..");
}

/** One entry of a folder on the target. */
export const fileEntry = z.object({
  name: z.string(),
  kind: z.enum(["file", "folder", "link", "other"]),
  sizeBytes: z.number(),
  modifiedAtMs: z.number(),
  /** Unix permission bits, 0o7777 at most. */
  mode: z.int().min(0).max(0o7777),
  /** Name or number of the owner, as the target gives it. */
  owner: z.string(),
  group: z.string(),
});
export type TargetFileEntry = z.infer<typeof fileEntry>;

const params = z.strictObject({ sessionId: z.uuid() });
const nothing = z.strictObject({});
const offset = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0);

/** What every route of this file has in common: only the session's own person, only while it is active. */
const shared = { right: "sessions:open", scope: "own", params } as const;

/** Lists a folder; without `path` the account's home. */
export const listFiles = defineRoute({
  ...shared,
  method: "GET",
  path: "/api/v1/sessions/:sessionId/files",
  summary: "Lists a folder of the session's target",
  query: z.strictObject({
    path: targetPath.optional(),
    limit: z.coerce.number().int().min(1).max(MAX_LIST_ENTRIES).default(MAX_LIST_ENTRIES),
  }),
  body: nothing,
  reply: z.object({
    /** The folder listed: `path`, or the home folder. */
    path: z.string(),
    entries: z.array(fileEntry),
    /** Whether the folder has more entries than were returned. */
    isCut: z.boolean(),
    canDownload: z.boolean(),
    canUpload: z.boolean(),
    /** The largest file that may be moved, by policy. */
    fileMaxBytes: z.number(),
  }),
});

/** One entry, before a resumed upload or to show its permissions. */
export const statFile = defineRoute({
  ...shared,
  method: "GET",
  path: "/api/v1/sessions/:sessionId/files/entry",
  summary: "Tells one file's kind, size, time and permissions",
  query: z.strictObject({ path: targetPath }),
  body: nothing,
  reply: fileEntry,
});

/**
 * A file's content as an attachment, from `offset` (or from a `Range: bytes=N-` header, answered 206) to the end.
 * `x-poterne-sha256` cannot be known in advance: the hash is in the journal and the file event.
 */
export const downloadFile = defineRoute({
  ...shared,
  method: "GET",
  path: "/api/v1/sessions/:sessionId/files/content",
  summary: "Downloads a file of the target, whole or from an offset",
  query: z.strictObject({ path: targetPath, offset }),
  body: nothing,
  reply: z.unknown(),
  replyMediaType: "application/octet-stream",
});

/** A folder with all below it as a ZIP archive, made while it is sent. */
export const downloadFolder = defineRoute({
  ...shared,
  method: "GET",
  path: "/api/v1/sessions/:sessionId/files/archive",
  summary: "Downloads a folder of the target as a ZIP archive",
  query: z.strictObject({ path: targetPath }),
  body: nothing,
  reply: z.unknown(),
  replyMediaType: "application/zip",
});

/**
 * Writes the raw body to a file. `offset` 0 creates or replaces it; a larger one goes on with an upload cut before
 * and must be the file's present size. `sizeBytes`, when given, is the whole file's size: a body that does not end
 * there is a failed transfer, told as such.
 */
export const uploadFile = defineRoute({
  ...shared,
  method: "PUT",
  path: "/api/v1/sessions/:sessionId/files/content",
  summary: "Uploads a file to the target, whole or from an offset",
  query: z.strictObject({
    path: targetPath,
    offset,
    sizeBytes: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  }),
  body: nothing,
  isRawBody: true,
  bodyMediaTypes: ["application/octet-stream"],
  reply: z.object({
    sizeBytes: z.number(),
    /** SHA-256 of the bytes of this request, hexadecimal. */
    sha256: z.string(),
    /** False when the upload was resumed: the hash then covers only the bytes from `offset` on. */
    isWholeFile: z.boolean(),
  }),
});

/** Makes a folder. */
export const makeTargetFolder = defineRoute({
  ...shared,
  method: "POST",
  path: "/api/v1/sessions/:sessionId/files/folders",
  summary: "Makes a folder on the target",
  query: nothing,
  body: z.strictObject({ path: targetPath }),
  reply: z.object({}),
});

/** Renames or moves; an existing `to` is not overwritten. */
export const renameFile = defineRoute({
  ...shared,
  method: "POST",
  path: "/api/v1/sessions/:sessionId/files/rename",
  summary: "Renames or moves a file or folder of the target",
  query: nothing,
  body: z.strictObject({ from: targetPath, to: targetPath }),
  reply: z.object({}),
});

/** Changes Unix permission bits. */
export const setFileMode = defineRoute({
  ...shared,
  method: "POST",
  path: "/api/v1/sessions/:sessionId/files/mode",
  summary: "Changes a file's permissions on the target",
  query: nothing,
  body: z.strictObject({ path: targetPath, mode: z.int().min(0).max(0o7777) }),
  reply: z.object({}),
});

/** Removes a file, or with `isRecursive` a folder and all below it (links are removed, never followed). */
export const removeFile = defineRoute({
  ...shared,
  method: "DELETE",
  path: "/api/v1/sessions/:sessionId/files",
  summary: "Removes a file or folder of the target",
  query: z.strictObject({
    path: targetPath,
    isRecursive: z.enum(["true", "false"]).default("false"),
  }),
  body: nothing,
  reply: z.object({ removedCount: z.number() }),
});
