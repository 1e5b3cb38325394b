import { open } from "node:fs/promises";
import { MAX_LINE_BYTES } from "./journal-line.ts";

const CHUNK_BYTES = 262_144;
const LINE_FEED = 0x0a;

/** One line of a file, without its line feed. */
export interface RawLine {
  readonly bytes: Buffer;
  /** Where it begins in the file. */
  readonly offset: number;
  /** Where the next one begins. */
  readonly endOffset: number;
  /** False for bytes at the end without a line feed, and for a line beyond `MAX_LINE_BYTES`, which comes in pieces. */
  readonly isWhole: boolean;
}

/** The lines of a file from an offset on, in groups as they were read; never holds more than a chunk and a line. */
export async function* readRawLines(
  path: string,
  range: { readonly from: number; readonly to: number } = { from: 0, to: Number.MAX_SAFE_INTEGER },
): AsyncGenerator<readonly RawLine[]> {
  const file = await open(path, "r");
  try {
    let rest = Buffer.alloc(0);
    let offset = range.from;
    for (;;) {
      const readAt = offset + rest.length;
      const chunk = Buffer.allocUnsafe(Math.max(0, Math.min(CHUNK_BYTES, range.to - readAt)));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, readAt);
      if (bytesRead === 0) break;
      const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
      const lines = splitLines(bytes, offset);
      const end = lines.at(-1)?.endOffset ?? offset;
      rest = bytes.subarray(end - offset);
      offset = end;
      if (lines.length > 0) yield lines;
    }
    if (rest.length > 0) yield [{ bytes: rest, offset, endOffset: offset + rest.length, isWhole: false }];
  } finally {
    await file.close();
  }
}

function splitLines(bytes: Buffer, base: number): readonly RawLine[] {
  const lines: RawLine[] = [];
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(LINE_FEED, start);
    if (end < 0) break;
    const line = bytes.subarray(start, end);
    const isWhole = line.length <= MAX_LINE_BYTES;
    lines.push({ bytes: line, offset: base + start, endOffset: base + end + 1, isWhole });
    start = end + 1;
  }
  if (bytes.length - start > MAX_LINE_BYTES) {
    const endOffset = base + bytes.length;
    lines.push({ bytes: bytes.subarray(start), offset: base + start, endOffset, isWhole: false });
  }
  return lines;
}
