import type { InputEvent, ViewerScreen } from "@poterne/wire";

/** The room a controller's viewer has: pixels for desktops, cells for terminals. */
export interface ViewerSize {
  readonly columns: number;
  readonly rows: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** How large the target is to draw things; absent: 100 per cent. */
  readonly scalePercent?: number;
  /** Its screens, where it has said so: what the pixels hold. */
  readonly screens?: readonly ViewerScreen[];
}

/** The room before any viewer has told its own. */
export const FIRST_VIEWER_SIZE: ViewerSize = { columns: 80, rows: 24, widthPx: 1280, heightPx: 800 };

/** The room an event tells; of screens it is the desktop that holds them all. */
export function sizeOf(event: Extract<InputEvent, { type: "resize" | "screens" }>): ViewerSize {
  if (event.type === "resize") {
    const { columns, rows, widthPx, heightPx } = event;
    return { columns, rows, widthPx, heightPx };
  }
  const { screens } = event;
  const widthPx = Math.max(...screens.map(({ x, width }) => x + width));
  const heightPx = Math.max(...screens.map(({ y, height }) => y + height));
  return { columns: 0, rows: 0, widthPx, heightPx, screens };
}

/** A room as the event that tells it to a driver. */
export function resizeOf({ columns, rows, widthPx, heightPx }: ViewerSize) {
  return { type: "resize", columns, rows, widthPx, heightPx } as const;
}

/** Whether a viewer shows the desktop in several windows. */
export function hasSeveralScreens({ screens }: ViewerSize): boolean {
  return screens !== undefined && screens.length > 1;
}
