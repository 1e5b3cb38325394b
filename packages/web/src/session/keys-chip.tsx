import { useEffect, useState } from "react";
import { useSessionState, useStageState } from "./use-stage.ts";
import { useSessionTexts } from "./use-texts.ts";

/** Says for a few seconds after full screen begins that all keys go to the machine, and how to get out. */
export function KeysChip() {
  const state = useSessionState();
  const { isKeyboardLocked } = useStageState();
  const texts = useSessionTexts();
  const [isFullScreen, setFullScreen] = useState(document.fullscreenElement !== null);
  useEffect(() => {
    const follow = (): void => setFullScreen(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", follow);
    return () => document.removeEventListener("fullscreenchange", follow);
  }, []);
  if (!isFullScreen || !isKeyboardLocked) return null;
  return (
    <div className="session-chip" role="status" data-fading="true">
      {texts.keysGoTo(state.hello?.machineName ?? "")}
    </div>
  );
}
