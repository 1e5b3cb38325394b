import { ByteWriter } from "@poterne/bytes";
import { encodeUtf16 } from "../encoding/utf16.ts";
import { toFileTime } from "./clipboard-files.ts";

/** NTSTATUS ([MS-ERREF] 2.3.1) as a drive needs them. */
export const DriveStatus = {
  SUCCESS: 0,
  NO_MORE_FILES: 0x8000_0006,
  INVALID_HANDLE: 0xc000_0008,
  /** Also for a name that is not found: xrdp takes OBJECT_NAME_NOT_FOUND for a broken drive. */
  NO_SUCH_FILE: 0xc000_000f,
  END_OF_FILE: 0xc000_0011,
  ACCESS_DENIED: 0xc000_0022,
  OBJECT_NAME_INVALID: 0xc000_0033,
  OBJECT_NAME_COLLISION: 0xc000_0035,
  OBJECT_PATH_NOT_FOUND: 0xc000_003a,
  DISK_FULL: 0xc000_007f,
  INSUFFICIENT_RESOURCES: 0xc000_009a,
  FILE_IS_A_DIRECTORY: 0xc000_00ba,
  NOT_SUPPORTED: 0xc000_00bb,
  DIRECTORY_NOT_EMPTY: 0xc000_0101,
  NOT_A_DIRECTORY: 0xc000_0103,
  TOO_MANY_OPENED_FILES: 0xc000_011f,
} as const;

const FILE_ATTRIBUTE_DIRECTORY = 0x10;
const FILE_ATTRIBUTE_NORMAL = 0x80;
const FILE_ATTRIBUTE_READONLY = 0x01;
/** What sizes of a volume are counted in. */
const CLUSTER_BYTES = 4096;
const SECTOR_BYTES = 512;
const FILE_DEVICE_DISK = 7;
/** FILE_CASE_PRESERVED_NAMES, FILE_UNICODE_ON_DISK ([MS-FSCC] 2.5.1). */
const VOLUME_ATTRIBUTES = 0x06;
const MAX_NAME_CHARACTERS = 255;
const LABEL = "Poterne";

/** A file or folder as a drive tells it. */
export interface DriveEntry {
  readonly name: string;
  readonly isFolder: boolean;
  readonly isReadOnly: boolean;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
}

/** [MS-FSCC] 2.4: basic (4), standard (5), attribute tag (35); null for another class. */
export function encodeFileInformation(
  infoClass: number,
  entry: DriveEntry,
  isDeleted: boolean,
): Uint8Array | null {
  const writer = new ByteWriter(40);
  if (infoClass === 4) return putTimes(writer, entry).u32le(attributesOf(entry)).finish();
  if (infoClass === 5) {
    put64(put64(writer, rounded(entry.sizeBytes)), entry.sizeBytes).u32le(1);
    return writer
      .u8(isDeleted ? 1 : 0)
      .u8(entry.isFolder ? 1 : 0)
      .finish();
  }
  return infoClass === 35 ? writer.u32le(attributesOf(entry)).u32le(0).finish() : null;
}

/** [MS-FSCC] 2.4: one entry as directory (1), full (2), both (3) or names (12) information; null for another class. */
export function encodeDirectoryEntry(infoClass: number, entry: DriveEntry): Uint8Array | null {
  const name = encodeUtf16(entry.name);
  const writer = new ByteWriter(96 + name.length).u32le(0).u32le(0);
  if (infoClass === 12) return writer.u32le(name.length).put(name).finish();
  if (![1, 2, 3].includes(infoClass)) return null;
  putTimes(writer, entry);
  put64(put64(writer, entry.sizeBytes), rounded(entry.sizeBytes));
  writer.u32le(attributesOf(entry)).u32le(name.length);
  if (infoClass >= 2) writer.u32le(0);
  // No short name. [MS-RDPEFS] 2.2.3.4.10 leaves out the reserved byte after its length.
  if (infoClass === 3) writer.u8(0).put(new Uint8Array(24));
  return writer.put(name).finish();
}

/** [MS-FSCC] 2.5: volume (1), size (3), device (4), attribute (5), full size (7); null for another class. */
export function encodeVolumeInformation(
  infoClass: number,
  volume: { readonly totalBytes: number; readonly freeBytes: number },
): Uint8Array | null {
  const writer = new ByteWriter(64);
  const total = Math.floor(volume.totalBytes / CLUSTER_BYTES);
  const free = Math.floor(volume.freeBytes / CLUSTER_BYTES);
  const label = encodeUtf16(LABEL);
  switch (infoClass) {
    case 1:
      return put64(writer, 0).u32le(0x506f7465).u32le(label.length).u8(0).put(label).finish();
    case 3:
      return put64(put64(writer, total), free)
        .u32le(CLUSTER_BYTES / SECTOR_BYTES)
        .u32le(SECTOR_BYTES)
        .finish();
    case 4:
      return writer.u32le(FILE_DEVICE_DISK).u32le(0).finish();
    case 5:
      return writer
        .u32le(VOLUME_ATTRIBUTES)
        .u32le(MAX_NAME_CHARACTERS)
        .u32le(label.length)
        .put(label)
        .finish();
    case 7:
      put64(put64(put64(writer, total), free), free);
      return writer
        .u32le(CLUSTER_BYTES / SECTOR_BYTES)
        .u32le(SECTOR_BYTES)
        .finish();
    default:
      return null;
  }
}

function attributesOf({ isFolder, isReadOnly }: DriveEntry): number {
  return (
    (isFolder ? FILE_ATTRIBUTE_DIRECTORY : FILE_ATTRIBUTE_NORMAL) | (isReadOnly ? FILE_ATTRIBUTE_READONLY : 0)
  );
}

function rounded(sizeBytes: number): number {
  return Math.ceil(sizeBytes / CLUSTER_BYTES) * CLUSTER_BYTES;
}

/** Created, read, written, changed: one time for all four. */
function putTimes(writer: ByteWriter, { modifiedAtMs }: DriveEntry): ByteWriter {
  const ticks = toFileTime(modifiedAtMs);
  for (let count = 0; count < 4; count++)
    writer.u32le(Number(ticks & 0xffff_ffffn)).u32le(Number(ticks >> 32n));
  return writer;
}

function put64(writer: ByteWriter, value: number): ByteWriter {
  return writer.u32le(value >>> 0).u32le(Math.floor(value / 0x1_0000_0000));
}
