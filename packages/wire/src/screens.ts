import type { ByteReader, ByteWriter } from "@poterne/bytes";

/** The most screens of one viewer: a window each. The protocols take more; a browser's windows hardly. */
export const MAX_SCREENS = 4;
/** How large things may be drawn, in per cent. */
export const MIN_SCALE_PERCENT = 100;
export const MAX_SCALE_PERCENT = 500;

/** Where something is on the remote desktop, in remote pixels. */
export interface DesktopPlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One of the screens a viewer shows the desktop on; the desktop's top left corner is 0, 0. */
export interface ViewerScreen extends DesktopPlace {
  /** The one the target puts its task bar on. */
  readonly isPrimary: boolean;
  /** How large the target is to draw things, in per cent. */
  readonly scalePercent: number;
}

/** The viewer's screens, one for each of its windows: what a desktop is to be laid out for. */
export interface ScreensInput {
  readonly type: "screens";
  readonly screens: readonly ViewerScreen[];
}

/** Writes the fields of a `screens` event. */
export function writeScreens(writer: ByteWriter, { screens }: ScreensInput): void {
  writer.u8(screens.length);
  for (const { x, y, width, height, scalePercent, isPrimary } of screens)
    writer
      .u16le(x)
      .u16le(y)
      .u16le(width)
      .u16le(height)
      .u16le(scalePercent)
      .u8(isPrimary ? 1 : 0);
}

/** Reads them; throws `DecodeError` `limit` for none or too many, and for a scale out of range. */
export function readScreens(reader: ByteReader): ScreensInput {
  const count = reader.u8();
  if (count < 1 || count > MAX_SCREENS) throw reader.fail("limit", `${count} screens`);
  const screens = Array.from({ length: count }, () => {
    const place = { x: reader.u16le(), y: reader.u16le(), width: reader.u16le(), height: reader.u16le() };
    const scalePercent = reader.u16le();
    if (scalePercent < MIN_SCALE_PERCENT || scalePercent > MAX_SCALE_PERCENT)
      throw reader.fail("limit", `${scalePercent} per cent`);
    return { ...place, scalePercent, isPrimary: reader.u8() === 1 };
  });
  return { type: "screens", screens };
}
