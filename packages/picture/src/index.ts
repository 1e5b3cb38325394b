export type { FurtherCodecs } from "./codecs/further-codecs.ts";
export { HextileMask } from "./codecs/hextile.ts";
export { readCompactLength, TIGHT_MIN_TO_COMPRESS_BYTES, TightFilter, TightType } from "./codecs/tight.ts";
export {
  type CacheCommand,
  type CopyCommand,
  type CursorCommand,
  type DrawCommand,
  decodeCommands,
  type MapCommand,
  type PictureCommand,
} from "./commands.ts";
export { Coverage } from "./coverage.ts";
export { type CursorShape, cursorPayloadBytes, decodeCursor } from "./cursor.ts";
export type { SurfaceDamage } from "./damage.ts";
export {
  type DecodedImage,
  MAX_WAITING_BYTES,
  PictureDecoder,
  type PictureHost,
} from "./decoder.ts";
export { Inflater } from "./inflate.ts";
export {
  ALL_CONTEXTS,
  Codec,
  type CodecId,
  CodecStateAction,
  CursorKind,
  MAX_CACHE_PIXELS,
  MAX_CACHE_SLOTS,
  MAX_CONTEXTS,
  MAX_CURSOR_SIDE_PX,
  MAX_DICTIONARY_BYTES,
  MAX_DRAW_EXTRA_BYTES,
  MAX_SIDE_PX,
  MAX_SURFACES,
  MAX_TOTAL_PIXELS,
  PictureOp,
  type Rectangle,
  ZRLE_CONTEXT,
} from "./language.ts";
export { BLACK_PIXEL, Surface } from "./surface.ts";
export { PictureWriter } from "./writer.ts";
