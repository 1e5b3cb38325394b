/** The browsers' keyboard lock (Chromium family); absent elsewhere. */
interface LockingNavigator {
  readonly keyboard?: { lock?(keys?: readonly string[]): Promise<void>; unlock?(): void };
}

/** Whether keys such as Alt+Tab can go to the target in full screen. */
export function canLockKeyboard(): boolean {
  return typeof (navigator as LockingNavigator).keyboard?.lock === "function";
}

/**
 * Shows an element in full screen and takes all keys where the browser allows it; answers whether it holds the keys.
 * The browser itself leaves full screen when Escape is held. Rejects when the browser refuses full screen.
 */
export async function enterFullScreen(element: Element): Promise<boolean> {
  await element.requestFullscreen({ navigationUI: "hide" });
  const { keyboard } = navigator as LockingNavigator;
  if (keyboard?.lock === undefined) return false;
  try {
    await keyboard.lock();
    return true;
  } catch {
    // Full screen without the lock still serves; the keys menu has what is missing.
    return false;
  }
}

/** Leaves full screen and gives the keys back. */
export async function leaveFullScreen(): Promise<void> {
  (navigator as LockingNavigator).keyboard?.unlock?.();
  if (document.fullscreenElement !== null) await document.exitFullscreen();
}
