import { ByteWriter } from "@poterne/bytes";
import { ClientMessage, Encoding, FenceFlag } from "./protocol.ts";

/** RFC 6143 §7.5.1 SetPixelFormat: 32 bits, depth 24, little-endian, red at 16, green at 8, blue at 0. */
export function encodeSetPixelFormat(): Uint8Array {
  const writer = new ByteWriter(20).u8(ClientMessage.setPixelFormat).u8(0).u16(0);
  writer.u8(32).u8(24).u8(0).u8(1).u16(255).u16(255).u16(255).u8(16).u8(8).u8(0).u8(0).u16(0);
  return writer.finish();
}

/** How hard the server shall compress. */
export interface PictureQuality {
  /** JPEG quality 0 (worst) to 9, null for lossless pictures only. */
  readonly quality: number | null;
  /** Effort of lossless compression, 0 to 9. */
  readonly compressLevel: number;
}

const PSEUDO_ENCODINGS: readonly number[] = [
  Encoding.cursorWithAlpha,
  Encoding.cursor,
  Encoding.xCursor,
  Encoding.desktopSize,
  Encoding.extendedDesktopSize,
  Encoding.lastRect,
  Encoding.pointerPosition,
  Encoding.qemuExtendedKey,
  Encoding.qemuLedState,
  Encoding.vmwareCursorPosition,
  Encoding.vmwareLedState,
  Encoding.desktopName,
  Encoding.fence,
  Encoding.continuousUpdates,
  Encoding.extendedClipboard,
];

/** RFC 6143 §7.5.2 SetEncodings: rectangle encodings in order of preference, then everything else spoken here. */
export function encodeSetEncodings(
  rectangles: readonly number[],
  { quality, compressLevel }: PictureQuality,
): Uint8Array {
  const encodings = [...rectangles, ...PSEUDO_ENCODINGS, Encoding.compressLevelFirst + compressLevel];
  if (quality !== null) encodings.push(Encoding.jpegQualityFirst + quality);
  const writer = new ByteWriter(4 + 4 * encodings.length)
    .u8(ClientMessage.setEncodings)
    .u8(0)
    .u16(encodings.length);
  for (const encoding of encodings) writer.i32(encoding);
  return writer.finish();
}

/** RFC 6143 §7.5.3 FramebufferUpdateRequest. */
export function encodeUpdateRequest(
  isIncremental: boolean,
  area: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): Uint8Array {
  const writer = new ByteWriter(10).u8(ClientMessage.framebufferUpdateRequest).u8(isIncremental ? 1 : 0);
  return writer.u16(area.x).u16(area.y).u16(area.width).u16(area.height).finish();
}

/** RFC 6143 §7.5.4 KeyEvent. */
export function encodeKey(isDown: boolean, keysym: number): Uint8Array {
  return new ByteWriter(8)
    .u8(ClientMessage.keyEvent)
    .u8(isDown ? 1 : 0)
    .u16(0)
    .u32(keysym)
    .finish();
}

/** QEMU Extended Key Event: a keysym with the XT code of the key's place. */
export function encodeQemuKey(isDown: boolean, keysym: number, scancode: number): Uint8Array {
  const writer = new ByteWriter(12)
    .u8(ClientMessage.qemu)
    .u8(0)
    .u16(isDown ? 1 : 0);
  return writer.u32(keysym).u32(toQemuCode(scancode)).finish();
}

const PAUSE_SCANCODE = 0xe11d;
const PAUSE_QEMU_CODE = 0xc6;

/** XT set 1 as QEMU writes it in one byte: 0xE0xx becomes xx with the high bit. */
export function toQemuCode(scancode: number): number {
  if (scancode === PAUSE_SCANCODE) return PAUSE_QEMU_CODE;
  return scancode >> 8 === 0xe0 ? (scancode & 0x7f) | 0x80 : scancode & 0x7f;
}

/** RFC 6143 §7.5.5 PointerEvent; buttons 1 to 8 in bits 0 to 7. */
export function encodePointer(x: number, y: number, buttons: number): Uint8Array {
  return new ByteWriter(6)
    .u8(ClientMessage.pointerEvent)
    .u8(buttons & 0xff)
    .u16(x)
    .u16(y)
    .finish();
}

/** Enables or disables continuous updates of the whole screen. */
export function encodeContinuousUpdates(isEnabled: boolean, width: number, height: number): Uint8Array {
  const writer = new ByteWriter(10).u8(ClientMessage.enableContinuousUpdates).u8(isEnabled ? 1 : 0);
  return writer.u16(0).u16(0).u16(width).u16(height).finish();
}

/** A fence: the answer to the server's, or one of our own with the request bit. */
export function encodeFence(flags: number, payload: Uint8Array): Uint8Array {
  const writer = new ByteWriter(9 + payload.length)
    .u8(ClientMessage.fence)
    .u8(0)
    .u16(0)
    .u32(flags >>> 0);
  return writer.u8(payload.length).put(payload).finish();
}

/** Flags this client honours in a server's fence: everything is handled in order, so all three are kept. */
export const ANSWERED_FENCE_FLAGS = FenceFlag.blockBefore | FenceFlag.blockAfter | FenceFlag.syncNext;

/** One screen of the server's layout. */
export interface RfbScreen {
  readonly id: number;
  readonly flags: number;
}

/** SetDesktopSize with one screen that fills the desktop. */
export function encodeSetDesktopSize(width: number, height: number, screen: RfbScreen): Uint8Array {
  const writer = new ByteWriter(24).u8(ClientMessage.setDesktopSize).u8(0).u16(width).u16(height).u8(1).u8(0);
  return writer.u32(screen.id).u16(0).u16(0).u16(width).u16(height).u32(screen.flags).finish();
}

/** RFC 6143 §7.5.6 ClientCutText, Latin-1. */
export function encodeClientCutText(latin1: Uint8Array): Uint8Array {
  return new ByteWriter(8 + latin1.length)
    .u8(ClientMessage.clientCutText)
    .u8(0)
    .u16(0)
    .u32(latin1.length)
    .put(latin1)
    .finish();
}

/** An extended clipboard message: cut text with a negative length. */
export function encodeExtendedClipboard(flags: number, data: Uint8Array): Uint8Array {
  const writer = new ByteWriter(12 + data.length).u8(ClientMessage.clientCutText).u8(0).u16(0);
  return writer
    .i32(-(4 + data.length))
    .u32(flags >>> 0)
    .put(data)
    .finish();
}
