import { type ByteReader, ByteWriter } from "@poterne/bytes";

/** [MS-RDPEGFX] 2.2.3 version of a capability set. */
export const GfxVersion = {
  RDPGFX_CAPVERSION_8: 0x00080004,
  RDPGFX_CAPVERSION_81: 0x00080105,
  RDPGFX_CAPVERSION_10: 0x000a0002,
  RDPGFX_CAPVERSION_101: 0x000a0100,
  RDPGFX_CAPVERSION_102: 0x000a0200,
  RDPGFX_CAPVERSION_103: 0x000a0301,
  RDPGFX_CAPVERSION_104: 0x000a0400,
  RDPGFX_CAPVERSION_105: 0x000a0502,
  RDPGFX_CAPVERSION_106: 0x000a0600,
  RDPGFX_CAPVERSION_107: 0x000a0701,
} as const;

/** [MS-RDPEGFX] 2.2.3.1–2.2.3.10 flags. */
export const GfxCapsFlag = {
  RDPGFX_CAPS_FLAG_SMALL_CACHE: 0x02,
  RDPGFX_CAPS_FLAG_AVC420_ENABLED: 0x10,
  RDPGFX_CAPS_FLAG_AVC_DISABLED: 0x20,
  RDPGFX_CAPS_FLAG_SCALEDMAP_DISABLE: 0x80,
} as const;

/** What the viewer's decoders can take. */
export interface GfxCapabilityOptions {
  /** H.264: advertised only when the controller's browser decodes it. */
  readonly hasAvc: boolean;
  /** The newest version to offer, one of `GfxVersion`. */
  readonly maxVersion: number;
}

/** What the server chose. */
export interface GfxCapability {
  readonly version: number;
  readonly flags: number;
}

/** The body of a RDPGFX_CAPS_ADVERTISE_PDU ([MS-RDPEGFX] 2.2.2.18): all versions up to the newest wanted. */
export function encodeCapsAdvertise(options: GfxCapabilityOptions): Uint8Array {
  const versions = Object.values(GfxVersion).filter((version) => version <= options.maxVersion);
  const writer = new ByteWriter(160).u16le(versions.length);
  for (const version of versions) {
    writer.u32le(version);
    // 10.1 alone has sixteen reserved bytes instead of flags.
    if (version === GfxVersion.RDPGFX_CAPVERSION_101) writer.u32le(16).put(new Uint8Array(16));
    else writer.u32le(4).u32le(flagsOf(version, options.hasAvc));
  }
  return writer.finish();
}

function flagsOf(version: number, hasAvc: boolean): number {
  const small = GfxCapsFlag.RDPGFX_CAPS_FLAG_SMALL_CACHE;
  if (version === GfxVersion.RDPGFX_CAPVERSION_8) return small;
  if (version === GfxVersion.RDPGFX_CAPVERSION_81)
    return small | (hasAvc ? GfxCapsFlag.RDPGFX_CAPS_FLAG_AVC420_ENABLED : 0);
  const avc = hasAvc ? 0 : GfxCapsFlag.RDPGFX_CAPS_FLAG_AVC_DISABLED;
  const scaled =
    version >= GfxVersion.RDPGFX_CAPVERSION_107 ? GfxCapsFlag.RDPGFX_CAPS_FLAG_SCALEDMAP_DISABLE : 0;
  return small | avc | scaled;
}

/** [MS-RDPEGFX] 2.2.2.19 RDPGFX_CAPS_CONFIRM_PDU. */
export function decodeCapsConfirm(reader: ByteReader): GfxCapability {
  const version = reader.u32le();
  const length = reader.u32le();
  if (length < 4) throw reader.fail("invalid", "capability data");
  return { version, flags: reader.u32le() };
}

/** From 10.3 on a client may advertise again in mid-session, which begins the server's graphics anew. */
export function mayAdvertiseAgain(confirmed: GfxCapability): boolean {
  return confirmed.version >= GfxVersion.RDPGFX_CAPVERSION_103;
}
