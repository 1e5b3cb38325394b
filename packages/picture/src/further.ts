// The package's second door, `@poterne/picture/further`: what lies behind it is fetched late by browsers, so nothing of
// it may stand in index.ts as well.
export type { VideoChunk, VideoHost, VideoKernel } from "./codecs/avc/video-draws.ts";
export { drawYuv420, type YuvFrame } from "./codecs/avc/yuv.ts";
export { drawYuv444 } from "./codecs/avc/yuv444.ts";
export { FurtherCodecs } from "./codecs/further-codecs.ts";
export { PlainKernel, type TileKernel } from "./codecs/remotefx/kernel.ts";
export { RlgrMode, type RlgrModeId } from "./codecs/remotefx/rlgr.ts";
export { type BandLayout, EVEN_LAYOUT, REDUCED_LAYOUT } from "./codecs/remotefx/tile.ts";
