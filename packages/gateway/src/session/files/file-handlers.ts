import {
  downloadFile,
  downloadFolder,
  Failure,
  listFiles,
  makeTargetFolder,
  removeFile,
  renameFile,
  setFileMode,
  statFile,
  uploadFile,
} from "@poterne/contract";
import type { RequestContext } from "../../http/context.ts";
import { GivenBytes } from "../../http/given-bytes.ts";
import { type Handler, handle } from "../../http/handlers.ts";
import type { Journal } from "../../journal/journal.ts";
import type { DriverFiles } from "../driver.ts";
import type { LiveSessions } from "../live-session.ts";
import { archiveFolder } from "./archive.ts";
import { attachmentHeader, parseRange } from "./content-headers.ts";
import { type FileSession, requireFiles } from "./file-access.ts";
import { removeTree } from "./remove-tree.ts";
import { download, Transfer } from "./transfer.ts";
import { upload } from "./upload.ts";

/** What the file routes need. */
export interface FileDependencies {
  readonly liveSessions: LiveSessions;
  readonly journal: Journal;
}

/**
 * The routes of files beside a session: each for the session's own person, while it is active, in the directions its
 * policy allows. Transfers are told to the session; other changes are journaled before they are done.
 */
export function fileHandlers(dependencies: FileDependencies): Handler[] {
  return [...readHandlers(dependencies), ...changeHandlers(dependencies)];
}

function readHandlers({ liveSessions }: FileDependencies): Handler[] {
  return [
    handle(listFiles, async ({ params, query }, context) => {
      const { session, files } = requireFiles(liveSessions, { sessionId: params.sessionId, context }, null);
      const path = query.path ?? (await files.home());
      const { entries, isCut } = await files.list(path, query.limit);
      const { filesFromTarget, filesToTarget, fileMaxBytes } = session.policy;
      return {
        path,
        entries: [...entries],
        isCut,
        canDownload: filesFromTarget,
        canUpload: filesToTarget,
        fileMaxBytes,
      };
    }),
    handle(statFile, async ({ params, query }, context) => {
      const { files } = requireFiles(liveSessions, { sessionId: params.sessionId, context }, null);
      return files.stat(query.path);
    }),
    handle(downloadFile, async ({ params, query }, context) => {
      const target = requireFiles(liveSessions, { sessionId: params.sessionId, context }, "from-target");
      return sendFile(target, { path: query.path, offset: query.offset }, context);
    }),
    handle(downloadFolder, async ({ params, query }, context) => {
      const target = requireFiles(liveSessions, { sessionId: params.sessionId, context }, "from-target");
      const entry = await target.files.stat(query.path);
      if (entry.kind !== "folder") throw new Failure("file-not-found", { path: query.path });
      context.setHeader("content-disposition", attachmentHeader(`${lastPart(query.path)}.zip`));
      context.setHeader("cache-control", "no-store");
      return archiveFolder(target, query.path);
    }),
  ];
}

