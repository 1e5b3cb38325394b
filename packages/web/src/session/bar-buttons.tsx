import { useConfirm } from "../ui/confirm.tsx";
import { BarButton } from "./bar-button.tsx";
import { ClipboardMenu } from "./clipboard-menu.tsx";
import { DisplayMenu } from "./display-menu.tsx";
import { KeysMenu } from "./keys-menu.tsx";
import { LatencyMenu } from "./latency-menu.tsx";
import { SessionIcon } from "./session-icons.ts";
import { SoundButton } from "./sound-button.tsx";
import { useFullScreen } from "./use-full-screen.ts";
import { useSessionState, useStage, useStageState } from "./use-stage.ts";
import { useSessionTexts } from "./use-texts.ts";
import { WatchMenu } from "./watch-menu.tsx";

/** Right of the bar: latency, clipboard, files, sound, keys, display, participants, full screen, leave. */
export function BarButtons() {
  const stage = useStage();
  const state = useSessionState();
  const { areFilesShown } = useStageState();
  const texts = useSessionTexts();
  const isFullScreen = useFullScreen();
  const leave = useLeave();
  return (
    <>
      <LatencyMenu />
      <ClipboardMenu />
      {state.hasFiles && (
        <BarButton
          label={texts.files.label}
          icon={<SessionIcon.files size={18} aria-hidden />}
          isPressed={areFilesShown}
          onClick={() => stage.showFiles(!areFilesShown)}
        />
      )}
      <SoundButton />
      <KeysMenu />
      <DisplayMenu />
      <WatchMenu />
      <BarButton
        label={isFullScreen ? texts.exitFullScreen : texts.fullScreen}
        icon={
          isFullScreen ? (
            <SessionIcon.exitFullScreen size={18} aria-hidden />
          ) : (
            <SessionIcon.fullScreen size={18} aria-hidden />
          )
        }
        onClick={() => void stage.toggleFullScreen().catch(() => undefined)}
      />
      <BarButton
        label={texts.leave}
        icon={<SessionIcon.leave size={18} aria-hidden />}
        isDanger
        onClick={leave}
      />
    </>
  );
}

/** Leaving asks first when it ends the session on the machine. */
function useLeave(): () => void {
  const stage = useStage();
  const state = useSessionState();
  const texts = useSessionTexts();
  const confirm = useConfirm();
  return () => {
    const endsSession = state.hello?.role === "controller" && state.phase === "open";
    if (!endsSession) return stage.connection.leave();
    const question = { title: texts.leaveTitle, text: texts.leaveText, action: texts.leave };
    void confirm(question).then((isAgreed) => {
      if (isAgreed) stage.connection.leave();
    });
  };
}
