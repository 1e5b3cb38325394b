import { ByteReader, ByteWriter } from "@poterne/bytes";
import { decodeUtf16, encodeUtf16Field } from "../encoding/utf16.ts";
import { encodeClipboardPdu, MessageFlag, MessageType } from "./clipboard-pdus.ts";

/** The registered format's name ([MS-RDPECLIP] 1.3.1.2). */
export const FILE_LIST_FORMAT = "FileGroupDescriptorW";
/** Files and folders of one list. */
export const MAX_CLIPBOARD_FILES = 1000;
/** Bytes asked for or given at one time. */
export const MAX_FILE_RANGE_BYTES = 1024 * 1024;

const DESCRIPTOR_BYTES = 592;
const NAME_BYTES = 520;
const FD_ATTRIBUTES = 0x04;
const FD_WRITESTIME = 0x20;
const FD_FILESIZE = 0x40;
const FD_SHOWPROGRESSUI = 0x4000;
const FILE_ATTRIBUTE_DIRECTORY = 0x10;
const FILE_ATTRIBUTE_NORMAL = 0x80;
const FILECONTENTS_SIZE = 1;
const FILECONTENTS_RANGE = 2;
/** Parts of one path. */
const MAX_DEPTH = 32;
/** From 1601 to 1970, in milliseconds. */
const EPOCH_OFFSET_MS = 11_644_473_600_000;
/** The end of the year 9999. */
const LAST_MS = 253_402_300_800_000;
const TICKS_PER_MS = 10_000n;

/** A file or folder of a clipboard. */
export interface ClipboardFile {
  /** Where it stands in its owner's list. */
  readonly index: number;
  /** Names from the list's top down, each one safe: no separator, no `.` or `..`, no control character. */
  readonly path: readonly string[];
  readonly isFolder: boolean;
  readonly sizeBytes: number;
  /** Unix milliseconds, 0 when not told. */
  readonly modifiedAtMs: number;
}

/** What a peer asks of a file that was offered to it. */
export interface FileRequest {
  readonly streamId: number;
  readonly index: number;
  /** Null: the size is asked for. */
  readonly range: { readonly offset: number; readonly length: number } | null;
}

/** Whether a name can stand for one entry of one folder on any system. */
export function isSafeFileName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && name.length <= 255 && !/[/\\\p{Cc}]/u.test(name);
}

/**
 * [MS-RDPECLIP] 2.2.5.2.3 CLIPRDR_FILELIST. A name that is not safe leaves its entry out, and so does one that is there
 * already. Throws `DecodeError`, also over `MAX_CLIPBOARD_FILES`.
 */
export function decodeFileList(data: Uint8Array): ClipboardFile[] {
  const reader = new ByteReader(data, "clipboard file list");
  const count = reader.u32le();
  if (count > MAX_CLIPBOARD_FILES) throw reader.fail("limit", `${count} files`);
  const files: ClipboardFile[] = [];
  const seen = new Set<string>();
  for (let index = 0; index < count; index++) {
    const descriptor = new ByteReader(reader.take(DESCRIPTOR_BYTES), "clipboard file");
    const flags = descriptor.u32le();
    descriptor.advance(32);
    const attributes = descriptor.u32le();
    descriptor.advance(16);
    const ticks = BigInt(descriptor.u32le()) | (BigInt(descriptor.u32le()) << 32n);
    const high = descriptor.u32le();
    const sizeBytes = high * 0x1_0000_0000 + descriptor.u32le();
    const name = decodeUtf16(descriptor.take(NAME_BYTES));
    const path = name.split("\\");
    if (path.length > MAX_DEPTH || !path.every(isSafeFileName) || seen.has(name)) continue;
    if (!Number.isSafeInteger(sizeBytes)) throw reader.fail("limit", "file size");
    seen.add(name);
    const isFolder = (flags & FD_ATTRIBUTES) !== 0 && (attributes & FILE_ATTRIBUTE_DIRECTORY) !== 0;
    const modifiedAtMs = (flags & FD_WRITESTIME) === 0 ? 0 : fromFileTime(ticks);
    files.push({ index, path, isFolder, sizeBytes: isFolder ? 0 : sizeBytes, modifiedAtMs });
  }
  return files;
}

