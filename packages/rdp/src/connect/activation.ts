import { ByteReader, ByteWriter } from "@poterne/bytes";
import { CapabilitySet } from "./capability-sets.ts";
import { type ClientCapabilityOptions, encodeClientCapabilities } from "./client-capabilities.ts";
import { DataPdu, encodeShareControl, encodeShareData, PduType } from "./share.ts";

const CTRLACTION_REQUEST_CONTROL = 1;
const CTRLACTION_COOPERATE = 4;
/** The originator of every Confirm Active ([MS-RDPBCGR] 2.2.1.13.2.1). */
const ORIGINATOR_ID = 1002;
const FONTLIST_FIRST_AND_LAST = 3;
const FONT_ENTRY_BYTES = 50;
const MAX_CAPABILITY_SETS = 64;

/** What the server demands and can do. */
export interface DemandActive {
  readonly shareId: number;
  readonly desktopWidth: number;
  readonly desktopHeight: number;
  readonly supportsRefreshRect: boolean;
  readonly supportsSuppressOutput: boolean;
  /** The server may be told acknowledged frames ([MS-RDPRFX] 2.2.1.3). */
  readonly supportsFrameAcknowledge: boolean;
}

/** [MS-RDPBCGR] 2.2.1.13.1 Server Demand Active PDU, after its share control header. */
export function decodeDemandActive(body: Uint8Array): DemandActive {
  const reader = new ByteReader(body, "demand active");
  const shareId = reader.u32le();
  const sourceLength = reader.u16le();
  reader.advance(2);
  reader.advance(sourceLength);
  const count = reader.u16le();
  reader.advance(2);
  if (count > MAX_CAPABILITY_SETS) throw reader.fail("limit", "capability sets");
  let demand: DemandActive = {
    shareId,
    desktopWidth: 0,
    desktopHeight: 0,
    supportsRefreshRect: false,
    supportsSuppressOutput: false,
    supportsFrameAcknowledge: false,
  };
  for (let index = 0; index < count; index++) {
    const type = reader.u16le();
    const length = reader.u16le();
    if (length < 4) throw reader.fail("invalid", "capability set length");
    demand = withCapability(demand, type, new ByteReader(reader.take(length - 4), "capability set"));
  }
  if (demand.desktopWidth === 0 || demand.desktopHeight === 0)
    throw reader.fail("invalid", "no desktop size");
  return demand;
}

function withCapability(demand: DemandActive, type: number, set: ByteReader): DemandActive {
  if (type === CapabilitySet.CAPSTYPE_GENERAL) {
    set.advance(18);
    return { ...demand, supportsRefreshRect: set.u8() !== 0, supportsSuppressOutput: set.u8() !== 0 };
  }
  if (type === CapabilitySet.CAPSTYPE_BITMAP) {
    set.advance(8);
    return { ...demand, desktopWidth: set.u16le(), desktopHeight: set.u16le() };
  }
  if (type === CapabilitySet.CAPSSETTYPE_FRAME_ACKNOWLEDGE)
    return { ...demand, supportsFrameAcknowledge: true };
  return demand;
}

/** [MS-RDPBCGR] 2.2.1.13.2 Client Confirm Active PDU with its share control header. */
export function encodeConfirmActive(
  shareId: number,
  userId: number,
  options: ClientCapabilityOptions,
): Uint8Array {
  const sets = encodeClientCapabilities(options);
  const combined = new ByteWriter(1024);
  for (const { type, body } of sets)
    combined
      .u16le(type)
      .u16le(body.length + 4)
      .put(body);
  const capabilities = combined.finish();
  const source = Uint8Array.of(0x4d, 0x53, 0x54, 0x53, 0x43, 0);
  const body = new ByteWriter(capabilities.length + 32)
    .u32le(shareId)
    .u16le(ORIGINATOR_ID)
    .u16le(source.length)
    .u16le(capabilities.length + 4)
    .put(source)
    .u16le(sets.length)
    .u16le(0)
    .put(capabilities)
    .finish();
  return encodeShareControl(PduType.PDUTYPE_CONFIRMACTIVEPDU, userId, body);
}

/** [MS-RDPBCGR] 2.2.1.14–2.2.1.18: Synchronize, Control (cooperate, request), Font List; the server answers with its own. */
export function encodeFinalization(share: {
  readonly shareId: number;
  readonly userId: number;
}): readonly Uint8Array[] {
  const control = (action: number) =>
    encodeShareData(
      DataPdu.PDUTYPE2_CONTROL,
      share,
      new ByteWriter().u16le(action).u16le(0).u32le(0).finish(),
    );
  return [
    encodeShareData(
      DataPdu.PDUTYPE2_SYNCHRONIZE,
      share,
      new ByteWriter().u16le(1).u16le(ORIGINATOR_ID).finish(),
    ),
    control(CTRLACTION_COOPERATE),
    control(CTRLACTION_REQUEST_CONTROL),
    encodeShareData(
      DataPdu.PDUTYPE2_FONTLIST,
      share,
      new ByteWriter().u16le(0).u16le(0).u16le(FONTLIST_FIRST_AND_LAST).u16le(FONT_ENTRY_BYTES).finish(),
    ),
  ];
}
