import { useEffect, useRef, useState } from "react";

/** The bar goes away when pointer and keyboard have left it for so long. */
const HIDE_AFTER_MS = 700;

/** When a bar is open: called by its keys (`barCalls` grows), pointed at, or holding the keyboard. */
export function useBarOpening(isPinned: boolean, barCalls: number) {
  const [isOpen, setOpen] = useState(false);
  const placeRef = useRef<HTMLElement>(null);
  const firstRef = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (barCalls === 0) return;
    setOpen(true);
    // The bar is drawn first, then takes the keyboard.
    requestAnimationFrame(() => placeRef.current?.querySelector<HTMLElement>(".session-bar button")?.focus());
  }, [barCalls]);
  useEffect(() => {
    if (!isOpen || isPinned) return;
    const isInUse = (): boolean => {
      const place = placeRef.current;
      const hasMenu = document.querySelector('[data-session-menu="open"]') !== null;
      // A button keeps the focus after a click; only a keyboard that is really in the bar holds it open.
      const hasKeyboard = place?.querySelector(":focus-visible") != null;
      return place === null || place.matches(":hover") || hasKeyboard || hasMenu;
    };
    const timer = setInterval(() => {
      if (!isInUse()) setOpen(false);
    }, HIDE_AFTER_MS);
    return () => clearInterval(timer);
  }, [isOpen, isPinned]);
  return { isOpen, open: () => setOpen(true), close: () => setOpen(false), placeRef, firstRef };
}
