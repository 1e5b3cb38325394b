import { ByteReader } from "@poterne/bytes";
import { decodeUtf16 } from "../encoding/utf16.ts";
import { fromFileTime, isSafeFileName } from "./clipboard-files.ts";

/** [MS-RDPEFS] 2.2.1.4 MajorFunction. */
const Major = {
  IRP_MJ_CREATE: 0x00,
  IRP_MJ_CLOSE: 0x02,
  IRP_MJ_READ: 0x03,
  IRP_MJ_WRITE: 0x04,
  IRP_MJ_QUERY_INFORMATION: 0x05,
  IRP_MJ_SET_INFORMATION: 0x06,
  IRP_MJ_QUERY_VOLUME_INFORMATION: 0x0a,
  IRP_MJ_DIRECTORY_CONTROL: 0x0c,
} as const;
const IRP_MN_QUERY_DIRECTORY = 1;
/** [MS-FSCC] 2.4: classes of file information that may be set. */
const SetClass = {
  FileBasicInformation: 4,
  FileRenameInformation: 10,
  FileDispositionInformation: 13,
  FileAllocationInformation: 19,
  FileEndOfFileInformation: 20,
} as const;

/** Bytes read or written by one request; a server may ask again for the rest. */
export const MAX_DRIVE_IO_BYTES = 1024 * 1024;
/** Bytes of one path as it comes. */
const MAX_PATH_BYTES = 8192;
/** Folders inside folders. */
export const MAX_DRIVE_DEPTH = 32;

/** [MS-SMB2] 2.2.13 as far as a drive needs it. */
export interface DriveCreate {
  readonly type: "create";
  readonly path: DrivePath;
  /** Whether more than reading is asked for. */
  readonly wantsChange: boolean;
  /** CreateDisposition: 0 supersede, 1 open, 2 create, 3 open or create, 4 overwrite, 5 overwrite or create. */
  readonly disposition: number;
  readonly mustBeFolder: boolean;
  readonly mustBeFile: boolean;
  readonly deleteOnClose: boolean;
}

/** Names from the drive's top down, each one safe; null for a path that leads anywhere else. */
export type DrivePath = readonly string[] | null;

/** What a server asks of an announced drive, decoded and bounded. */
export type DriveOrder =
  | DriveCreate
  | { readonly type: "close" }
  | { readonly type: "read"; readonly offset: number; readonly length: number }
  | { readonly type: "write"; readonly offset: number; readonly data: Uint8Array }
  | { readonly type: "queryFile"; readonly infoClass: number }
  | { readonly type: "setTime"; readonly modifiedAtMs: number }
  | { readonly type: "setSize"; readonly sizeBytes: number }
  | { readonly type: "setDeleted"; readonly isDeleted: boolean }
  | { readonly type: "rename"; readonly path: DrivePath; readonly mayReplace: boolean }
  | { readonly type: "queryVolume"; readonly infoClass: number }
  /** `pattern` is a name with `*` and `?`; null goes on with the listing of this handle. */
  | { readonly type: "list"; readonly infoClass: number; readonly pattern: string | null }
  /** Understood, and never done: device control, locks, change notices, volume labels. */
  | { readonly type: "refuse"; readonly major: number };

/** [MS-RDPEFS] 2.2.1.4 DR_DEVICE_IOREQUEST. */
export interface DriveIrp {
  readonly deviceId: number;
  readonly fileId: number;
  readonly completionId: number;
  readonly major: number;
  readonly minor: number;
  readonly order: DriveOrder;
}

/** Decodes what follows the header; throws `DecodeError`. */
export function decodeIrp(body: ByteReader): DriveIrp {
  const deviceId = body.u32le();
  const fileId = body.u32le();
  const completionId = body.u32le();
  const major = body.u32le();
  const minor = body.u32le();
  return { deviceId, fileId, completionId, major, minor, order: decodeOrder(major, minor, body) };
}

function decodeOrder(major: number, minor: number, body: ByteReader): DriveOrder {
  switch (major) {
    case Major.IRP_MJ_CREATE:
      return decodeCreate(body);
    case Major.IRP_MJ_CLOSE:
      return { type: "close" };
    case Major.IRP_MJ_READ: {
      const length = Math.min(body.u32le(), MAX_DRIVE_IO_BYTES);
      return { type: "read", length, offset: body.u64le() };
    }
    case Major.IRP_MJ_WRITE: {
      const length = body.u32le();
      const offset = body.u64le();
      body.advance(20);
      return { type: "write", offset, data: body.take(length) };
    }
    case Major.IRP_MJ_QUERY_INFORMATION:
      return { type: "queryFile", infoClass: body.u32le() };
    case Major.IRP_MJ_QUERY_VOLUME_INFORMATION:
      return { type: "queryVolume", infoClass: body.u32le() };
    case Major.IRP_MJ_SET_INFORMATION:
      return decodeSetInformation(body) ?? { type: "refuse", major };
    case Major.IRP_MJ_DIRECTORY_CONTROL:
      return minor === IRP_MN_QUERY_DIRECTORY ? decodeList(body) : { type: "refuse", major };
    default:
      return { type: "refuse", major };
  }
}