/** [MS-RDPECLIP] 2.2.5.2.3: names are safe, and cut where Windows has no room for them. */
export function encodeFileList(files: readonly Omit<ClipboardFile, "index">[]): Uint8Array {
  const writer = new ByteWriter(4 + files.length * DESCRIPTOR_BYTES).u32le(files.length);
  for (const file of files) {
    const ticks = toFileTime(file.modifiedAtMs);
    writer.u32le(FD_ATTRIBUTES | FD_WRITESTIME | FD_FILESIZE | FD_SHOWPROGRESSUI).put(new Uint8Array(32));
    writer.u32le(file.isFolder ? FILE_ATTRIBUTE_DIRECTORY : FILE_ATTRIBUTE_NORMAL).put(new Uint8Array(16));
    writer.u32le(Number(ticks & 0xffff_ffffn)).u32le(Number(ticks >> 32n));
    writer.u32le(Math.floor(file.sizeBytes / 0x1_0000_0000)).u32le(file.sizeBytes >>> 0);
    writer.put(encodeUtf16Field(file.path.join("\\"), NAME_BYTES));
  }
  return writer.finish();
}

/** [MS-RDPECLIP] 2.2.5.3 CLIPRDR_FILECONTENTS_REQUEST; null for one that is not understood. Throws `DecodeError`. */
export function decodeFileRequest(body: ByteReader): FileRequest | null {
  const streamId = body.u32le();
  const index = body.u32le();
  const flags = body.u32le();
  const low = body.u32le();
  const offset = body.u32le() * 0x1_0000_0000 + low;
  const length = body.u32le();
  if (flags === FILECONTENTS_SIZE) return { streamId, index, range: null };
  if (flags !== FILECONTENTS_RANGE || !Number.isSafeInteger(offset)) return null;
  return { streamId, index, range: { offset, length: Math.min(length, MAX_FILE_RANGE_BYTES) } };
}

/** [MS-RDPECLIP] 2.2.5.3. */
export function encodeFileRequest(request: FileRequest): Uint8Array {
  const { streamId, index, range } = request;
  const { offset, length } = range ?? { offset: 0, length: 8 };
  const body = new ByteWriter(24).u32le(streamId).u32le(index);
  body.u32le(range === null ? FILECONTENTS_SIZE : FILECONTENTS_RANGE);
  body
    .u32le(offset >>> 0)
    .u32le(Math.floor(offset / 0x1_0000_0000))
    .u32le(length);
  return encodeClipboardPdu(MessageType.CB_FILECONTENTS_REQUEST, 0, body.finish());
}

/** [MS-RDPECLIP] 2.2.5.4 CLIPRDR_FILECONTENTS_RESPONSE; null data is a refusal. */
export function encodeFileResponse(streamId: number, data: Uint8Array | null): Uint8Array {
  const content = data ?? new Uint8Array(0);
  const body = new ByteWriter(4 + content.length).u32le(streamId).put(content);
  const flag = data === null ? MessageFlag.CB_RESPONSE_FAIL : MessageFlag.CB_RESPONSE_OK;
  return encodeClipboardPdu(MessageType.CB_FILECONTENTS_RESPONSE, flag, body.finish());
}

/** The eight bytes of a size. */
export function encodeFileSize(sizeBytes: number): Uint8Array {
  return new ByteWriter(8)
    .u32le(sizeBytes >>> 0)
    .u32le(Math.floor(sizeBytes / 0x1_0000_0000))
    .finish();
}

/** A FILETIME ([MS-DTYP] 2.3.3) in Unix milliseconds, 0 when it is before 1970 or after the year 9999. */
export function fromFileTime(ticks: bigint): number {
  const ms = Number(ticks / TICKS_PER_MS) - EPOCH_OFFSET_MS;
  return ms > 0 && ms < LAST_MS ? ms : 0;
}

/** Unix milliseconds as a FILETIME. */
export function toFileTime(ms: number): bigint {
  return BigInt(Math.max(0, Math.floor(ms) + EPOCH_OFFSET_MS)) * TICKS_PER_MS;
}
