import { createHash } from "node:crypto";
import type { FileEvent } from "@poterne/wire";
import type { DriveFolder } from "./drive-folder.ts";

/** What was told of one session's drive; a file that comes again unchanged is told once. */
const MAX_TOLD = 10_000;
const READ_BYTES = 1024 * 1024;

/** The SHA-256 of a file of a drive, hexadecimal, and its size. */
export async function hashFile(
  folder: DriveFolder,
  path: readonly string[],
): Promise<{ sizeBytes: number; sha256: string }> {
  const handle = await folder.openFile(path, false);
  try {
    const hash = createHash("sha256");
    const buffer = new Uint8Array(READ_BYTES);
    let sizeBytes = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, READ_BYTES, sizeBytes);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
      sizeBytes += bytesRead;
    }
    return { sizeBytes, sha256: hash.digest("hex") };
  } finally {
    await handle.close();
  }
}

/** Tells a session which files its target has written into the drive or read from it. */
export class DriveEvidence {
  readonly #folder: DriveFolder;
  readonly #tell: (event: FileEvent) => Promise<void>;
  readonly #told = new Set<string>();

  constructor(folder: DriveFolder, tell: (event: FileEvent) => Promise<void>) {
    this.#folder = folder;
    this.#tell = tell;
  }

  /** The target has closed a file it wrote or read: the whole file counts, with its hash as it is now. */
  async closed(path: readonly string[], direction: FileEvent["direction"], shownPath: string): Promise<void> {
    const { sizeBytes, sha256 } = await hashFile(this.#folder, path);
    const mark = `${direction} ${shownPath} ${sha256}`;
    if (this.#told.has(mark)) return;
    if (this.#told.size < MAX_TOLD) this.#told.add(mark);
    await this.#tell({ direction, path: shownPath, sizeBytes, sha256, outcome: "done" });
  }
}
