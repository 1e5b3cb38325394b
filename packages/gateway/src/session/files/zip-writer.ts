import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32, createDeflateRaw } from "node:zlib";

/** APPNOTE.TXT 4.4.8: sizes and places from here on need the ZIP64 forms. */
const LIMIT_32 = 0xffff_ffff;
const LIMIT_16 = 0xffff;
/** A file announced larger than this gets ZIP64 sizes; deflate may grow data by a little. */
const ZIP64_FROM_BYTES = 0xfff0_0000;
/** General purpose flags: sizes follow the data (bit 3), names are UTF-8 (bit 11). */
const FLAGS = 0x0808;
const DEFLATED = 8;
const VERSION = 20;
const VERSION_ZIP64 = 45;
/** Fast rather than small: most of the time the network is quicker than level 6. */
const LEVEL = 1;

/** One file or folder for the archive. */
export interface ZipEntry {
  /** Path inside the archive, `/` between parts; a folder's ends with one. Already safe. */
  readonly name: string;
  readonly modifiedAtMs: number;
  /** Unix mode with the type bits. */
  readonly mode: number;
  /** Announced size; more content than this is an error of the caller. */
  readonly sizeBytes: number;
}

interface Written {
  readonly entry: ZipEntry;
  readonly name: Buffer;
  readonly offset: number;
  readonly crc: number;
  readonly compressedBytes: number;
  readonly sizeBytes: number;
}

/**
 * Writes a ZIP archive (PKWARE APPNOTE 6.3, with ZIP64 where needed) while it is sent: nothing is held but the list
 * of names. `entry` yields the bytes of one entry, `finish` those of the directory at the end.
 */
export class ZipWriter {
  readonly #written: Written[] = [];
  #offset = 0;

  /** Entries written so far. */
  get entryCount(): number {
    return this.#written.length;
  }

  /** The bytes of one entry; `content` is empty for a folder. */
  async *entry(entry: ZipEntry, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const name = Buffer.from(entry.name, "utf8");
    const offset = this.#offset;
    const isZip64 = entry.sizeBytes >= ZIP64_FROM_BYTES;
    yield this.#count(localHeader(entry, name, isZip64));
    let crc = 0;
    let sizeBytes = 0;
    let compressedBytes = 0;
    const measured = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of content) {
        crc = crc32(chunk, crc);
        sizeBytes += chunk.length;
        yield chunk;
      }
    };
    for await (const chunk of deflate(measured())) {
      compressedBytes += chunk.length;
      yield this.#count(chunk);
    }
    yield this.#count(descriptor({ crc, compressedBytes, sizeBytes, isZip64 }));
    this.#written.push({ entry, name, offset, crc, compressedBytes, sizeBytes });
  }

  /** The central directory and the end records. */
  *finish(): Generator<Uint8Array> {
    const start = this.#offset;
    for (const written of this.#written) yield this.#count(centralHeader(written));
    const sizeBytes = this.#offset - start;
    yield endRecords({ entryCount: this.#written.length, start, sizeBytes });
  }

  #count(bytes: Uint8Array): Uint8Array {
    this.#offset += bytes.length;
    return bytes;
  }
}

async function* deflate(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const deflater = createDeflateRaw({ level: LEVEL });
  const done = pipeline(Readable.from(content, { objectMode: false }), deflater);
  // Its failure reaches the reader below as the deflater's own.
  done.catch(() => {});
  for await (const chunk of deflater) yield chunk as Uint8Array;
  await done;
}

/** APPNOTE 4.3.7. */
function localHeader(entry: ZipEntry, name: Buffer, isZip64: boolean): Buffer {
  const extra = Buffer.concat([...(isZip64 ? [zip64Extra(0, 0)] : []), timeExtra(entry.modifiedAtMs)]);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(isZip64 ? VERSION_ZIP64 : VERSION, 4);
  header.writeUInt16LE(FLAGS, 6);
  header.writeUInt16LE(DEFLATED, 8);
  header.writeUInt32LE(dosTime(entry.modifiedAtMs), 10);
  if (isZip64) {
    header.writeUInt32LE(LIMIT_32, 18);
    header.writeUInt32LE(LIMIT_32, 22);
  }
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, name, extra]);
}

/** APPNOTE 4.3.9. */
function descriptor(values: {
  readonly crc: number;
  readonly compressedBytes: number;
  readonly sizeBytes: number;
  readonly isZip64: boolean;
}): Buffer {
  const bytes = Buffer.alloc(values.isZip64 ? 24 : 16);
  bytes.writeUInt32LE(0x08074b50, 0);
  bytes.writeUInt32LE(values.crc, 4);
  if (values.isZip64) {
    bytes.writeBigUInt64LE(BigInt(values.compressedBytes), 8);
    bytes.writeBigUInt64LE(BigInt(values.sizeBytes), 16);
  } else {
    bytes.writeUInt32LE(values.compressedBytes, 8);
    bytes.writeUInt32LE(values.sizeBytes, 12);
  }
  return bytes;
}

