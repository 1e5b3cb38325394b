import { ByteReader, DecodeError } from "@poterne/bytes";
import {
  FIRST_EXTENSION_OP,
  MAX_CACHE_SLOTS,
  MAX_DICTIONARY_BYTES,
  MORE_FOLLOWS,
  PictureOp,
  type Rectangle,
  WHOLE_PICTURE,
} from "./language.ts";

/** One decoded command; byte arrays are views on the frame's payload. */
export type PictureCommand =
  | { readonly op: "surface"; readonly surface: number; readonly width: number; readonly height: number }
  | { readonly op: "forget"; readonly surface: number }
  | DrawCommand
  | { readonly op: "more"; readonly hasMore: boolean; readonly payload: Uint8Array }
  | CopyCommand
  | {
      readonly op: "fill";
      readonly surface: number;
      readonly rectangle: Rectangle;
      /** Red, green, blue, alpha as one little-endian pixel. */
      readonly pixel: number;
    }
  | {
      readonly op: "dictionary";
      readonly context: number;
      readonly bitCount: number;
      readonly bits: number;
      readonly window: Uint8Array;
    }
  | { readonly op: "reset"; readonly context: number }
  | { readonly op: "present" }
  | MapCommand
  | CacheCommand
  | {
      readonly op: "solidList";
      readonly surface: number;
      readonly pixel: number;
      readonly rectangles: readonly Rectangle[];
    }
  | {
      readonly op: "codecState";
      readonly action: number;
      readonly surface: number;
      readonly id: number;
      readonly data: Uint8Array;
    }
  | CursorCommand
  | { readonly op: "cursorPosition"; readonly x: number; readonly y: number }
  | { readonly op: "cursorHide" }
  | { readonly op: "cursorDefault" }
  | { readonly op: "extension"; readonly code: number };

/** Pixels for one rectangle, compressed as the target sent them. */
export interface DrawCommand {
  readonly op: "draw";
  readonly surface: number;
  readonly rectangle: Rectangle;
  readonly codec: number;
  readonly hasMore: boolean;
  /** All of the rectangle is shown, whatever regions the payload names. */
  readonly isWholePicture: boolean;
  readonly payload: Uint8Array;
}

/** Shows a surface on surface 0, scaled to this size; width and height 0: no longer. */
export interface MapCommand {
  readonly op: "map";
  readonly surface: number;
  readonly place: Rectangle;
}

/** Pixels kept in numbered slots. */
export type CacheCommand =
  | {
      readonly op: "cacheStore";
      readonly slot: number;
      readonly surface: number;
      readonly rectangle: Rectangle;
    }
  | {
      readonly op: "cacheDraw";
      readonly slot: number;
      readonly surface: number;
      readonly places: readonly { readonly x: number; readonly y: number }[];
    }
  | { readonly op: "cacheForget"; readonly slot: number };

/** Moves pixels that a surface already has. */
export interface CopyCommand {
  readonly op: "copy";
  readonly from: number;
  readonly rectangle: Rectangle;
  readonly to: number;
  readonly toX: number;
  readonly toY: number;
}

/** The pointer's shape; `decodeCursor` turns it into pixels. */
export interface CursorCommand {
  readonly op: "cursor";
  readonly hotX: number;
  readonly hotY: number;
  readonly width: number;
  readonly height: number;
  readonly kind: number;
  readonly payload: Uint8Array;
}

/** Reads the commands of one frame's payload in order; throws `DecodeError` where they end being valid. */
export function* decodeCommands(payload: Uint8Array): Generator<PictureCommand> {
  for (const { command } of locateCommands(payload)) yield command;
}

/** A command with its bytes in the payload, from `start` up to `end`. */
export interface LocatedCommand {
  readonly command: PictureCommand;
  readonly start: number;
  readonly end: number;
}

/** Like `decodeCommands`, and tells where each stands. */
export function* locateCommands(payload: Uint8Array): Generator<LocatedCommand> {
  const reader = new ByteReader(payload, "picture command");
  while (reader.remaining > 0) {
    const start = reader.offset;
    yield { command: decodeCommand(reader), start, end: reader.offset };
  }
}

