/** How much room a storage has. */
export interface StorageSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** A file being written: append only. Calls must not overlap, except `sync`. */
export interface StorageWriter {
  /** Appends the parts as one piece; rejects when they are not wholly written (the file may then end in mid-piece). */
  append(parts: readonly Uint8Array[]): Promise<void>;
  /** Makes what was appended durable. */
  sync(): Promise<void>;
  /** Shortens the file: takes a torn piece away. */
  truncate(lengthBytes: number): Promise<void>;
  close(): Promise<void>;
}

/** A file open for reading, also while it is written. */
export interface StorageReader {
  /** Its length now. */
  size(): Promise<number>;
  /** Up to `lengthBytes` from `offset`; fewer at the file's end. */
  read(offset: number, lengthBytes: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Where recordings lie. Names are relative with `/`, made by `recordingFileName`. The disk is the one implementation
 * of this version; an object store (S3) fits behind the same interface, writing parts of some megabytes.
 */
export interface RecordingStorage {
  /** A new file; rejects when it exists. */
  create(name: string): Promise<StorageWriter>;
  /** An existing file, to append to its end. */
  resume(name: string): Promise<StorageWriter>;
  /** Rejects with the code `ENOENT` when there is none. */
  open(name: string): Promise<StorageReader>;
  /** Writes a small file whole and durably, replacing another of that name. */
  put(name: string, content: Uint8Array): Promise<void>;
  /** Removes a file; none of that name is no error. */
  remove(name: string): Promise<void>;
  space(): Promise<StorageSpace>;
}

/** `2026-11/SESSIONID.ptnr`: one folder a month, so that none grows too long. */
export function recordingFileName(sessionId: string, startedAtMs: number): string {
  return `${new Date(startedAtMs).toISOString().slice(0, 7)}/${sessionId}.ptnr`;
}

/** Whether an error says that a file is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** A small file whole; null when there is none of that name. */
export async function readWhole(storage: RecordingStorage, name: string): Promise<Uint8Array | null> {
  try {
    const reader = await storage.open(name);
    try {
      return await reader.read(0, await reader.size());
    } finally {
      await reader.close();
    }
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