function changeHandlers({ liveSessions, journal }: FileDependencies): Handler[] {
  /** Journals an order, then carries it out. */
  async function change(
    request: { readonly sessionId: string; readonly context: RequestContext },
    details: Readonly<Record<string, string | number | boolean>>,
    act: (files: DriverFiles, target: FileSession) => Promise<void>,
  ): Promise<void> {
    const target = requireFiles(liveSessions, request, "to-target");
    const { session } = target;
    const person = request.context.person();
    await journal.append({
      kind: "session.file-change-ordered",
      level: "info",
      actor: { personId: person.personId, name: person.name },
      sourceAddress: request.context.sourceAddress,
      subject: { sessionId: session.sessionId, targetId: session.targetId, siteId: session.siteId },
      details,
    });
    await act(target.files, target);
  }
  return [
    handle(uploadFile, async ({ params, query }, context) => {
      const target = requireFiles(liveSessions, { sessionId: params.sessionId, context }, "to-target");
      if (context.rawBody === null) throw new Failure("bad-request", { detail: "body" });
      return upload(target, {
        path: query.path,
        offset: query.offset,
        expectedBytes: query.sizeBytes ?? null,
        content: context.rawBody,
        signal: context.signal,
      });
    }),
    handle(makeTargetFolder, async ({ params, body }, context) => {
      const request = { sessionId: params.sessionId, context };
      await change(request, { action: "make-folder", path: body.path }, (files) =>
        files.makeFolder(body.path),
      );
      return {};
    }),
    handle(renameFile, async ({ params, body }, context) => {
      const { from, to } = body;
      await change({ sessionId: params.sessionId, context }, { action: "rename", path: from, to }, (files) =>
        files.rename(from, to),
      );
      return {};
    }),
    handle(setFileMode, async ({ params, body }, context) => {
      const details = { action: "set-mode", path: body.path, mode: body.mode.toString(8) };
      await change({ sessionId: params.sessionId, context }, details, (files) =>
        files.setMode(body.path, body.mode),
      );
      return {};
    }),
    handle(removeFile, async ({ params, query }, context) => {
      const isRecursive = query.isRecursive === "true";
      let removedCount = 1;
      const details = { action: "remove", path: query.path, isRecursive };
      await change({ sessionId: params.sessionId, context }, details, async (files, { session }) => {
        removedCount = await remove(files, query.path, isRecursive ? () => session.isActive : null);
      });
      return { removedCount };
    }),
  ];
}

/** Removes one entry, or with `stillAllowed` a folder and all below it. */
async function remove(
  files: DriverFiles,
  path: string,
  stillAllowed: (() => boolean) | null,
): Promise<number> {
  if (path === "/") throw new Failure("bad-request", { detail: "path" });
  try {
    await files.remove(path);
    return 1;
  } catch (error) {
    const isFull = error instanceof Failure && error.code === "folder-not-empty";
    if (!isFull || stillAllowed === null) throw error;
    return removeTree(files, path, stillAllowed);
  }
}

/** A file's content with the headers that let a browser save and resume it. */
async function sendFile(
  target: FileSession,
  file: { readonly path: string; readonly offset: number },
  context: RequestContext,
): Promise<AsyncIterable<Uint8Array>> {
  const { session, files } = target;
  const { path } = file;
  const { kind, sizeBytes } = await files.stat(path);
  if (kind !== "file") throw new Failure(kind === "link" ? "file-not-found" : "file-is-folder", { path });
  const maxBytes = session.policy.fileMaxBytes;
  if (sizeBytes > maxBytes) throw new Failure("file-too-large", { path, maxBytes });
  const range = parseRange(context.range, sizeBytes);
  if (range === "unsatisfiable" || file.offset > sizeBytes)
    throw new Failure("file-offset-wrong", { path, sizeBytes });
  const part = range ?? { from: file.offset, to: sizeBytes };
  context.setHeader("content-disposition", attachmentHeader(lastPart(path)));
  context.setHeader("cache-control", "no-store");
  context.setHeader("accept-ranges", "bytes");
  // Files of /proc announce nothing and hold something: their length is not known before the end.
  const isLengthKnown = sizeBytes > 0;
  if (isLengthKnown) context.setHeader("content-length", String(part.to - part.from));
  if (range !== null) {
    context.setStatus(206);
    context.setHeader("content-range", `bytes ${part.from}-${part.to - 1}/${sizeBytes}`);
  }
  Transfer.assertRoom(session);
  const limit = isLengthKnown ? part.to - part.from : maxBytes;
  const transfer = { session, direction: "from-target", path, offset: part.from } as const;
  const content = cutAt(files.read(path, part.from), { path, limit, isExact: isLengthKnown });
  return new GivenBytes(download(transfer, content));
}

/** Content up to `limit` bytes; with `isExact` less is an error, so that no cut file looks whole. */
async function* cutAt(
  content: AsyncIterable<Uint8Array>,
  options: { readonly path: string; readonly limit: number; readonly isExact: boolean },
): AsyncGenerator<Uint8Array> {
  let left = options.limit;
  if (left > 0)
    for await (const bytes of content) {
      const piece = bytes.subarray(0, left);
      left -= piece.length;
      yield piece;
      if (left === 0) break;
    }
  if (options.isExact && left > 0) throw new Failure("file-incomplete", { path: options.path });
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1) || "root";
}
