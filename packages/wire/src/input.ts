import { ByteReader, ByteWriter, DecodeError } from "@poterne/bytes";
import { readScreens, type ScreensInput, writeScreens } from "./screens.ts";

/** The longest text of one `text` input event. */
export const MAX_INPUT_TEXT_BYTES = 64 * 1024;

/** The most events of one input frame. */
export const MAX_INPUT_EVENTS = 1024;

/**
 * A key going down or up. `keysym` is the X11 keysym of the character or function (0 when only the position is known),
 * `scancode` the XT set 1 code of the position, 0xE0xx for extended keys, 0xE11D for Pause (0 when unknown).
 */
export interface KeyInput {
  readonly type: "key";
  readonly isDown: boolean;
  readonly keysym: number;
  readonly scancode: number;
}

/** The pointer's place in remote pixels and its buttons: bit 0 left, 1 middle, 2 right, 3 wheel up, 4 wheel down, 5 wheel left, 6 wheel right, 7 back, 8 forward. */
export interface PointerInput {
  readonly type: "pointer";
  readonly x: number;
  readonly y: number;
  readonly buttons: number;
}

/** Text typed or pasted: what a terminal sends to its target. */
export interface TextInput {
  readonly type: "text";
  readonly text: Uint8Array;
}

/** All keys and buttons up: sent on blur and when control is lost. */
export interface ReleaseInput {
  readonly type: "release";
}

/** Caps, Num and Scroll Lock as the viewer's keyboard has them: bit 0 scroll, 1 num, 2 caps. */
export interface LockInput {
  readonly type: "locks";
  readonly locks: number;
}

/** The room the viewer has: pixels for desktops, cells for terminals (0 where it does not apply). */
export interface ResizeInput {
  readonly type: "resize";
  readonly widthPx: number;
  readonly heightPx: number;
  readonly columns: number;
  readonly rows: number;
}

/** One thing a person does in a session. */
export type InputEvent =
  | KeyInput
  | PointerInput
  | TextInput
  | ReleaseInput
  | LockInput
  | ResizeInput
  | ScreensInput;

const Type = { key: 1, pointer: 2, text: 3, release: 4, locks: 5, resize: 6, screens: 7 } as const;

/** Encodes input events as the payload of one `input` frame. */
export function encodeInput(events: readonly InputEvent[]): Uint8Array {
  const writer = new ByteWriter();
  for (const event of events) encodeEvent(writer, event);
  return writer.finish().slice();
}

function encodeEvent(writer: ByteWriter, event: InputEvent): void {
  writer.u8(Type[event.type]);
  if (event.type === "key")
    writer
      .u8(event.isDown ? 1 : 0)
      .u32le(event.keysym)
      .u16le(event.scancode);
  else if (event.type === "pointer") writer.u16le(event.x).u16le(event.y).u16le(event.buttons);
  else if (event.type === "text") writer.u32le(event.text.length).put(event.text);
  else if (event.type === "locks") writer.u8(event.locks);
  else if (event.type === "resize")
    writer.u16le(event.widthPx).u16le(event.heightPx).u16le(event.columns).u16le(event.rows);
  else if (event.type === "screens") writeScreens(writer, event);
}

/** Decodes the payload of an `input` frame; throws `DecodeError` on unknown types, cut events and over the limits. */
export function decodeInput(payload: Uint8Array): InputEvent[] {
  const reader = new ByteReader(payload, "input event");
  const events: InputEvent[] = [];
  while (reader.remaining > 0) {
    if (events.length >= MAX_INPUT_EVENTS) throw reader.fail("limit", "too many events in one frame");
    events.push(decodeEvent(reader));
  }
  return events;
}

function decodeEvent(reader: ByteReader): InputEvent {
  const type = reader.u8();
  switch (type) {
    case Type.key:
      return { type: "key", isDown: reader.u8() !== 0, keysym: reader.u32le(), scancode: reader.u16le() };
    case Type.pointer:
      return { type: "pointer", x: reader.u16le(), y: reader.u16le(), buttons: reader.u16le() };
    case Type.text: {
      const length = reader.u32le();
      if (length > MAX_INPUT_TEXT_BYTES) throw reader.fail("limit", "text too long");
      return { type: "text", text: reader.take(length) };
    }
    case Type.release:
      return { type: "release" };
    case Type.locks:
      return { type: "locks", locks: reader.u8() };
    case Type.resize:
      return {
        type: "resize",
        widthPx: reader.u16le(),
        heightPx: reader.u16le(),
        columns: reader.u16le(),
        rows: reader.u16le(),
      };
    case Type.screens:
      return readScreens(reader);
    default:
      throw new DecodeError("unsupported", "input event", reader.offset - 1, `type ${type}`);
  }
}
