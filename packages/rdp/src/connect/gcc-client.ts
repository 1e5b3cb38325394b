import { ByteWriter, encodeUtf8 } from "@poterne/bytes";
import { writePerLength } from "../encoding/per.ts";
import { encodeUtf16Field } from "../encoding/utf16.ts";
import {
  desktopSize,
  deviceScale,
  encodeMonitorAttributes,
  encodeMonitorData,
  type Monitor,
} from "../monitors.ts";

/** [MS-RDPBCGR] 2.2.1.3.2 earlyCapabilityFlags. */
export const EarlyCapability = {
  RNS_UD_CS_SUPPORT_ERRINFO_PDU: 0x0001,
  RNS_UD_CS_WANT_32BPP_SESSION: 0x0002,
  RNS_UD_CS_SUPPORT_STATUSINFO_PDU: 0x0004,
  RNS_UD_CS_VALID_CONNECTION_TYPE: 0x0020,
  RNS_UD_CS_SUPPORT_MONITOR_LAYOUT_PDU: 0x0040,
  RNS_UD_CS_SUPPORT_NETCHAR_AUTODETECT: 0x0080,
  RNS_UD_CS_SUPPORT_DYNVC_GFX_PROTOCOL: 0x0100,
  RNS_UD_CS_SUPPORT_HEARTBEAT_PDU: 0x0400,
} as const;

/** [MS-RDPBCGR] 2.2.1.3.4.1 options of a static channel. */
export const ChannelOption = {
  CHANNEL_OPTION_INITIALIZED: 0x80000000,
  CHANNEL_OPTION_ENCRYPT_RDP: 0x40000000,
  CHANNEL_OPTION_COMPRESS_RDP: 0x00800000,
} as const;

/** The most static channels a client may ask for ([MS-RDPBCGR] 2.2.1.3.4). */
export const MAX_STATIC_CHANNELS = 31;

const CS_CORE = 0xc001;
const CS_SECURITY = 0xc002;
const CS_NET = 0xc003;
const CS_CLUSTER = 0xc004;
const CS_MONITOR = 0xc005;
const CS_MCS_MSGCHANNEL = 0xc006;
const CS_MONITOR_EX = 0xc008;
/** RDP 10.12: servers choose features by it and by capabilities. */
const CLIENT_VERSION = 0x0008_0011;
const RNS_UD_COLOR_8BPP = 0xca01;
const RNS_UD_SAS_DEL = 0xaa03;
const ALL_COLOR_DEPTHS = 0x000f;
const CONNECTION_TYPE_LAN = 6;
const KEYBOARD_TYPE_IBM_ENHANCED = 4;
const FUNCTION_KEYS = 12;
const REDIRECTION_SUPPORTED_VERSION_4 = 0x0d;
/** A build number a Windows 10 client has; some servers write it to their log. */
const CLIENT_BUILD = 19041;

/** What the client tells of itself before anybody is signed in. */
export interface ClientCore {
  /** As `fitMonitors` makes them, one at least. */
  readonly monitors: readonly Monitor[];
  /** The server takes the data blocks after the first ones ([MS-RDPBCGR] 2.2.1.2.1 EXTENDED_CLIENT_DATA_SUPPORTED). */
  readonly isExtendedDataTaken: boolean;
  /** Windows' number of the keyboard layout, such as 0x40c for French. */
  readonly keyboardLayout: number;
  /** Shown in the server's list of sessions; fifteen characters at most go over. */
  readonly clientName: string;
  /** What the X.224 negotiation chose. */
  readonly selectedProtocol: number;
  readonly hasGraphicsPipeline: boolean;
  /** Names of static channels, seven ASCII characters at most each. */
  readonly channels: readonly string[];
}

