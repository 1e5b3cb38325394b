/** One screen of the person's, as the Window Management API tells it. */
interface DetailedScreen {
  readonly availLeft: number;
  readonly availTop: number;
  readonly availWidth: number;
  readonly availHeight: number;
}

/** The Window Management API, in browsers that have it. */
interface ManagedWindow {
  getScreenDetails?(): Promise<{
    readonly screens: readonly DetailedScreen[];
    readonly currentScreen: DetailedScreen;
  }>;
}

/** A window's size where the browser tells of no further screen. */
const PLAIN_WINDOW = "popup,width=1000,height=700";

/**
 * Where to open one more window when `taken` are open, as features of `window.open`: on the next of the person's other
 * screens, which the browser asks the person about, or anywhere.
 */
export async function findScreen(taken: number): Promise<string> {
  const { isExtended } = screen as Screen & { readonly isExtended?: boolean };
  const managed = window as ManagedWindow;
  if (isExtended !== true || managed.getScreenDetails === undefined) return PLAIN_WINDOW;
  try {
    const { screens, currentScreen } = await managed.getScreenDetails();
    const next = screens.filter((other) => other !== currentScreen)[taken];
    if (next === undefined) return PLAIN_WINDOW;
    const { availLeft, availTop, availWidth, availHeight } = next;
    return `popup,left=${availLeft},top=${availTop},width=${availWidth},height=${availHeight}`;
  } catch {
    // Refused: a plain window can be moved by hand.
    return PLAIN_WINDOW;
  }
}

/** The left edge of the screen a window stands on; null where there is but one, or the browser does not tell. */
export function screenLeftOf(place: Window): number | null {
  const own = place.screen as Screen & { readonly availLeft?: number; readonly isExtended?: boolean };
  return own.isExtended === true && typeof own.availLeft === "number" ? own.availLeft : null;
}
