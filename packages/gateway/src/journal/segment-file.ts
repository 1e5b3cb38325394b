import { type FileHandle, open, rm } from "node:fs/promises";

/** An open segment that only grows: what a failed write left behind is taken off again. */
export class SegmentFile {
  readonly path: string;
  readonly #handle: FileHandle;
  #sizeBytes: number;
  #hasRest = false;

  private constructor(path: string, handle: FileHandle, sizeBytes: number) {
    this.path = path;
    this.#handle = handle;
    this.#sizeBytes = sizeBytes;
  }

  /** Opens a segment whose first `sizeBytes` are good. */
  static async reopen(path: string, sizeBytes: number): Promise<SegmentFile> {
    return new SegmentFile(path, await open(path, "r+"), sizeBytes);
  }

  /** Makes a segment with its first line, durably; leaves nothing when that fails. */
  static async create(path: string, firstLine: string): Promise<SegmentFile> {
    const segment = new SegmentFile(path, await open(path, "wx", 0o640), 0);
    try {
      await segment.append(Buffer.from(`${firstLine}\n`, "utf8"));
      return segment;
    } catch (error) {
      await segment.close();
      await rm(path, { force: true });
      throw error;
    }
  }

  /** Bytes that are certainly on disk. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Appends and resolves once it is on disk. On failure the file is as it was, and the error comes through. */
  async append(bytes: Uint8Array): Promise<void> {
    if (this.#hasRest) await this.#cutRest();
    try {
      let written = 0;
      while (written < bytes.length) {
        const result = await this.#handle.write(
          bytes,
          written,
          bytes.length - written,
          this.#sizeBytes + written,
        );
        written += result.bytesWritten;
      }
      await this.#handle.datasync();
    } catch (error) {
      this.#hasRest = true;
      await this.#cutRest().catch(() => "tried again before the next write");
      throw error;
    }
    this.#sizeBytes += bytes.length;
  }

  async #cutRest(): Promise<void> {
    await this.#handle.truncate(this.#sizeBytes);
    this.#hasRest = false;
  }

  /** Closes the file; it may be reopened. */
  async close(): Promise<void> {
    await this.#handle.close();
  }
}