/** [MS-RDPBCGR] 2.2.1.3.2–2.2.1.3.5 in a GCC Conference Create Request (T.124 §8.7). */
export function encodeConferenceRequest(core: ClientCore): Uint8Array {
  const blocks = new ByteWriter(512);
  putBlock(blocks, CS_CORE, encodeCore(core));
  putBlock(blocks, CS_CLUSTER, new ByteWriter().u32le(REDIRECTION_SUPPORTED_VERSION_4).u32le(0).finish());
  putBlock(blocks, CS_SECURITY, new Uint8Array(8));
  if (core.channels.length > 0) putBlock(blocks, CS_NET, encodeChannels(core.channels));
  const hasSeveral = core.monitors.length > 1 && core.isExtendedDataTaken;
  if (hasSeveral) putBlock(blocks, CS_MONITOR, encodeMonitorData(core.monitors));
  putBlock(blocks, CS_MCS_MSGCHANNEL, new Uint8Array(4));
  if (hasSeveral) putBlock(blocks, CS_MONITOR_EX, encodeMonitorAttributes(core.monitors));
  const userData = blocks.finish();
  const request = new ByteWriter().put(Uint8Array.of(0, 8, 0, 16, 0, 1, 0xc0, 0)).utf8("Duca");
  writePerLength(request, userData.length);
  const body = request.put(userData).finish();
  const writer = new ByteWriter().put(Uint8Array.of(0, 5, 0, 0x14, 0x7c, 0, 1));
  writePerLength(writer, body.length);
  return writer.put(body).finish();
}

function putBlock(writer: ByteWriter, type: number, body: Uint8Array): void {
  writer
    .u16le(type)
    .u16le(body.length + 4)
    .put(body);
}

function encodeCore(core: ClientCore): Uint8Array {
  const flags =
    EarlyCapability.RNS_UD_CS_SUPPORT_ERRINFO_PDU |
    EarlyCapability.RNS_UD_CS_WANT_32BPP_SESSION |
    EarlyCapability.RNS_UD_CS_SUPPORT_STATUSINFO_PDU |
    EarlyCapability.RNS_UD_CS_VALID_CONNECTION_TYPE |
    EarlyCapability.RNS_UD_CS_SUPPORT_MONITOR_LAYOUT_PDU |
    EarlyCapability.RNS_UD_CS_SUPPORT_NETCHAR_AUTODETECT |
    EarlyCapability.RNS_UD_CS_SUPPORT_HEARTBEAT_PDU |
    (core.hasGraphicsPipeline ? EarlyCapability.RNS_UD_CS_SUPPORT_DYNVC_GFX_PROTOCOL : 0);
  const { width, height } = desktopSize(core.monitors);
  const scalePercent = core.monitors.find(({ isPrimary }) => isPrimary)?.scalePercent ?? 100;
  return new ByteWriter(256)
    .u32le(CLIENT_VERSION)
    .u16le(width)
    .u16le(height)
    .u16le(RNS_UD_COLOR_8BPP)
    .u16le(RNS_UD_SAS_DEL)
    .u32le(core.keyboardLayout)
    .u32le(CLIENT_BUILD)
    .put(encodeUtf16Field(core.clientName, 32))
    .u32le(KEYBOARD_TYPE_IBM_ENHANCED)
    .u32le(0)
    .u32le(FUNCTION_KEYS)
    .put(new Uint8Array(64))
    .u16le(RNS_UD_COLOR_8BPP)
    .u16le(1)
    .u32le(0)
    .u16le(32)
    .u16le(ALL_COLOR_DEPTHS)
    .u16le(flags)
    .put(new Uint8Array(64))
    .u8(CONNECTION_TYPE_LAN)
    .u8(0)
    .u32le(core.selectedProtocol)
    .u32le(0)
    .u32le(0)
    .u16le(0)
    .u32le(scalePercent)
    .u32le(deviceScale(scalePercent))
    .finish();
}

function encodeChannels(names: readonly string[]): Uint8Array {
  if (names.length > MAX_STATIC_CHANNELS) throw new RangeError(`${names.length} static channels`);
  const writer = new ByteWriter().u32le(names.length);
  for (const name of names) {
    const field = new Uint8Array(8);
    field.set(encodeUtf8(name).subarray(0, 7));
    const { CHANNEL_OPTION_INITIALIZED, CHANNEL_OPTION_ENCRYPT_RDP, CHANNEL_OPTION_COMPRESS_RDP } =
      ChannelOption;
    writer
      .put(field)
      .u32le(CHANNEL_OPTION_INITIALIZED + CHANNEL_OPTION_ENCRYPT_RDP + CHANNEL_OPTION_COMPRESS_RDP);
  }
  return writer.finish();
}