function decodeCommand(reader: ByteReader): PictureCommand {
  const op = reader.u8();
  switch (op) {
    case PictureOp.draw:
      return decodeDraw(reader);
    case PictureOp.more:
      return { op: "more", hasMore: (reader.u8() & 1) !== 0, payload: reader.take(reader.u32le()) };
    case PictureOp.present:
      return { op: "present" };
    case PictureOp.copy:
      return {
        op: "copy",
        from: reader.u16le(),
        rectangle: decodeRectangle(reader),
        to: reader.u16le(),
        toX: reader.u16le(),
        toY: reader.u16le(),
      };
    case PictureOp.surface:
      return { op: "surface", surface: reader.u16le(), width: reader.u16le(), height: reader.u16le() };
    case PictureOp.forget:
      return { op: "forget", surface: reader.u16le() };
    case PictureOp.fill:
      return {
        op: "fill",
        surface: reader.u16le(),
        rectangle: decodeRectangle(reader),
        pixel: reader.u32le(),
      };
    case PictureOp.reset:
      return { op: "reset", context: reader.u8() };
    case PictureOp.dictionary:
      return decodeDictionary(reader);
    default:
      return decodeSlotCommand(reader, op) ?? decodePointerCommand(reader, op);
  }
}

function decodeDraw(reader: ByteReader): DrawCommand {
  const surface = reader.u16le();
  const rectangle = decodeRectangle(reader);
  const codec = reader.u8();
  const flags = reader.u8();
  return {
    op: "draw",
    surface,
    rectangle,
    codec,
    hasMore: (flags & MORE_FOLLOWS) !== 0,
    isWholePicture: (flags & WHOLE_PICTURE) !== 0,
    payload: reader.take(reader.u32le()),
  };
}

/** Commands of RDP's graphics: null for an opcode that is none of them. */
function decodeSlotCommand(reader: ByteReader, op: number): PictureCommand | null {
  switch (op) {
    case PictureOp.map:
      return { op: "map", surface: reader.u16le(), place: decodeRectangle(reader) };
    case PictureOp.cacheStore:
      return {
        op: "cacheStore",
        slot: decodeSlot(reader),
        surface: reader.u16le(),
        rectangle: decodeRectangle(reader),
      };
    case PictureOp.cacheDraw: {
      const slot = decodeSlot(reader);
      const surface = reader.u16le();
      const places = decodeList(reader, () => ({ x: reader.u16le(), y: reader.u16le() }));
      return { op: "cacheDraw", slot, surface, places };
    }
    case PictureOp.cacheForget:
      return { op: "cacheForget", slot: decodeSlot(reader) };
    case PictureOp.solidList: {
      const surface = reader.u16le();
      const pixel = reader.u32le();
      const rectangles = decodeList(reader, () => decodeRectangle(reader));
      return { op: "solidList", surface, pixel, rectangles };
    }
    case PictureOp.codecState:
      return {
        op: "codecState",
        action: reader.u8(),
        surface: reader.u16le(),
        id: reader.u32le(),
        data: reader.take(reader.u16le()),
      };
    default:
      return null;
  }
}

function decodeSlot(reader: ByteReader): number {
  const slot = reader.u16le();
  if (slot >= MAX_CACHE_SLOTS) throw reader.fail("limit", `cache slot ${slot}`);
  return slot;
}

function decodeList<Item>(reader: ByteReader, decode: () => Item): Item[] {
  const items: Item[] = [];
  for (let count = reader.u16le(); count > 0; count--) items.push(decode());
  return items;
}

function decodeRectangle(reader: ByteReader): Rectangle {
  return { x: reader.u16le(), y: reader.u16le(), width: reader.u16le(), height: reader.u16le() };
}

function decodeDictionary(reader: ByteReader): PictureCommand {
  const context = reader.u8();
  const bitCount = reader.u8();
  const bits = reader.u16le();
  const length = reader.u32le();
  if (length > MAX_DICTIONARY_BYTES) throw reader.fail("limit", "dictionary over 32 kB");
  if (bitCount > 15) throw reader.fail("invalid", "more than fifteen bits left over");
  return { op: "dictionary", context, bitCount, bits, window: reader.take(length) };
}

function decodePointerCommand(reader: ByteReader, op: number): PictureCommand {
  if (op === PictureOp.cursor)
    return {
      op: "cursor",
      hotX: reader.u16le(),
      hotY: reader.u16le(),
      width: reader.u16le(),
      height: reader.u16le(),
      kind: reader.u8(),
      payload: reader.take(reader.u32le()),
    };
  if (op === PictureOp.cursorPosition) return { op: "cursorPosition", x: reader.u16le(), y: reader.u16le() };
  if (op === PictureOp.cursorHide) return { op: "cursorHide" };
  if (op === PictureOp.cursorDefault) return { op: "cursorDefault" };
  if (op < FIRST_EXTENSION_OP)
    throw new DecodeError("unsupported", "picture command", reader.offset - 1, `opcode ${op}`);
  reader.advance(reader.u32le());
  return { op: "extension", code: op };
}
