import { ByteWriter, concatBytes } from "@poterne/bytes";

/** Writes bits, most significant first. */
class BitWriter {
  readonly #bits: number[] = [];

  put(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit--) this.#bits.push((value >>> bit) & 1);
  }

  fill(bit: 0 | 1, count: number): void {
    for (let index = 0; index < count; index++) this.#bits.push(bit);
  }

  finish(): Uint8Array {
    const bytes = new Uint8Array(Math.ceil(this.#bits.length / 8));
    this.#bits.forEach((bit, at) => {
      bytes[at >> 3] = (bytes[at >> 3] as number) | (bit << (7 - (at & 7)));
    });
    return bytes;
  }
}

/** [MS-RDPRFX] 3.1.8.1.7.1 RLGR1. */
export function encodeRlgr1(values: readonly number[]): Uint8Array {
  const writer = new BitWriter();
  let kp = 8;
  let krp = 8;
  const golombRice = (code: number) => {
    const high = code >> (krp >> 3);
    writer.fill(1, high);
    writer.put(0, 1);
    writer.put(code, krp >> 3);
    if (high === 0) krp = Math.max(krp - 2, 0);
    else if (high > 1) krp = Math.min(krp + high, 80);
  };
  for (let at = 0; at < values.length; at++) {
    if (kp >> 3 === 0) {
      const value = values[at] as number;
      const code = value < 0 ? -2 * value - 1 : 2 * value;
      golombRice(code);
      kp = code === 0 ? Math.min(kp + 3, 80) : Math.max(kp - 3, 0);
      continue;
    }
    let zeros = 0;
    while (at < values.length && values[at] === 0) {
      zeros++;
      at++;
    }
    for (; zeros >= 1 << (kp >> 3); kp = Math.min(kp + 4, 80)) {
      writer.put(0, 1);
      zeros -= 1 << (kp >> 3);
    }
    writer.put(1, 1);
    writer.put(zeros, kp >> 3);
    if (at === values.length) break;
    const value = values[at] as number;
    writer.put(value < 0 ? 1 : 0, 1);
    golombRice(Math.abs(value) - 1);
    kp = Math.max(kp - 6, 0);
  }
  return writer.finish();
}

/** [MS-RDPEGFX] 3.1.8.1.5 Simplified Run-Length; each value with the number of bits its band gets. */
export function encodeSrl(values: readonly { readonly value: number; readonly bits: number }[]): Uint8Array {
  const writer = new BitWriter();
  let kp = 8;
  let zeros = 0;
  const putRun = () => {
    for (; zeros >= 1 << (kp >> 3); kp = Math.min(kp + 4, 80)) {
      writer.put(0, 1);
      zeros -= 1 << (kp >> 3);
    }
    writer.put(1, 1);
    writer.put(zeros, kp >> 3);
    kp = Math.max(kp - 6, 0);
    zeros = 0;
  };
  for (const { value, bits } of values) {
    if (value === 0) {
      zeros++;
      continue;
    }
    putRun();
    writer.put(value < 0 ? 1 : 0, 1);
    writer.fill(0, Math.abs(value) - 1);
    if (Math.abs(value) < (1 << bits) - 1) writer.put(1, 1);
  }
  if (zeros > 0) putRun();
  return concatBytes([writer.finish(), new Uint8Array(1)]);
}

/** Magnitudes as they are, each in its number of bits. */
export function encodeRaw(values: readonly { readonly value: number; readonly bits: number }[]): Uint8Array {
  const writer = new BitWriter();
  for (const { value, bits } of values) writer.put(Math.abs(value), bits);
  return writer.finish();
}

/** A block of [MS-RDPEGFX] 2.2.4.2.1. */
export function encodeBlock(type: number, body: Uint8Array): Uint8Array {
  return new ByteWriter(body.length + 6)
    .u16le(type)
    .u32le(body.length + 6)
    .put(body)
    .finish();
}

/** One pass of a tile at column 0, row 0, with table 0 for all components. */
export function encodeTile(
  pass:
    | {
        readonly type: "simple" | "first";
        readonly flags: number;
        readonly quality: number;
        readonly data: readonly Uint8Array[];
      }
    | { readonly type: "upgrade"; readonly quality: number; readonly data: readonly Uint8Array[] },
): Uint8Array {
  const writer = new ByteWriter(65536).u8(0).u8(0).u8(0).u16le(0).u16le(0);
  if (pass.type !== "upgrade") writer.u8(pass.flags);
  if (pass.type !== "simple") writer.u8(pass.quality);
  for (const { length } of pass.data) writer.u16le(length);
  if (pass.type !== "upgrade") writer.u16le(0);
  for (const bytes of pass.data) writer.put(bytes);
  return encodeBlock({ simple: 0xccc5, first: 0xccc6, upgrade: 0xccc7 }[pass.type], writer.finish());
}

/** A whole payload of one region with tiles; each table is ten numbers in the order of [MS-RDPEGFX] 2.2.4.2.1.5.2. */
export function encodeProgressive(region: {
  readonly contextFlags: number;
  readonly flags: number;
  readonly rectangle: readonly number[];
  readonly quant: readonly number[];
  /** One for each quality, the same for Y, Cb and Cr. */
  readonly extras: readonly (readonly number[])[];
  readonly tiles: readonly Uint8Array[];
}): Uint8Array {
  const tiles = concatBytes(region.tiles);
  const writer = new ByteWriter(tiles.length + 256).u8(64).u16le(1).u8(1).u8(region.extras.length);
  writer.u8(region.flags).u16le(region.tiles.length).u32le(tiles.length);
  for (const side of region.rectangle) writer.u16le(side);
  const putTable = (table: readonly number[]) => {
    for (let at = 0; at < 10; at += 2) writer.u8((table[at] as number) | ((table[at + 1] as number) << 4));
  };
  putTable(region.quant);
  for (const extra of region.extras) {
    writer.u8(50);
    for (let component = 0; component < 3; component++) putTable(extra);
  }
  const context = new ByteWriter(4).u8(0).u16le(64).u8(region.contextFlags).finish();
  return concatBytes([
    new Uint8Array(4),
    encodeBlock(0xccc3, context),
    encodeBlock(0xccc4, writer.put(tiles).finish()),
  ]);
}
