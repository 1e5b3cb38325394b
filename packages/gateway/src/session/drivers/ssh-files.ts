import { Failure } from "@poterne/contract";
import type { FileEntryWithStats, SFTPWrapper, Client as SshClient, Stats } from "ssh2";
import type { DriverFiles, FileEntry } from "../driver.ts";
import { readFile, writeFile } from "./sftp-transfer.ts";
import { freeTransfers } from "./ssh-extension-sftp.ts";
import { shorten } from "./ssh-failures.ts";

/** How long the SFTP channel may take to open. */
const OPEN_TIMEOUT_MS = 15_000;

/** SFTP status codes (draft-ietf-secsh-filexfer-02 §7). */
const NO_SUCH_FILE = 2;
const PERMISSION_DENIED = 3;

const KIND_BITS = 0o170000;
const KINDS: ReadonlyMap<number, FileEntry["kind"]> = new Map([
  [0o100000, "file"],
  [0o040000, "folder"],
  [0o120000, "link"],
]);

/** Files over SFTP (version 3) on a channel of its own, opened when first needed. */
export class SftpFiles implements DriverFiles {
  readonly #client: SshClient;
  #sftp: Promise<SFTPWrapper> | null = null;
  #isClosed = false;

  constructor(client: SshClient) {
    this.#client = client;
  }

  home(): Promise<string> {
    return this.#call<string>(".", (sftp, done) => sftp.realpath(".", done));
  }

  async list(path: string, limit: number): Promise<{ entries: FileEntry[]; isCut: boolean }> {
    const sftp = await this.#open();
    const handle = await this.#call<Buffer>(path, (_, done) => sftp.opendir(path, done));
    const entries: FileEntry[] = [];
    try {
      while (entries.length <= limit) {
        const batch = await readBatch(sftp, handle).catch((error: Error) => {
          throw fileFailure(error, path);
        });
        if (batch === null) break;
        for (const entry of batch) entries.push(describeEntry(entry));
      }
    } finally {
      sftp.close(handle, () => {});
    }
    return { entries: entries.slice(0, limit), isCut: entries.length > limit };
  }

  /** A link counts as what it points to; one that points nowhere as a link. */
  async stat(path: string): Promise<FileEntry> {
    const name = path.slice(path.lastIndexOf("/") + 1);
    try {
      const stats = await this.#call<Stats>(path, (sftp, done) => sftp.stat(path, done));
      return describeStats(name, stats);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== "file-not-found") throw error;
      return describeStats(name, await this.#call<Stats>(path, (sftp, done) => sftp.lstat(path, done)));
    }
  }

  async *read(path: string, offset: number): AsyncGenerator<Uint8Array> {
    const sftp = await this.#open();
    try {
      yield* readFile(sftp, path, offset);
    } catch (error) {
      throw fileFailure(error, path);
    }
  }

  async write(path: string, offset: number, content: AsyncIterable<Uint8Array>): Promise<number> {
    const sftp = await this.#open();
    try {
      return await writeFile(sftp, { path, offset }, content);
    } catch (error) {
      throw fileFailure(error, path);
    }
  }

  async makeFolder(path: string): Promise<void> {
    try {
      await this.#call<void>(path, (sftp, done) => sftp.mkdir(path, done));
    } catch (error) {
      if (await this.#exists(path)) throw new Failure("file-exists", { path }, error);
      throw error;
    }
  }

  /** Version 3 has no overwriting rename; servers that overwrite all the same are kept from it here. */
  async rename(from: string, to: string): Promise<void> {
    if (await this.#exists(to)) throw new Failure("file-exists", { path: to });
    await this.#call<void>(from, (sftp, done) => sftp.rename(from, to, done));
  }

  async remove(path: string): Promise<void> {
    const stats = await this.#call<Stats>(path, (sftp, done) => sftp.lstat(path, done));
    if (KINDS.get(stats.mode & KIND_BITS) !== "folder")
      return this.#call<void>(path, (sftp, done) => sftp.unlink(path, done));
    try {
      await this.#call<void>(path, (sftp, done) => sftp.rmdir(path, done));
    } catch (error) {
      const { entries } = await this.list(path, 1);
      if (entries.length > 0) throw new Failure("folder-not-empty", { path }, error);
      throw error;
    }
  }

  setMode(path: string, mode: number): Promise<void> {
    return this.#call<void>(path, (sftp, done) => sftp.chmod(path, mode & 0o7777, done));
  }

  /** Ends the channel; what is under way fails. */
  close(): void {
    this.#isClosed = true;
    void this.#sftp?.then(
      (sftp) => sftp.end(),
      () => {},
    );
    this.#sftp = null;
  }

  async #exists(path: string): Promise<boolean> {
    try {
      await this.#call<Stats>(path, (sftp, done) => sftp.lstat(path, done));
      return true;
    } catch (error) {
      if (error instanceof Failure && error.code === "file-not-found") return false;
      throw error;
    }
  }

