import { Button, Checkbox, Group, NativeSelect, Text } from "@mantine/core";
import { PLAYER_SPEEDS } from "@poterne/viewer";
import { useState } from "react";
import { changePreferences } from "../session/preferences.ts";
import { useObservable } from "../session/use-observable.ts";
import { Icon } from "../ui/icons.tsx";
import { writeClock } from "./clock-text.ts";
import type { Playback } from "./playback.ts";
import { usePlayerTexts } from "./use-texts.ts";

const JUMP_MS = 10_000;

/** Play, pause, jump, speed, silence, the live edge, and a link to this second. */
export function PlayerControls({ playback }: { readonly playback: Playback }) {
  const { player } = playback;
  const state = useObservable(player.state);
  const texts = usePlayerTexts();
  const total = state.index?.durationMs ?? 0;
  return (
    <Group gap="xs" mt={6}>
      <Button
        size="xs"
        leftSection={
          state.isPlaying ? <Icon.pause size={16} aria-hidden /> : <Icon.play size={16} aria-hidden />
        }
        onClick={() => (state.isPlaying ? player.pause() : player.play())}
      >
        {state.isPlaying ? texts.pause : texts.play}
      </Button>
      <Button
        size="xs"
        variant="default"
        title={texts.back10}
        onClick={() => player.seek(state.positionMs - JUMP_MS)}
      >
        <span aria-hidden>−10 s</span>
        <span className="visually-hidden">{texts.back10}</span>
      </Button>
      <Button
        size="xs"
        variant="default"
        title={texts.forward10}
        onClick={() => player.seek(state.positionMs + JUMP_MS)}
      >
        <span aria-hidden>+10 s</span>
        <span className="visually-hidden">{texts.forward10}</span>
      </Button>
      <Text size="sm" className="numeric">
        {texts.at(writeClock(state.positionMs), writeClock(total))}
      </Text>
      <NativeSelect
        size="xs"
        aria-label={texts.speed}
        value={String(state.speed)}
        data={PLAYER_SPEEDS.map((speed) => ({ value: String(speed), label: texts.speedOf(speed) }))}
        onChange={(event) => player.setSpeed(Number(event.currentTarget.value))}
      />
      <Checkbox
        size="xs"
        label={texts.skipIdle}
        checked={state.isSkippingIdle}
        onChange={(event) => player.setSkippingIdle(event.currentTarget.checked)}
      />
      {state.index?.isRunning === true && (
        <Button size="xs" variant={state.isFollowing ? "filled" : "default"} onClick={() => player.follow()}>
          {state.isFollowing ? `● ${texts.live}` : texts.goLive}
        </Button>
      )}
      <MuteButton playback={playback} />
      <CopyLink positionMs={state.positionMs} />
      <Text size="xs" c="dimmed" visibleFrom="lg">
        {texts.keys}
      </Text>
    </Group>
  );
}

/** There once the recording has sounded. */
function MuteButton({ playback }: { readonly playback: Playback }) {
  const { hasSound, isMuted } = useObservable(playback.sound.state);
  const texts = usePlayerTexts();
  if (!hasSound) return null;
  return (
    <Button size="xs" variant="default" onClick={() => changePreferences({ isMuted: !isMuted })}>
      {isMuted ? texts.unmute : texts.mute}
    </Button>
  );
}

function CopyLink({ positionMs }: { readonly positionMs: number }) {
  const texts = usePlayerTexts();
  const [isCopied, setCopied] = useState(false);
  const copy = (): void => {
    const address = new URL(location.href);
    // To the millisecond, and never before: a rounded link would miss what it points at.
    address.searchParams.set("t", String(Math.ceil(positionMs) / 1000));
    void navigator.clipboard?.writeText(address.href).then(() => setCopied(true));
  };
  return (
    <>
      <Button size="xs" variant="default" onClick={copy} onBlur={() => setCopied(false)}>
        {texts.copyLink}
      </Button>
      <Text size="xs" role="status">
        {isCopied && texts.copied}
      </Text>
    </>
  );
}
