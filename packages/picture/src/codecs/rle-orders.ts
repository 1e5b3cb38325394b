import type { ByteReader } from "@poterne/bytes";

/** What an order of interleaved RLE does; how its length is coded does not matter any more. */
export const RleOrder = {
  background: 0,
  foreground: 1,
  mask: 2,
  colour: 3,
  image: 4,
  setForeground: 6,
  setMask: 7,
  dithered: 8,
  maskFirst: 9,
  maskSecond: 10,
  white: 13,
  black: 14,
} as const;

/** One order and how many pixels it makes (pairs of pixels for `dithered`). */
export interface RleRun {
  kind: number;
  length: number;
}

const FIRST_LITE = 0xc0;
const FIRST_MEGA = 0xf0;
const REGULAR_EXTRA = 32;
const LITE_EXTRA = 16;
const MASK_PIXELS = 8;
const LITE_KINDS: readonly number[] = [RleOrder.setForeground, RleOrder.setMask, RleOrder.dithered];
/** Kinds of the orders from F0 on: those with a length of two bytes, and from F9 on those that have one already. */
const MEGA_KINDS: readonly number[] = [
  RleOrder.background,
  RleOrder.foreground,
  RleOrder.mask,
  RleOrder.colour,
  RleOrder.image,
  -1,
  RleOrder.setForeground,
  RleOrder.setMask,
  RleOrder.dithered,
  RleOrder.maskFirst,
  RleOrder.maskSecond,
  -1,
  -1,
  RleOrder.white,
  RleOrder.black,
  -1,
];

/** [MS-RDPBCGR] 2.2.9.1.1.3.1.2.4 reads an order's header into `run`; throws `DecodeError`. */
export function readRleRun(reader: ByteReader, run: RleRun): void {
  const header = reader.u8();
  if (header >= FIRST_MEGA) readMega(reader, header, run);
  else if (header >= FIRST_LITE) {
    run.kind = LITE_KINDS[(header >> 4) - 12] ?? -1;
    run.length = readShort(reader, header & 15, run.kind, LITE_EXTRA);
  } else {
    run.kind = header >> 5;
    if (run.kind > RleOrder.image) throw reader.fail("invalid", `order ${header}`);
    run.length = readShort(reader, header & 31, run.kind, REGULAR_EXTRA);
  }
}

/** A length that stands in the header, or if 0 there in the next byte; masks count eight pixels. */
function readShort(reader: ByteReader, length: number, kind: number, extra: number): number {
  if (kind === RleOrder.mask || kind === RleOrder.setMask)
    return length === 0 ? reader.u8() + 1 : length * MASK_PIXELS;
  return length === 0 ? reader.u8() + extra : length;
}

function readMega(reader: ByteReader, header: number, run: RleRun): void {
  run.kind = MEGA_KINDS[header & 15] ?? -1;
  if (run.kind < 0) throw reader.fail("invalid", `order ${header}`);
  if (run.kind === RleOrder.white || run.kind === RleOrder.black) run.length = 1;
  else if (run.kind >= RleOrder.maskFirst) run.length = MASK_PIXELS;
  else run.length = reader.u16le();
}
