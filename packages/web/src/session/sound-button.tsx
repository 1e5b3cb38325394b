import { BarButton } from "./bar-button.tsx";
import { changePreferences } from "./preferences.ts";
import { SessionIcon } from "./session-icons.ts";
import { useObservable } from "./use-observable.ts";
import { useStage } from "./use-stage.ts";
import { useSessionTexts } from "./use-texts.ts";

/** Mutes the target and lets it sound again; there once it has sounded. */
export function SoundButton() {
  const stage = useStage();
  const { hasSound, isMuted, isBlocked } = useObservable(stage.sound.state);
  const { sound } = useSessionTexts();
  if (!hasSound) return null;
  const isSilent = isMuted || isBlocked;
  const SoundIcon = isSilent ? SessionIcon.soundOff : SessionIcon.sound;
  return (
    <BarButton
      label={isBlocked && !isMuted ? sound.blocked : isMuted ? sound.unmute : sound.mute}
      icon={<SoundIcon size={18} aria-hidden />}
      isLabelHidden
      isPressed={isMuted}
      onClick={() => {
        // The click itself is what the browser waited for.
        if (isBlocked && !isMuted) stage.sound.gesture();
        else changePreferences({ isMuted: !isMuted });
      }}
    />
  );
}
