import { ByteWriter } from "@poterne/bytes";

/** [MS-RDPBCGR] 2.2.8.1.2.2 eventCode. */
const FASTPATH_INPUT_EVENT_SCANCODE = 0;
const FASTPATH_INPUT_EVENT_MOUSE = 1;
const FASTPATH_INPUT_EVENT_MOUSEX = 2;
const FASTPATH_INPUT_EVENT_SYNC = 3;
const FASTPATH_INPUT_EVENT_UNICODE = 4;
const FASTPATH_INPUT_KBDFLAGS_RELEASE = 1;
const FASTPATH_INPUT_KBDFLAGS_EXTENDED = 2;
const FASTPATH_INPUT_KBDFLAGS_EXTENDED1 = 4;
/** The header's four bits of count. */
const MAX_EVENTS_PER_PDU = 15;

/** [MS-RDPBCGR] 2.2.8.1.1.3.1.1.3 pointerFlags. */
export const PointerFlag = {
  PTRFLAGS_WHEEL_NEGATIVE: 0x0100,
  PTRFLAGS_WHEEL: 0x0200,
  PTRFLAGS_HWHEEL: 0x0400,
  PTRFLAGS_MOVE: 0x0800,
  PTRFLAGS_BUTTON1: 0x1000,
  PTRFLAGS_BUTTON2: 0x2000,
  PTRFLAGS_BUTTON3: 0x4000,
  PTRFLAGS_DOWN: 0x8000,
} as const;

const WHEELS = PointerFlag.PTRFLAGS_WHEEL | PointerFlag.PTRFLAGS_HWHEEL;

/** One encoded fast-path event. */
export type EncodedEvent = Uint8Array;

/** XT set 1: 0xE0 in the high byte for extended keys, 0xE1 for Pause. */
export function encodeScancode(scancode: number, isDown: boolean): EncodedEvent {
  const prefix = scancode >> 8;
  const flags =
    (isDown ? 0 : FASTPATH_INPUT_KBDFLAGS_RELEASE) |
    (prefix === 0xe0 ? FASTPATH_INPUT_KBDFLAGS_EXTENDED : 0) |
    (prefix === 0xe1 ? FASTPATH_INPUT_KBDFLAGS_EXTENDED1 : 0);
  return Uint8Array.of((FASTPATH_INPUT_EVENT_SCANCODE << 5) | flags, scancode & 0xff);
}

/** One UTF-16 code unit; characters over U+FFFF are two. */
export function encodeUnicode(codeUnit: number, isDown: boolean): EncodedEvent {
  const flags = isDown ? 0 : FASTPATH_INPUT_KBDFLAGS_RELEASE;
  return Uint8Array.of((FASTPATH_INPUT_EVENT_UNICODE << 5) | flags, codeUnit & 0xff, codeUnit >> 8);
}

/** A pointer event with `PointerFlag` bits. */
export function encodeMouse(flags: number, x: number, y: number): EncodedEvent {
  return encodePointerEvent(FASTPATH_INPUT_EVENT_MOUSE, flags, x, y);
}

/** Buttons four (1) and five (2), PTRXFLAGS_DOWN is 0x8000. */
export function encodeExtendedMouse(flags: number, x: number, y: number): EncodedEvent {
  return encodePointerEvent(FASTPATH_INPUT_EVENT_MOUSEX, flags, x, y);
}

function encodePointerEvent(code: number, flags: number, x: number, y: number): EncodedEvent {
  return new ByteWriter(7)
    .u8(code << 5)
    .u16le(flags)
    .u16le(x)
    .u16le(y)
    .finish();
}

/** Lock keys: bit 0 scroll, 1 num, 2 caps. Also tells the server that all keys are up. */
export function encodeSync(locks: number): EncodedEvent {
  return Uint8Array.of((FASTPATH_INPUT_EVENT_SYNC << 5) | (locks & 7));
}

/** [MS-RDPBCGR] 2.2.8.1.2 Client Fast-Path Input Event PDUs for events in order; empty for none. */
export function encodeInputPdus(events: readonly EncodedEvent[]): Uint8Array {
  const writer = new ByteWriter();
  for (let at = 0; at < events.length; at += MAX_EVENTS_PER_PDU) {
    const batch = events.slice(at, at + MAX_EVENTS_PER_PDU);
    let length = 3;
    for (const event of batch) length += event.length;
    writer.u8(batch.length << 2).u16(0x8000 | length);
    for (const event of batch) writer.put(event);
  }
  return writer.finish();
}

/** What an event does, as far as it matters to who holds it back. */
export const InputEventKind = { press: 0, release: 1, move: 2, locks: 3 } as const;

/** The kind of an encoded event; a character's two halves are presses both, as one makes no sense without the other. */
export function kindOf(event: EncodedEvent): number {
  const [header = 0, low = 0, high = 0] = event;
  const flags = low | (high << 8);
  switch (header >> 5) {
    case FASTPATH_INPUT_EVENT_SCANCODE:
      return (header & FASTPATH_INPUT_KBDFLAGS_RELEASE) !== 0 ? InputEventKind.release : InputEventKind.press;
    case FASTPATH_INPUT_EVENT_MOUSE:
      if (flags === PointerFlag.PTRFLAGS_MOVE) return InputEventKind.move;
      return (flags & (PointerFlag.PTRFLAGS_DOWN | WHEELS)) === 0
        ? InputEventKind.release
        : InputEventKind.press;
    case FASTPATH_INPUT_EVENT_MOUSEX:
      return (flags & PointerFlag.PTRFLAGS_DOWN) === 0 ? InputEventKind.release : InputEventKind.press;
    case FASTPATH_INPUT_EVENT_SYNC:
      return InputEventKind.locks;
    default:
      return InputEventKind.press;
  }
}

/** A pointer event moved to the edge of a desktop that became smaller; other events as they are. */
export function movedInto(
  event: EncodedEvent,
  size: { readonly width: number; readonly height: number },
): EncodedEvent {
  const code = (event[0] ?? 0) >> 5;
  if (code !== FASTPATH_INPUT_EVENT_MOUSE && code !== FASTPATH_INPUT_EVENT_MOUSEX) return event;
  const [, low = 0, high = 0, x = 0, xHigh = 0, y = 0, yHigh = 0] = event;
  const inside = (at: number, length: number) => Math.max(0, Math.min(at, length - 1));
  const place = { x: inside(x | (xHigh << 8), size.width), y: inside(y | (yHigh << 8), size.height) };
  return encodePointerEvent(code, low | (high << 8), place.x, place.y);
}
