import { ByteWriter, concatBytes, fromHex } from "@poterne/bytes";
import { CapabilitySet } from "./capability-sets.ts";

/** What differs between sessions. */
export interface ClientCapabilityOptions {
  readonly width: number;
  readonly height: number;
  readonly keyboardLayout: number;
  /** RemoteFX in surface commands ([MS-RDPRFX] 2.2.1.1), for servers without the graphics pipeline. */
  readonly hasRemoteFx: boolean;
  /** NSCodec in surface commands ([MS-RDPNSC] 2.2.1), for servers that have neither; not offered when left out. */
  readonly hasNsCodec?: boolean;
}

/** One capability set without its header. */
export interface EncodedCapability {
  readonly type: number;
  readonly body: Uint8Array;
}

/** The longest update put together from fragments: a full frame of RemoteFX at 4K has less. */
export const MAX_UPDATE_BYTES = 8 * 1024 * 1024;
/** Pointer shapes the core remembers for the server. */
export const POINTER_CACHE_ENTRIES = 25;
/** The codec's number in surface commands: ours to choose ([MS-RDPBCGR] 2.2.7.2.10.1.1). */
export const REMOTEFX_CODEC_ID = 3;
/** [MS-RDPNSC] 3.1.5.1: NSCodec's number is given. */
export const NSCODEC_CODEC_ID = 1;

/** Frames a server may send ahead of acknowledgements outside the graphics pipeline. */
const MAX_UNACKNOWLEDGED_FRAMES = 2;
const CHANNEL_CHUNK_BYTES = 1600;
const OSMAJORTYPE_WINDOWS = 1;
const OSMINORTYPE_WINDOWS_NT = 3;
const TS_CAPS_PROTOCOLVERSION = 0x0200;
const FASTPATH_OUTPUT_SUPPORTED = 0x0001;
const LONG_CREDENTIALS_SUPPORTED = 0x0004;
const AUTORECONNECT_SUPPORTED = 0x0008;
const NO_BITMAP_COMPRESSION_HDR = 0x0400;
const DRAW_ALLOW_DYNAMIC_COLOR_FIDELITY = 0x02;
const DRAW_ALLOW_COLOR_SUBSAMPLING = 0x04;
const DRAW_ALLOW_SKIP_ALPHA = 0x08;
/** NEGOTIATEORDERSUPPORT, ZEROBOUNDSDELTASSUPPORT, COLORINDEXSUPPORT: must be told even where no order is offered. */
const ORDER_FLAGS = 0x002a;
const DESKTOP_SAVE_BYTES = 230400;
/** SCANCODES, MOUSEX, UNICODE, FASTPATH_INPUT2, MOUSE_HWHEEL. */
const INPUT_FLAGS = 0x0001 | 0x0004 | 0x0010 | 0x0020 | 0x0100;
const LARGE_POINTER_FLAG_96x96 = 1;
const SURFCMDS_SETSURFACEBITS = 0x02;
const SURFCMDS_FRAMEMARKER = 0x10;
const SURFCMDS_STREAMSURFACEBITS = 0x40;
const CODEC_GUID_NSCODEC = fromHex("b91b8dca 0f004f15 589fae2d 1a87e2d6");
/** [MS-RDPNSC] 2.2.1 fAllowDynamicFidelity, fAllowSubsampling, colorLossLevel: coloured text stays sharp. */
const NSCODEC_CAPABILITY = Uint8Array.of(1, 0, 3);
const CODEC_GUID_REMOTEFX = fromHex("122f7776 72bd6344 afb3b73c 9c6f7886");

/** [MS-RDPBCGR] 2.2.7 the client's capability sets: no drawing orders, no caches, no compression but the codecs'. */
export function encodeClientCapabilities(options: ClientCapabilityOptions): EncodedCapability[] {
  const sets: EncodedCapability[] = [
    { type: CapabilitySet.CAPSTYPE_GENERAL, body: encodeGeneral() },
    { type: CapabilitySet.CAPSTYPE_BITMAP, body: encodeBitmap(options) },
    { type: CapabilitySet.CAPSTYPE_ORDER, body: encodeOrder() },
    { type: CapabilitySet.CAPSTYPE_BITMAPCACHE_REV2, body: encodeZeros(36) },
    {
      type: CapabilitySet.CAPSTYPE_POINTER,
      body: encodeNumbers16(1, POINTER_CACHE_ENTRIES, POINTER_CACHE_ENTRIES),
    },
    { type: CapabilitySet.CAPSTYPE_INPUT, body: encodeInputCapability(options) },
    { type: CapabilitySet.CAPSTYPE_BRUSH, body: encodeZeros(4) },
    { type: CapabilitySet.CAPSTYPE_GLYPHCACHE, body: encodeZeros(48) },
    { type: CapabilitySet.CAPSTYPE_OFFSCREENCACHE, body: encodeZeros(8) },
    { type: CapabilitySet.CAPSTYPE_VIRTUALCHANNEL, body: encodeNumbers32(0, CHANNEL_CHUNK_BYTES) },
    { type: CapabilitySet.CAPSTYPE_SOUND, body: encodeZeros(4) },
    { type: CapabilitySet.CAPSETTYPE_MULTIFRAGMENTUPDATE, body: encodeNumbers32(MAX_UPDATE_BYTES) },
    { type: CapabilitySet.CAPSETTYPE_LARGE_POINTER, body: encodeNumbers16(LARGE_POINTER_FLAG_96x96) },
    {
      type: CapabilitySet.CAPSETTYPE_SURFACE_COMMANDS,
      body: encodeNumbers32(SURFCMDS_SETSURFACEBITS | SURFCMDS_FRAMEMARKER | SURFCMDS_STREAMSURFACEBITS, 0),
    },
    { type: CapabilitySet.CAPSSETTYPE_FRAME_ACKNOWLEDGE, body: encodeNumbers32(MAX_UNACKNOWLEDGED_FRAMES) },
  ];
  const codecs: Uint8Array[] = [];
  if (options.hasRemoteFx) codecs.push(encodeRemoteFx());
  if (options.hasNsCodec === true)
    codecs.push(encodeBitmapCodec(CODEC_GUID_NSCODEC, NSCODEC_CODEC_ID, NSCODEC_CAPABILITY));
  if (codecs.length > 0)
    sets.push({
      type: CapabilitySet.CAPSETTYPE_BITMAP_CODECS,
      body: concatBytes([Uint8Array.of(codecs.length), ...codecs]),
    });
  return sets;
}