/** APPNOTE 4.3.12. */
function centralHeader(written: Written): Buffer {
  const { entry, name, offset, crc, compressedBytes, sizeBytes } = written;
  const isLarge = sizeBytes >= ZIP64_FROM_BYTES || entry.sizeBytes >= ZIP64_FROM_BYTES || offset >= LIMIT_32;
  const extra = Buffer.concat([
    ...(isLarge ? [zip64Extra(sizeBytes, compressedBytes, offset)] : []),
    timeExtra(entry.modifiedAtMs),
  ]);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  // Made by Unix, so that the mode counts.
  header.writeUInt16LE((3 << 8) | VERSION_ZIP64, 4);
  header.writeUInt16LE(isLarge ? VERSION_ZIP64 : VERSION, 6);
  header.writeUInt16LE(FLAGS, 8);
  header.writeUInt16LE(DEFLATED, 10);
  header.writeUInt32LE(dosTime(entry.modifiedAtMs), 12);
  header.writeUInt32LE(crc, 16);
  header.writeUInt32LE(isLarge ? LIMIT_32 : compressedBytes, 20);
  header.writeUInt32LE(isLarge ? LIMIT_32 : sizeBytes, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt32LE((((entry.mode & LIMIT_16) << 16) | (entry.name.endsWith("/") ? 0x10 : 0)) >>> 0, 38);
  header.writeUInt32LE(isLarge ? LIMIT_32 : offset, 42);
  return Buffer.concat([header, name, extra]);
}

/** APPNOTE 4.5.3: sizes and, in the central directory, the place. */
function zip64Extra(sizeBytes: number, compressedBytes: number, offset: number | null = null): Buffer {
  const values = offset === null ? [sizeBytes, compressedBytes] : [sizeBytes, compressedBytes, offset];
  const extra = Buffer.alloc(4 + values.length * 8);
  extra.writeUInt16LE(0x0001, 0);
  extra.writeUInt16LE(values.length * 8, 2);
  for (const [index, value] of values.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + index * 8);
  return extra;
}

/** The “extended timestamp” of Info-ZIP: modification time in seconds, UTC. */
function timeExtra(modifiedAtMs: number): Buffer {
  const extra = Buffer.alloc(9);
  extra.writeUInt16LE(0x5455, 0);
  extra.writeUInt16LE(5, 2);
  extra.writeUInt8(1, 4);
  extra.writeInt32LE(Math.max(0, Math.min(0x7fff_ffff, Math.floor(modifiedAtMs / 1000))), 5);
  return extra;
}

/** APPNOTE 4.4.6, in UTC; years before 1980 become 1980. */
function dosTime(modifiedAtMs: number): number {
  const date = new Date(modifiedAtMs);
  const year = date.getUTCFullYear();
  if (!(year >= 1980 && year <= 2107)) return (1 << 21) | (1 << 16);
  const day = ((year - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate();
  const time = (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1);
  return ((day << 16) | time) >>> 0;
}

/** APPNOTE 4.3.14 to 4.3.16. */
function endRecords(directory: {
  readonly entryCount: number;
  readonly start: number;
  readonly sizeBytes: number;
}): Buffer {
  const { entryCount, start, sizeBytes } = directory;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Math.min(entryCount, LIMIT_16), 8);
  end.writeUInt16LE(Math.min(entryCount, LIMIT_16), 10);
  end.writeUInt32LE(Math.min(sizeBytes, LIMIT_32), 12);
  end.writeUInt32LE(Math.min(start, LIMIT_32), 16);
  if (entryCount < LIMIT_16 && sizeBytes < LIMIT_32 && start < LIMIT_32) return end;
  const end64 = Buffer.alloc(56);
  end64.writeUInt32LE(0x06064b50, 0);
  end64.writeBigUInt64LE(44n, 4);
  end64.writeUInt16LE((3 << 8) | VERSION_ZIP64, 12);
  end64.writeUInt16LE(VERSION_ZIP64, 14);
  end64.writeBigUInt64LE(BigInt(entryCount), 24);
  end64.writeBigUInt64LE(BigInt(entryCount), 32);
  end64.writeBigUInt64LE(BigInt(sizeBytes), 40);
  end64.writeBigUInt64LE(BigInt(start), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(start + sizeBytes), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([end64, locator, end]);
}