  #open(): Promise<SFTPWrapper> {
    if (this.#isClosed) return Promise.reject(new Failure("session-not-active"));
    this.#sftp ??= this.#openChannel();
    return this.#sftp;
  }

  #openChannel(): Promise<SFTPWrapper> {
    return new Promise((resolve, reject) => {
      const refuse = (cause: unknown) => {
        clearTimeout(timer);
        // The next action may try again: an administrator may have enabled SFTP meanwhile.
        this.#sftp = null;
        reject(new Failure("files-unavailable", {}, cause));
      };
      const timer = setTimeout(() => refuse(new Error("no answer")), OPEN_TIMEOUT_MS);
      try {
        this.#client.sftp((error, sftp) => {
          if (error) return refuse(error);
          clearTimeout(timer);
          freeTransfers(sftp);
          sftp.on("error", () => {});
          sftp.on("close", () => {
            this.#sftp = null;
          });
          resolve(sftp);
        });
      } catch (error) {
        refuse(error);
      }
    });
  }

  /** One request; ssh2's error becomes a Failure about `path`. */
  async #call<T>(
    path: string,
    run: (sftp: SFTPWrapper, done: (error?: Error | null, value?: T) => void) => void,
  ): Promise<T> {
    const sftp = await this.#open();
    return new Promise<T>((resolve, reject) => {
      try {
        run(sftp, (error, value) => (error ? reject(fileFailure(error, path)) : resolve(value as T)));
      } catch (error) {
        reject(fileFailure(error, path));
      }
    });
  }
}

/** The next entries of a folder, null at its end. */
function readBatch(sftp: SFTPWrapper, handle: Buffer): Promise<FileEntryWithStats[] | null> {
  return new Promise((resolve, reject) => {
    sftp.readdir(handle, (error, list) => {
      if (!error) resolve(list);
      else if ((error as Error & { code?: number }).code === 1) resolve(null);
      else reject(error);
    });
  });
}

function describeEntry(entry: FileEntryWithStats): FileEntry {
  // `ls -l` style text is all that version 3 tells of names: mode, links, owner, group, …
  const columns = entry.longname.trim().split(/\s+/, 5);
  const described = describeStats(entry.filename, entry.attrs);
  const hasNames = columns.length >= 5 && /^[-dlbcps]/.test(columns[0] ?? "");
  if (!hasNames) return described;
  return {
    ...described,
    owner: shorten(columns[2] ?? described.owner),
    group: shorten(columns[3] ?? described.group),
  };
}

function describeStats(name: string, stats: FileEntryWithStats["attrs"]): FileEntry {
  const mode = stats.mode ?? 0;
  return {
    name,
    kind: KINDS.get(mode & KIND_BITS) ?? "other",
    sizeBytes: stats.size ?? 0,
    modifiedAtMs: (stats.mtime ?? 0) * 1000,
    mode: mode & 0o7777,
    owner: String(stats.uid ?? ""),
    group: String(stats.gid ?? ""),
  };
}

function fileFailure(error: unknown, path: string): Failure {
  if (error instanceof Failure) return error;
  const { code, message } = error as Error & { code?: unknown };
  if (code === NO_SUCH_FILE) return new Failure("file-not-found", { path }, error);
  if (code === PERMISSION_DENIED) return new Failure("file-denied", { path }, error);
  if (/No response from server|Not connected|Connection lost/.test(message))
    return new Failure("target-closed", {}, error);
  return new Failure("file-failed", { path, reason: shorten(message) }, error);
}
