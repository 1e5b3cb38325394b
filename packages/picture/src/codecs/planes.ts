import { type ByteReader, DecodeError } from "@poterne/bytes";

/** Samples one plane may hold: those of the largest bitmap decoded beside a surface. */
const MAX_PLANE_SAMPLES = 32 * 1024 * 1024;

/** A larger plane is not kept for the next bitmap. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;

/** Memory for planes that is used again for the next bitmap while it suffices, and let go when it was large. */
class PlaneStore {
  readonly #planes: Uint8Array[] = [];

  /** Plane `index` with room for `samples`, whose content is that of an earlier use. Throws `DecodeError` `limit`. */
  get(index: number, samples: number): Uint8Array {
    if (samples > MAX_PLANE_SAMPLES) throw new DecodeError("limit", "plane", 0, `${samples} samples`);
    const known = this.#planes[index];
    if (known !== undefined && known.length >= samples) return known;
    const made = new Uint8Array(samples);
    if (samples <= MAX_KEPT_BYTES) this.#planes[index] = made;
    return made;
  }
}

/** Shared by the codecs of planes: none keeps them from one bitmap to the next. */
export const planeStore = new PlaneStore();

/**
 * [MS-RDPEGDI] 2.2.2.5.1.1 one plane of RLE segments, row by row: the first row as it is, the others as differences to
 * the row above. Fills `width * height` bytes of `plane`; throws `DecodeError`.
 */
export function decodeRlePlane(reader: ByteReader, plane: Uint8Array, width: number, height: number): void {
  if (height > 0) decodeFirstRow(reader, plane, width);
  for (let row = 1; row < height; row++) decodeNextRow(reader, plane, row * width, width);
}

/** The head of the segment at the reader: bytes as they are, and in bits 8 and up how often the last is repeated. */
function readSegment(reader: ByteReader, room: number): number {
  const control = reader.bytes[reader.offset++] ?? -1;
  let run = control & 15;
  let raw = control >> 4;
  if (run === 1 || run === 2) {
    run = run * 16 + raw;
    raw = 0;
  }
  if (control < 0 || reader.offset + raw > reader.bytes.length) throw reader.fail("truncated");
  if (raw + run > room) throw reader.fail("invalid", "a run past its row");
  return raw | (run << 8);
}

function decodeFirstRow(reader: ByteReader, plane: Uint8Array, width: number): void {
  const { bytes } = reader;
  let value = 0;
  for (let at = 0; at < width; ) {
    const segment = readSegment(reader, width - at);
    const rawEnd = at + (segment & 255);
    const end = rawEnd + (segment >> 8);
    let from = reader.offset;
    while (at < rawEnd) {
      value = bytes[from++] as number;
      plane[at++] = value;
    }
    reader.offset = from;
    while (at < end) plane[at++] = value;
  }
}

function decodeNextRow(reader: ByteReader, plane: Uint8Array, start: number, width: number): void {
  const { bytes } = reader;
  const rowEnd = start + width;
  let value = 0;
  for (let at = start; at < rowEnd; ) {
    const segment = readSegment(reader, rowEnd - at);
    const rawEnd = at + (segment & 255);
    const end = rawEnd + (segment >> 8);
    let from = reader.offset;
    for (; at < rawEnd; at++) {
      const coded = bytes[from++] as number;
      // The sign is the lowest bit.
      value = (coded >> 1) ^ -(coded & 1);
      plane[at] = (plane[at - width] as number) + value;
    }
    reader.offset = from;
    for (; at < end; at++) plane[at] = (plane[at - width] as number) + value;
  }
}
