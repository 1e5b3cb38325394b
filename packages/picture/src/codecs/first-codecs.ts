import { Codec } from "../language.ts";
import type { DecodeRectangle } from "./codec.ts";
import { decodeHextile } from "./hextile.ts";
import { decodeRaw } from "./raw.ts";
import { decodeRre } from "./rre.ts";
import { decodeTight } from "./tight.ts";
import { decodeTrle, decodeZrle } from "./zrle.ts";

/** The codecs every decoder has: those of RFB. JPEG is the host's. */
export const FIRST_CODECS: Readonly<Record<number, DecodeRectangle>> = {
  [Codec.raw]: decodeRaw,
  [Codec.rre]: decodeRre,
  [Codec.hextile]: decodeHextile,
  [Codec.tight]: decodeTight,
  [Codec.zrle]: decodeZrle,
  [Codec.trle]: decodeTrle,
};

/** Whether a draw needs codecs beyond these. */
export function needsFurtherCodecs(codec: number): boolean {
  return FIRST_CODECS[codec] === undefined && codec !== Codec.jpeg;
}
