import { ByteWriter } from "@poterne/bytes";

/** Numbers below a limit that are the same for the same seed (mulberry32). */
export function makePicker(seed: number): (limit: number) => number {
  let state = (seed + 1) >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** Orders whose length is coded in the header, in one more byte or in two ([MS-RDPBCGR] 2.2.9.1.1.3.1.2.4). */
interface OrderCode {
  readonly short: number;
  readonly shortBits: number;
  readonly mega: number;
  readonly pixels: "none" | "one" | "two" | "all";
  readonly isMask: boolean;
}

const ORDERS: readonly OrderCode[] = [
  { short: 0x00, shortBits: 5, mega: 0xf0, pixels: "none", isMask: false },
  { short: 0x20, shortBits: 5, mega: 0xf1, pixels: "none", isMask: false },
  { short: 0x40, shortBits: 5, mega: 0xf2, pixels: "none", isMask: true },
  { short: 0x60, shortBits: 5, mega: 0xf3, pixels: "one", isMask: false },
  { short: 0x80, shortBits: 5, mega: 0xf4, pixels: "all", isMask: false },
  { short: 0xc0, shortBits: 4, mega: 0xf6, pixels: "one", isMask: false },
  { short: 0xd0, shortBits: 4, mega: 0xf7, pixels: "one", isMask: true },
  { short: 0xe0, shortBits: 4, mega: 0xf8, pixels: "two", isMask: false },
];
const SPECIAL: readonly (readonly [code: number, pixels: number])[] = [
  [0xf9, 8],
  [0xfa, 8],
  [0xfd, 1],
  [0xfe, 1],
];

/** A stream of random orders of every kind and form that fills a bitmap exactly. */
export function randomRleStream(
  seed: number,
  { bits, width, height }: { readonly bits: number; readonly width: number; readonly height: number },
): Uint8Array {
  const pick = makePicker(seed);
  const writer = new ByteWriter();
  let left = width * height;
  while (left > 0) {
    const special = SPECIAL[pick(40)];
    if (special !== undefined && special[1] <= left) {
      writer.u8(special[0]);
      left -= special[1];
      continue;
    }
    left -= putOrder(writer, pick, { bits, left });
  }
  return writer.finish();
}

function putOrder(
  writer: ByteWriter,
  pick: (limit: number) => number,
  { bits, left }: { readonly bits: number; readonly left: number },
): number {
  const order = ORDERS[pick(ORDERS.length)] as OrderCode;
  const pixelsEach = order.pixels === "two" ? 2 : 1;
  const maxLength = Math.floor(left / pixelsEach);
  if (maxLength === 0) return 0;
  const length = Math.min(maxLength, 1 + (pick(4) === 0 ? pick(300) : pick(20)));
  putHeader(writer, order, length, pick);
  const count = { none: 0, one: 1, two: 2, all: length }[order.pixels];
  const bytesPerPixel = (bits + 7) >> 3;
  const black = pick(8) === 0;
  for (let index = 0; index < count * bytesPerPixel; index++) writer.u8(black ? 0 : pick(256));
  if (order.isMask) for (let at = 0; at < length; at += 8) writer.u8(pick(256));
  return length * pixelsEach;
}

function putHeader(
  writer: ByteWriter,
  { short, shortBits, mega, isMask }: OrderCode,
  length: number,
  pick: (limit: number) => number,
): void {
  const limit = 1 << shortBits;
  const inHeader = isMask ? length / 8 : length;
  const inByte = isMask ? length - 1 : length - limit;
  if (Number.isInteger(inHeader) && inHeader < limit && pick(3) > 0) writer.u8(short | inHeader);
  else if (inByte >= 0 && inByte < 256 && pick(3) > 0) writer.u8(short).u8(inByte);
  else writer.u8(mega).u16le(length);
}