/** [MS-SMB2] 2.2.13: rights to read data, attributes and extended attributes, to traverse, to read control, to wait. */
const READ_RIGHTS = 0x0000_0001 | 0x0000_0008 | 0x0000_0020 | 0x0000_0080 | 0x0002_0000 | 0x0010_0000;
const GENERIC_READ = 0x8000_0000;
const GENERIC_EXECUTE = 0x2000_0000;
const MAXIMUM_ALLOWED = 0x0200_0000;
const FILE_DIRECTORY_FILE = 0x0000_0001;
const FILE_NON_DIRECTORY_FILE = 0x0000_0040;
const FILE_DELETE_ON_CLOSE = 0x0000_1000;

/** [MS-RDPEFS] 2.2.1.4.1 DR_CREATE_REQ. */
function decodeCreate(body: ByteReader): DriveCreate {
  const access = body.u32le();
  body.advance(8 + 4 + 4);
  const disposition = body.u32le();
  const options = body.u32le();
  const reading = READ_RIGHTS | GENERIC_READ | GENERIC_EXECUTE | MAXIMUM_ALLOWED;
  return {
    type: "create",
    path: decodePath(body, body.u32le()),
    wantsChange: (access & ~reading) !== 0,
    disposition,
    mustBeFolder: (options & FILE_DIRECTORY_FILE) !== 0,
    mustBeFile: (options & FILE_NON_DIRECTORY_FILE) !== 0,
    deleteOnClose: (options & FILE_DELETE_ON_CLOSE) !== 0,
  };
}

/** [MS-RDPEFS] 2.2.3.3.9; null for a class that cannot be set. */
function decodeSetInformation(body: ByteReader): DriveOrder | null {
  const infoClass = body.u32le();
  const length = body.u32le();
  body.advance(24);
  const data = new ByteReader(body.take(Math.min(length, body.remaining)), "drive information");
  switch (infoClass) {
    case SetClass.FileBasicInformation: {
      data.advance(16);
      const ticks = BigInt(data.u32le()) | (BigInt(data.u32le()) << 32n);
      return { type: "setTime", modifiedAtMs: fromFileTime(ticks) };
    }
    case SetClass.FileEndOfFileInformation:
      return { type: "setSize", sizeBytes: data.u64le() };
    case SetClass.FileAllocationInformation:
      // What a file will need: nothing is set aside for it.
      return { type: "setTime", modifiedAtMs: 0 };
    case SetClass.FileDispositionInformation:
      return { type: "setDeleted", isDeleted: data.remaining === 0 || data.u8() !== 0 };
    case SetClass.FileRenameInformation: {
      const mayReplace = data.u8() !== 0;
      data.advance(1);
      return { type: "rename", mayReplace, path: decodePath(data, data.u32le()) };
    }
    default:
      return null;
  }
}

/** [MS-RDPEFS] 2.2.3.3.10 DR_DRIVE_QUERY_DIRECTORY_REQ. */
function decodeList(body: ByteReader): DriveOrder {
  const infoClass = body.u32le();
  const isFirst = body.u8() !== 0;
  const length = body.u32le();
  body.advance(23);
  if (!isFirst) return { type: "list", infoClass, pattern: null };
  if (length > MAX_PATH_BYTES) throw body.fail("limit", "path");
  const path = decodeUtf16(body.take(Math.min(length, body.remaining)));
  return {
    type: "list",
    infoClass,
    pattern: path.slice(Math.max(path.lastIndexOf("\\"), path.lastIndexOf("/")) + 1),
  };
}

function decodePath(body: ByteReader, length: number): DrivePath {
  if (length > MAX_PATH_BYTES) throw body.fail("limit", "path");
  const path = decodeUtf16(body.take(Math.min(length, body.remaining)));
  // xrdp separates names by both.
  const parts = path.split(/[\\/]/).filter((part) => part !== "");
  return parts.length <= MAX_DRIVE_DEPTH && parts.every(isDriveName) ? parts : null;
}

/** Names Windows keeps for devices, whatever follows the dot. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?$/i;
/** What a name may take on the gateway's disk. */
const MAX_NAME_BYTES = 255;

/** Whether a name may stand in a drive: safe on the gateway, on Windows and as what it looks like. */
export function isDriveName(name: string): boolean {
  const isPlain =
    isSafeFileName(name) && !/[:*?"<>|]/.test(name) && !/[. ]$/.test(name) && !RESERVED.test(name);
  return isPlain && utf8Length(name) <= MAX_NAME_BYTES;
}

function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    length += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return length;
}
