/** Opcodes of the picture language (docs/wire-picture.md). On the wire and in recordings: never renumber one. */
export const PictureOp = {
  surface: 1,
  forget: 2,
  draw: 3,
  more: 4,
  copy: 5,
  fill: 6,
  dictionary: 7,
  reset: 8,
  present: 9,
  map: 10,
  cacheStore: 11,
  cacheDraw: 12,
  cacheForget: 13,
  solidList: 15,
  codecState: 16,
  cursor: 64,
  cursorPosition: 65,
  cursorHide: 66,
  cursorDefault: 67,
} as const;

/** Opcodes from here on carry their length and may be skipped by a decoder that does not know them. */
export const FIRST_EXTENSION_OP = 128;

/** Codec numbers of `draw`; those missing between are reserved (docs/wire-picture.md). */
export const Codec = {
  raw: 1,
  rre: 2,
  hextile: 3,
  tight: 4,
  zrle: 5,
  trle: 6,
  jpeg: 7,
  planar: 32,
  rle8: 33,
  rle15: 34,
  rle16: 35,
  rle24: 36,
  raw16: 37,
  raw24: 38,
  nsCodec: 39,
  remoteFx: 40,
  progressive: 41,
  clearCodec: 42,
  alpha: 44,
  avc420: 48,
  avc444: 49,
  avc444v2: 50,
  raw8: 56,
  raw15: 57,
  raw32: 58,
} as const;

/** Actions of `codecState`. */
export const CodecStateAction = {
  /** All codecs begin as new: decoders, progressive contexts, ClearCodec's caches. */
  reset: 0,
  /** The progressive context `id` of the surface is gone. */
  forgetProgressive: 1,
  /** `data` is the palette of 8-bit pixels from here on: 256 times red, green, blue. */
  palette: 2,
} as const;

/** Slots of the picture cache are numbered below this: RDP's small cache. */
export const MAX_CACHE_SLOTS = 4097;

/** Pixels all cache slots hold together: 16 MB of RDP's small cache. */
export const MAX_CACHE_PIXELS = 4 * 1024 * 1024;

/** Pixels one `cache draw` or `solid list` may draw: four times all there are. A few bytes must not keep a viewer busy. */
export const MAX_LIST_PIXELS = 128 * 1024 * 1024;

/** Surfaces shown on the screen at one time: twice the monitors RDP knows. */
export const MAX_MAPPED_SURFACES = 32;

/** One of the numbers of `Codec`. */
export type CodecId = (typeof Codec)[keyof typeof Codec];

/** Flag of `draw` and `more`: the payload goes on in the next `more`. */
export const MORE_FOLLOWS = 1;

/** Flag of `draw`: the codec's picture is whole, so all of the rectangle is shown and not only the regions it names. */
export const WHOLE_PICTURE = 2;

/** How a pointer's shape is laid out. */
export const CursorKind = { bgrxMask: 0, twoColour: 1, premultipliedRgba: 2, rgba: 3, rdp: 16 } as const;

/** `reset` of this context resets all. */
export const ALL_CONTEXTS = 255;

/** The inflate context of ZRLE; Tight has 0 to 3. */
export const ZRLE_CONTEXT = 4;

/** Inflate contexts a stream of frames may use. */
export const MAX_CONTEXTS = 8;

/** The longest history a `dictionary` carries: deflate's window. */
export const MAX_DICTIONARY_BYTES = 32 * 1024;

/** The longest side of a surface. */
export const MAX_SIDE_PX = 16384;

/** The most pixels all surfaces hold together. */
export const MAX_TOTAL_PIXELS = 32 * 1024 * 1024;

/** The most surfaces at one time. */
export const MAX_SURFACES = 256;

/** The pieces of one draw may hold 4 bytes a pixel and this. */
export const MAX_DRAW_EXTRA_BYTES = 1024 * 1024;

/** The longest side of a pointer's shape. */
export const MAX_CURSOR_SIDE_PX = 256;

/** A place and size on a surface, in pixels. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
