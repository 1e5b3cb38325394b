import { DecodeError } from "@poterne/bytes";
import type { CursorCommand } from "./commands.ts";
import { decodeRdpCursor } from "./cursor-rdp.ts";
import { CursorKind, MAX_CURSOR_SIDE_PX } from "./language.ts";

/** A pointer's shape ready to be shown: straight-alpha RGBA. Width and height 0: no pointer. */
export interface CursorShape {
  readonly hotX: number;
  readonly hotY: number;
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray;
}

/** Turns a `cursor` command into pixels; throws `DecodeError` over the limit, for unknown kinds and wrong lengths. */
export function decodeCursor(command: CursorCommand): CursorShape {
  const { hotX, hotY, width, height, kind, payload } = command;
  if (width > MAX_CURSOR_SIDE_PX || height > MAX_CURSOR_SIDE_PX)
    throw new DecodeError("limit", "cursor", 0, `${width} by ${height}`);
  const rgba = new Uint8ClampedArray(width * height * 4);
  if (kind === CursorKind.rdp) {
    decodeRdpCursor(payload, { width, height }, rgba);
    return { hotX, hotY, width, height, rgba };
  }
  if (payload.length !== cursorPayloadBytes(kind, width, height))
    throw new DecodeError("invalid", "cursor", 0, "length");
  if (kind === CursorKind.bgrxMask) fromBgrx(payload, width, height, rgba);
  else if (kind === CursorKind.twoColour) fromTwoColours(payload, width, height, rgba);
  else if (kind === CursorKind.premultipliedRgba) fromPremultiplied(payload, rgba);
  else rgba.set(payload);
  return { hotX, hotY, width, height, rgba };
}

/** How long a shape's payload is; throws `DecodeError` `unsupported` for unknown kinds. */
export function cursorPayloadBytes(kind: number, width: number, height: number): number {
  const maskBytes = ((width + 7) >> 3) * height;
  if (kind === CursorKind.bgrxMask) return width * height * 4 + maskBytes;
  if (kind === CursorKind.twoColour) return width * height === 0 ? 0 : 6 + 2 * maskBytes;
  if (kind === CursorKind.premultipliedRgba || kind === CursorKind.rgba) return width * height * 4;
  throw new DecodeError("unsupported", "cursor", 0, `kind ${kind}`);
}

function bitAt(bytes: Uint8Array, start: number, rowBytes: number, column: number, row: number): boolean {
  return ((bytes[start + row * rowBytes + (column >> 3)] ?? 0) & (128 >> (column & 7))) !== 0;
}

function fromBgrx(payload: Uint8Array, width: number, height: number, rgba: Uint8ClampedArray): void {
  const maskAt = width * height * 4;
  const rowBytes = (width + 7) >> 3;
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const at = (row * width + column) * 4;
      rgba[at] = payload[at + 2] ?? 0;
      rgba[at + 1] = payload[at + 1] ?? 0;
      rgba[at + 2] = payload[at] ?? 0;
      rgba[at + 3] = bitAt(payload, maskAt, rowBytes, column, row) ? 255 : 0;
    }
}

function fromTwoColours(payload: Uint8Array, width: number, height: number, rgba: Uint8ClampedArray): void {
  const rowBytes = (width + 7) >> 3;
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const at = (row * width + column) * 4;
      const colourAt = bitAt(payload, 6, rowBytes, column, row) ? 0 : 3;
      for (let channel = 0; channel < 3; channel++) rgba[at + channel] = payload[colourAt + channel] ?? 0;
      rgba[at + 3] = bitAt(payload, 6 + rowBytes * height, rowBytes, column, row) ? 255 : 0;
    }
}

function fromPremultiplied(payload: Uint8Array, rgba: Uint8ClampedArray): void {
  for (let at = 0; at < rgba.length; at += 4) {
    const alpha = payload[at + 3] ?? 0;
    rgba[at + 3] = alpha;
    if (alpha === 0) continue;
    for (let channel = at; channel < at + 3; channel++)
      rgba[channel] = ((payload[channel] ?? 0) * 255) / alpha;
  }
}
