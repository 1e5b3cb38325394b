import { DecodeError } from "@poterne/bytes";
import { BLACK_PIXEL } from "../surface.ts";
import { rgbAt } from "./codec.ts";

const COLOURS = 256;

/** The colours of 8-bit pixels: one palette a stream of frames, black before the first is set. */
export class Palette {
  readonly colours = new Uint32Array(COLOURS).fill(BLACK_PIXEL);

  /** Takes 256 times red, green, blue; throws `DecodeError`. */
  set(data: Uint8Array): void {
    if (data.length !== COLOURS * 3) throw new DecodeError("invalid", "palette", 0, `${data.length} bytes`);
    for (let index = 0; index < COLOURS; index++) this.colours[index] = rgbAt(data, index * 3);
  }

  clear(): void {
    this.colours.fill(BLACK_PIXEL);
  }
}
