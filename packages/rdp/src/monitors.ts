import { type ByteReader, ByteWriter } from "@poterne/bytes";
import { MAX_SIDE_PX as MAX_SIDE_PX_TAKEN, MAX_TOTAL_PIXELS, type Rectangle } from "@poterne/picture";

/** The most monitors a layout has ([MS-RDPBCGR] 2.2.1.3.6, [MS-RDPEGFX] 2.2.2.14). */
export const MAX_MONITORS = 16;
/** [MS-RDPEDISP] 2.2.2.2.1 and [MS-RDPBCGR] 2.2.1.3.6: what a monitor's sides may be, and those of all together. */
const MIN_SIDE_PX = 200;
const MAX_SIDE_PX = 8192;
const MAX_DESKTOP_SIDE_PX = 32_766;
/** The screen and the server's surfaces over all of it share the picture language's limit. */
const MAX_DESKTOP_PIXELS = MAX_TOTAL_PIXELS / 2;
const MIN_SCALE_PERCENT = 100;
const MAX_SCALE_PERCENT = 500;

/** One monitor of the client: its place on the desktop, whose top left corner is 0, 0. */
export interface Monitor extends Rectangle {
  /** The one the server puts its task bar on; exactly one of a layout. */
  readonly isPrimary: boolean;
  /** How large things are drawn on it, 100 to 500 per cent. */
  readonly scalePercent: number;
}

/** A width and a height in pixels. */
export interface DesktopSize {
  readonly width: number;
  readonly height: number;
}

/** A layout of one monitor. */
export function oneMonitor({ width, height }: DesktopSize, scalePercent = MIN_SCALE_PERCENT): Monitor[] {
  return [{ x: 0, y: 0, width, height, isPrimary: true, scalePercent }];
}

/**
 * A layout within what the protocol takes: sides clipped, widths even, the left and top edge at 0, one primary. What
 * goes over the limits of count, sides or pixels is left out, from the last monitor on. Empty for no monitors.
 */
export function fitMonitors(wanted: readonly Monitor[]): Monitor[] {
  const clipped = wanted.slice(0, MAX_MONITORS).map((monitor) => ({
    ...monitor,
    x: Math.max(0, Math.min(Math.floor(monitor.x), MAX_DESKTOP_SIDE_PX)),
    y: Math.max(0, Math.min(Math.floor(monitor.y), MAX_DESKTOP_SIDE_PX)),
    width: clip(monitor.width, MIN_SIDE_PX, MAX_SIDE_PX) & ~1,
    height: clip(monitor.height, MIN_SIDE_PX, MAX_SIDE_PX),
    scalePercent: clip(monitor.scalePercent, MIN_SCALE_PERCENT, MAX_SCALE_PERCENT),
  }));
  while (clipped.length > 1 && !fits(desktopSize(clipped))) clipped.pop();
  const left = Math.min(...clipped.map(({ x }) => x));
  const top = Math.min(...clipped.map(({ y }) => y));
  const primary = Math.max(
    0,
    clipped.findIndex(({ isPrimary }) => isPrimary),
  );
  return clipped.map((monitor, index) => ({
    ...monitor,
    x: monitor.x - left,
    y: monitor.y - top,
    isPrimary: index === primary,
  }));
}

function clip(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(Math.floor(value), most));
}

function fits({ width, height }: DesktopSize): boolean {
  return (
    width <= MAX_DESKTOP_SIDE_PX && height <= MAX_DESKTOP_SIDE_PX && width * height <= MAX_DESKTOP_PIXELS
  );
}

/** The desktop that holds all monitors. */
export function desktopSize(monitors: readonly Rectangle[]): DesktopSize {
  return {
    width: Math.max(0, ...monitors.map(({ x, width }) => x + width)),
    height: Math.max(0, ...monitors.map(({ y, height }) => y + height)),
  };
}

/** [MS-RDPBCGR] 2.2.1.3.2 and [MS-RDPEDISP] 2.2.2.2.1: the device's scale that goes with the desktop's. */
export function deviceScale(scalePercent: number): 100 | 140 | 180 {
  if (scalePercent >= 180) return 180;
  return scalePercent >= 140 ? 140 : 100;
}

/** Places by the primary monitor's corner, as the protocol counts them. */
export function fromPrimary(monitors: readonly Monitor[]): Monitor[] {
  const primary = monitors.find(({ isPrimary }) => isPrimary);
  const [left, top] = [primary?.x ?? 0, primary?.y ?? 0];
  return monitors.map((monitor) => ({ ...monitor, x: monitor.x - left, y: monitor.y - top }));
}

/**
 * Count and TS_MONITOR_DEFs of a monitor layout PDU or a reset ([MS-RDPBCGR] 2.2.12.1, [MS-RDPEGFX] 2.2.2.14): places
 * by the desktop's top left corner. Throws `DecodeError`: `limit` for too many, `invalid` for none on any desktop.
 */
export function readMonitors(reader: ByteReader): Rectangle[] {
  const count = reader.u32le();
  if (count > MAX_MONITORS) throw reader.fail("limit", `${count} monitors`);
  const places: Rectangle[] = [];
  for (let index = 0; index < count; index++) {
    const edge = () => reader.u32le() | 0;
    const [x, y, right, bottom] = [edge(), edge(), edge(), edge()];
    reader.advance(4);
    const [width, height] = [right - x + 1, bottom - y + 1];
    if (width < 1 || height < 1 || width > MAX_SIDE_PX_TAKEN || height > MAX_SIDE_PX_TAKEN)
      throw reader.fail("invalid", "a monitor's edges");
    places.push({ x, y, width, height });
  }
  return fromCorner(places);
}

function fromCorner(places: readonly Rectangle[]): Rectangle[] {
  const left = Math.min(...places.map(({ x }) => x));
  const top = Math.min(...places.map(({ y }) => y));
  return places.map((place) => ({ ...place, x: place.x - left, y: place.y - top }));
}

/** One monitor's attributes after its place: no physical size (0 is left out of account), landscape, the scale. */
export function putMonitorAttributes(writer: ByteWriter, { scalePercent }: Monitor): void {
  for (const value of [0, 0, 0, scalePercent, deviceScale(scalePercent)]) writer.u32le(value);
}

const TS_MONITOR_PRIMARY = 1;
const MONITOR_ATTRIBUTE_BYTES = 20;

/** The body of TS_UD_CS_MONITOR ([MS-RDPBCGR] 2.2.1.3.6): edges are inclusive. */
export function encodeMonitorData(monitors: readonly Monitor[]): Uint8Array {
  const writer = new ByteWriter().u32le(0).u32le(monitors.length);
  for (const { x, y, width, height, isPrimary } of fromPrimary(monitors)) {
    for (const edge of [x, y, x + width - 1, y + height - 1]) writer.u32le(edge >>> 0);
    writer.u32le(isPrimary ? TS_MONITOR_PRIMARY : 0);
  }
  return writer.finish();
}

/** The body of TS_UD_CS_MONITOR_EX ([MS-RDPBCGR] 2.2.1.3.9). */
export function encodeMonitorAttributes(monitors: readonly Monitor[]): Uint8Array {
  const writer = new ByteWriter().u32le(0).u32le(MONITOR_ATTRIBUTE_BYTES).u32le(monitors.length);
  for (const monitor of monitors) putMonitorAttributes(writer, monitor);
  return writer.finish();
}
