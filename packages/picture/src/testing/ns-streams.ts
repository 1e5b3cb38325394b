import { ByteWriter } from "@poterne/bytes";
import { makePicker } from "./rle-streams.ts";

/** An NSCodec stream of random planes, each left out, compressed or as it is ([MS-RDPNSC] 2.2.2). */
export function randomNsStream(
  seed: number,
  {
    width,
    height,
    colourLoss,
    isSubsampled,
  }: {
    readonly width: number;
    readonly height: number;
    readonly colourLoss: number;
    readonly isSubsampled: boolean;
  },
): Uint8Array {
  const pick = makePicker(seed);
  const wide = isSubsampled ? (width + 7) & ~7 : width;
  const chroma = isSubsampled ? (wide >> 1) * ((height + 1) >> 1) : wide * height;
  const planes = [wide * height, chroma, chroma, width * height].map((samples) => makePlane(pick, samples));
  const writer = new ByteWriter();
  for (const plane of planes) writer.u32le(plane.length);
  writer
    .u8(colourLoss)
    .u8(isSubsampled ? 1 : 0)
    .u16le(0);
  for (const plane of planes) writer.put(plane);
  return writer.finish();
}

function makePlane(pick: (limit: number) => number, samples: number): Uint8Array {
  const kind = pick(5);
  if (kind === 0) return new Uint8Array(0);
  const writer = new ByteWriter();
  if (kind === 1 || samples < 40) {
    for (let index = 0; index < samples; index++) writer.u8(pick(256));
    return writer.finish();
  }
  // At least two runs, so that it is shorter than the plane: else it would be taken as it is.
  const end = samples - 4;
  let value = 0;
  for (let at = 0; at < end; ) {
    const room = end - at;
    // Unlike the byte before, which would make a run of both.
    value = (value + 1 + pick(254)) & 255;
    const isRun = at < 20 || (room > 2 && pick(3) > 0);
    const length = at < 20 ? 10 + pick(6) : 2 + pick(Math.min(room - 1, pick(4) === 0 ? 600 : 30));
    writer.u8(value);
    if (isRun) putRunLength(writer.u8(value), length);
    at += isRun ? length : 1;
  }
  for (let index = 0; index < 4; index++) writer.u8(pick(256));
  return writer.finish();
}

function putRunLength(writer: ByteWriter, length: number): void {
  if (length - 2 < 255) writer.u8(length - 2);
  else writer.u8(255).u32le(length);
}
