import { useEffect, useState } from "react";

/** Whether this page fills the screen. */
export function useFullScreen(): boolean {
  const [isFullScreen, setFullScreen] = useState(document.fullscreenElement !== null);
  useEffect(() => {
    const follow = (): void => setFullScreen(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", follow);
    return () => document.removeEventListener("fullscreenchange", follow);
  }, []);
  return isFullScreen;
}
