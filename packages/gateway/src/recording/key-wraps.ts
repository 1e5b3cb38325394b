import { DecodeError } from "@poterne/bytes";
import { Failure } from "@poterne/contract";
import {
  type ClearHeader,
  decodeKeyWrapsFile,
  encodeKeyWrapsFile,
  MAX_KEY_WRAPS,
  type RecordingKeyWrap,
} from "@poterne/recording";
import type { Store } from "../store/store.ts";
import type { WrapSource } from "../vault/rotate-master-key.ts";
import { isMissing, type RecordingStorage, readWhole } from "./storage.ts";
import { readClearHeader } from "./stored-recording.ts";

const PAGE_ROWS = 200;

/** The file of a recording's newer wraps, beside it. */
export function keyWrapsFileName(recordingFileName: string): string {
  return `${recordingFileName}.keys`;
}

/**
 * All wraps of a recording's content key, the newest first: those of the file beside it, then those of its header. A
 * file beside it that cannot be read counts for nothing: each wrap proves itself, or does not open.
 */
export async function readKeyWraps(
  storage: RecordingStorage,
  fileName: string,
  header: ClearHeader,
): Promise<readonly RecordingKeyWrap[]> {
  const beside = await readBeside(storage, keyWrapsFileName(fileName), header.sessionId);
  return [...beside, ...header.wraps];
}

async function readBeside(
  storage: RecordingStorage,
  name: string,
  sessionId: string,
): Promise<readonly RecordingKeyWrap[]> {
  const content = await readWhole(storage, name);
  if (content === null) return [];
  try {
    const file = decodeKeyWrapsFile(content);
    return file.sessionId === sessionId ? file.wraps : [];
  } catch (error) {
    if (error instanceof DecodeError) return [];
    throw error;
  }
}

/**
 * The wraps of every recording that is not deleted, for a rotation of the master key. New ones go into the file beside
 * the recording: its own header is part of the hash chain and stays as it was written.
 */
export function recordingWraps(store: Store, storage: RecordingStorage): WrapSource {
  return { name: "recordings", wraps: () => listWraps(store, storage) };
}

async function* listWraps(store: Store, storage: RecordingStorage) {
  for (let last = ""; ; ) {
    const rows = await store.db
      .selectFrom("recording")
      .select(["id", "file_name"])
      .where("id", ">", last)
      .where("integrity", "!=", "deleted")
      .orderBy("id")
      .limit(PAGE_ROWS)
      .execute();
    for (const { id, file_name } of rows)
      yield {
        sessionId: id,
        read: () => readStoredWraps(storage, file_name, id),
        replace: async (wraps: readonly RecordingKeyWrap[]) => {
          const content = encodeKeyWrapsFile({ sessionId: id, wraps: wraps.slice(0, MAX_KEY_WRAPS) });
          await storage.put(keyWrapsFileName(file_name), content);
        },
      };
    const end = rows.at(-1);
    if (rows.length < PAGE_ROWS || end === undefined) return;
    last = end.id;
  }
}

/** Throws the Failure `recording-unreadable` when the file is away or no recording of this session. */
async function readStoredWraps(storage: RecordingStorage, fileName: string, sessionId: string) {
  try {
    const reader = await storage.open(fileName);
    try {
      const { header } = await readClearHeader(reader);
      if (header.sessionId !== sessionId) throw new Failure("recording-unreadable");
      return await readKeyWraps(storage, fileName, header);
    } finally {
      await reader.close();
    }
  } catch (error) {
    if (error instanceof DecodeError || isMissing(error))
      throw new Failure("recording-unreadable", {}, error);
    throw error;
  }
}
