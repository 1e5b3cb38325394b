const BLOCK_BYTES = 512;
/** Names longer than this do not fit the old header; ours never are. */
const MAX_NAME_BYTES = 100;
/** Largest size the octal field holds; larger ones are written in base 256 (GNU). */
const MAX_OCTAL_SIZE = 0o77777777777;
const MAX_ENTRIES = 10_000_000;

/** One file of an archive. */
export interface TarEntry {
  readonly name: string;
  readonly sizeBytes: number;
  readonly content: AsyncIterable<Uint8Array>;
}

/** Writes entries as a tar archive (POSIX.1-1988 ustar, sizes over 8 GiB in base 256). Throws when a content is not as long as said. */
export async function* writeTar(entries: AsyncIterable<TarEntry>, nowMs: number): AsyncGenerator<Uint8Array> {
  for await (const entry of entries) {
    yield makeHeader(entry.name, entry.sizeBytes, nowMs);
    let written = 0;
    for await (const chunk of entry.content) {
      written += chunk.length;
      if (written > entry.sizeBytes) throw new Error(`${entry.name} grew while it was read`);
      yield chunk;
    }
    if (written !== entry.sizeBytes) throw new Error(`${entry.name} shrank while it was read`);
    yield new Uint8Array((BLOCK_BYTES - (written % BLOCK_BYTES)) % BLOCK_BYTES);
  }
  yield new Uint8Array(BLOCK_BYTES * 2);
}

function makeHeader(name: string, sizeBytes: number, nowMs: number): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES);
  if (Buffer.byteLength(name) > MAX_NAME_BYTES)
    throw new Error(`the name ${name} is too long for the archive`);
  header.write(name, 0);
  header.write("0000600\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  if (sizeBytes <= MAX_OCTAL_SIZE) header.write(`${sizeBytes.toString(8).padStart(11, "0")}\0`, 124);
  else {
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(sizeBytes), 128);
  }
  header.write(
    `${Math.floor(nowMs / 1000)
      .toString(8)
      .padStart(11, "0")}\0`,
    136,
  );
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar\x0000", 257);
  header.write(`${checksum(header).toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

function checksum(header: Buffer): number {
  let sum = 0;
  for (let index = 0; index < BLOCK_BYTES; index++)
    sum += index >= 148 && index < 156 ? 0x20 : (header[index] ?? 0);
  return sum;
}

/**
 * Reads the archive's entries in order; each content must be read to its end before the next entry is asked for.
 * Throws on a cut archive, a wrong checksum, a name that leaves the folder, anything but plain files.
 */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const reader = new BlockReader(source);
  for (let count = 0; count < MAX_ENTRIES; count++) {
    const header = await reader.read(BLOCK_BYTES);
    if (header.every((byte) => byte === 0)) return;
    const { name, sizeBytes } = parseHeader(header);
    let remaining = sizeBytes;
    yield {
      name,
      sizeBytes,
      content: (async function* () {
        while (remaining > 0) {
          const chunk = await reader.readSome(remaining);
          remaining -= chunk.length;
          yield chunk;
        }
      })(),
    };
    while (remaining > 0) remaining -= (await reader.readSome(remaining)).length;
    await reader.read((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES);
  }
  throw new Error("too many entries in the archive");
}

function parseHeader(header: Buffer): { name: string; sizeBytes: number } {
  const text = (at: number, length: number) => header.toString("utf8", at, at + length).replace(/\0.*$/s, "");
  if (Number.parseInt(text(148, 8), 8) !== checksum(header))
    throw new Error("the archive is damaged (header checksum)");
  const name = text(0, 100);
  const isBase256 = ((header[124] ?? 0) & 0x80) !== 0;
  const sizeBytes = isBase256 ? Number(header.readBigUInt64BE(128)) : Number.parseInt(text(124, 12), 8);
  const isSafe = /^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/.test(name) && !name.split("/").includes("..");
  if (!isSafe || header[156] !== 0x30 || !Number.isSafeInteger(sizeBytes))
    throw new Error("the archive holds something other than our files");
  return { name, sizeBytes };
}

/** Exact reads from a stream of chunks. */
class BlockReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  async read(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let missing = count;
    while (missing > 0) {
      const part = await this.readSome(missing);
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** At least one byte, `most` at the most. */
  async readSome(most: number): Promise<Buffer> {
    while (this.#held.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done === true) throw new Error("the archive is cut");
      this.#held = Buffer.from(value);
    }
    const part = this.#held.subarray(0, most);
    this.#held = this.#held.subarray(part.length);
    return part;
  }
}
