import { Failure } from "@poterne/contract";
import type { FileEvent } from "@poterne/wire";
import type { FileSession } from "./file-access.ts";
import { Transfer } from "./transfer.ts";

/** What is to be written where. */
export interface UploadOptions {
  readonly path: string;
  readonly offset: number;
  /** The whole file's size, when the sender has told it. */
  readonly expectedBytes: number | null;
  readonly content: AsyncIterable<Uint8Array>;
  /** Aborted when the sender goes away. */
  readonly signal: AbortSignal;
}

/**
 * Writes an upload and its evidence. What arrived stays on the target when it stops on the way, so that it can be
 * resumed. Throws `file-too-large`, `file-offset-wrong`, `file-incomplete` and the driver's Failures.
 */
export async function upload(
  target: FileSession,
  options: UploadOptions,
): Promise<{ sizeBytes: number; sha256: string; isWholeFile: boolean }> {
  const { session, files } = target;
  const { path, offset, expectedBytes } = options;
  const maxBytes = session.policy.fileMaxBytes;
  if (offset > maxBytes || (expectedBytes ?? 0) > maxBytes)
    throw new Failure("file-too-large", { path, maxBytes });
  await checkPlace(target, path, offset);
  const transfer = Transfer.begin({ session, direction: "to-target", path, offset });
  let outcome: FileEvent["outcome"] = "failed";
  try {
    const sizeBytes = await files.write(path, offset, passUpload(transfer, options, maxBytes));
    if (expectedBytes !== null && sizeBytes !== expectedBytes) throw new Failure("file-incomplete", { path });
    outcome = "done";
    return { sizeBytes, sha256: await transfer.end("done"), isWholeFile: offset === 0 };
  } catch (error) {
    if (options.signal.aborted) outcome = "cancelled";
    throw error;
  } finally {
    await transfer.end(outcome);
  }
}

async function* passUpload(
  transfer: Transfer,
  options: UploadOptions,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  const { path, offset, content, signal } = options;
  for await (const bytes of content) {
    if (signal.aborted) throw new Failure("file-incomplete", { path });
    if (offset + transfer.sizeBytes + bytes.length > maxBytes)
      throw new Failure("file-too-large", { path, maxBytes });
    transfer.pass(bytes);
    yield bytes;
  }
}

/** A resumed upload must go on exactly where the file ends; a new one must not aim at a folder or a device. */
async function checkPlace({ files }: FileSession, path: string, offset: number): Promise<void> {
  const present = await files.stat(path).catch((error: unknown) => {
    if (error instanceof Failure && error.code === "file-not-found") return null;
    throw error;
  });
  if (present !== null && present.kind !== "file") throw new Failure("file-is-folder", { path });
  if (offset > 0 && present?.sizeBytes !== offset)
    throw new Failure("file-offset-wrong", { path, sizeBytes: present?.sizeBytes ?? 0 });
}