function encodeZeros(sizeBytes: number): Uint8Array {
  return new Uint8Array(sizeBytes);
}

function encodeNumbers16(...values: readonly number[]): Uint8Array {
  const writer = new ByteWriter();
  for (const value of values) writer.u16le(value);
  return writer.finish();
}

function encodeNumbers32(...values: readonly number[]): Uint8Array {
  const writer = new ByteWriter();
  for (const value of values) writer.u32le(value);
  return writer.finish();
}

/** [MS-RDPBCGR] 2.2.7.1.1 General Capability Set. */
function encodeGeneral(): Uint8Array {
  const extraFlags =
    FASTPATH_OUTPUT_SUPPORTED |
    LONG_CREDENTIALS_SUPPORTED |
    AUTORECONNECT_SUPPORTED |
    NO_BITMAP_COMPRESSION_HDR;
  return new ByteWriter()
    .put(
      encodeNumbers16(
        OSMAJORTYPE_WINDOWS,
        OSMINORTYPE_WINDOWS_NT,
        TS_CAPS_PROTOCOLVERSION,
        0,
        0,
        extraFlags,
        0,
        0,
        0,
      ),
    )
    .u8(1)
    .u8(1)
    .finish();
}

/** [MS-RDPBCGR] 2.2.7.1.2 Bitmap Capability Set: 32 bits a pixel, the desktop may be resized. */
function encodeBitmap({ width, height }: ClientCapabilityOptions): Uint8Array {
  return new ByteWriter()
    .put(encodeNumbers16(32, 1, 1, 1, width, height, 0, 1, 1))
    .u8(0)
    .u8(DRAW_ALLOW_SKIP_ALPHA | DRAW_ALLOW_COLOR_SUBSAMPLING | DRAW_ALLOW_DYNAMIC_COLOR_FIDELITY)
    .put(encodeNumbers16(1, 0))
    .finish();
}

/** [MS-RDPBCGR] 2.2.7.1.3 Order Capability Set: none is offered. */
function encodeOrder(): Uint8Array {
  return new ByteWriter()
    .put(encodeZeros(20))
    .put(encodeNumbers16(1, 20, 0, 1, 0, ORDER_FLAGS))
    .put(encodeZeros(32))
    .put(encodeZeros(8))
    .u32le(DESKTOP_SAVE_BYTES)
    .put(encodeZeros(8))
    .finish();
}

/** [MS-RDPBCGR] 2.2.7.1.6 Input Capability Set. */
function encodeInputCapability({ keyboardLayout }: ClientCapabilityOptions): Uint8Array {
  return new ByteWriter()
    .u16le(INPUT_FLAGS)
    .u16le(0)
    .put(encodeNumbers32(keyboardLayout, 4, 0, 12))
    .put(encodeZeros(64))
    .finish();
}

/** [MS-RDPBCGR] 2.2.7.2.10.1.1 Bitmap Codec. */
function encodeBitmapCodec(guid: Uint8Array, codecId: number, properties: Uint8Array): Uint8Array {
  return new ByteWriter().put(guid).u8(codecId).u16le(properties.length).put(properties).finish();
}

/** [MS-RDPRFX] 2.2.1.1.1: RLGR1 and RLGR3, image and video mode. */
function encodeRemoteFx(): Uint8Array {
  const CBY_CAPS = 0xcbc0;
  const CBY_CAPSET = 0xcbc1;
  const CLY_CAPSET = 0xcfc0;
  const CLW_VERSION_1_0 = 0x0100;
  const CT_TILE_64x64 = 64;
  const writer = new ByteWriter();
  writer.u16le(CBY_CAPS).u32le(8).u16le(1);
  writer.u16le(CBY_CAPSET).u32le(29).u8(1).u16le(CLY_CAPSET).u16le(2).u16le(8);
  for (const entropy of [1, 4])
    writer.u16le(CLW_VERSION_1_0).u16le(CT_TILE_64x64).u8(0).u8(1).u8(1).u8(entropy);
  const data = writer.finish();
  const properties = concatBytes([encodeNumbers32(data.length + 12, 1, data.length), data]);
  return encodeBitmapCodec(CODEC_GUID_REMOTEFX, REMOTEFX_CODEC_ID, properties);
}
