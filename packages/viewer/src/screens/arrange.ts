import { type DesktopPlace, MAX_SCREENS, type ViewerScreen } from "@poterne/wire";
import type { Room, Size } from "../desktop/scaling.ts";

/** A window's room, and where on the person's screens it stands: null where the browser does not say. */
export interface WindowRoom extends Room {
  readonly screenLeft: number | null;
}

/**
 * Puts windows side by side, their tops in line: in the order of the person's screens where the browser tells it, else as
 * they were opened. The first one given is the primary one. Answers a place for each, in the order given.
 */
export function arrangeScreens(rooms: readonly WindowRoom[]): ViewerScreen[] {
  const given = rooms.slice(0, MAX_SCREENS).map((room, index) => ({ room, index }));
  const isKnown = given.every(({ room }) => room.screenLeft !== null);
  const order = isKnown
    ? given.toSorted((one, other) => (one.room.screenLeft ?? 0) - (other.room.screenLeft ?? 0))
    : given;
  const screens: ViewerScreen[] = [];
  let x = 0;
  for (const { room, index } of order) {
    const { width, height, scalePercent } = room;
    screens[index] = { x, y: 0, width, height, scalePercent, isPrimary: index === 0 };
    x += width;
  }
  return screens;
}

/**
 * The part of the desktop each window shows: where the target put the screen that was asked for it. All null while the
 * target has another number of screens, or a desktop that does not hold them: then the first window shows everything.
 */
export function partsOf(
  wanted: readonly ViewerScreen[],
  places: readonly DesktopPlace[],
  desktop: Size,
): (DesktopPlace | null)[] {
  const holds = ({ x, y, width, height }: DesktopPlace): boolean =>
    width > 0 && height > 0 && x + width <= desktop.width && y + height <= desktop.height;
  const isFollowed = wanted.length > 1 && places.length === wanted.length && places.every(holds);
  if (!isFollowed) return wanted.map(() => null);
  const byPlace = (one: DesktopPlace, other: DesktopPlace): number => one.x - other.x || one.y - other.y;
  const target = places.toSorted(byPlace);
  const parts: (DesktopPlace | null)[] = wanted.map(() => null);
  wanted
    .map((screen, index) => ({ ...screen, index }))
    .toSorted(byPlace)
    .forEach(({ index }, rank) => {
      parts[index] = target[rank] ?? null;
    });
  return parts;
}
