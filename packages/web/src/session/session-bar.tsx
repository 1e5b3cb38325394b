import { Text } from "@mantine/core";
import { hasControl } from "@poterne/viewer";
import { Icon } from "../ui/icons.tsx";
import { PROTOCOL_CHOICES } from "../ui/protocols.ts";
import { BarButton } from "./bar-button.tsx";
import { BarButtons } from "./bar-buttons.tsx";
import { BarHandle } from "./bar-handle.tsx";
import { changePreferences, preferences } from "./preferences.ts";
import { SessionIcon } from "./session-icons.ts";
import { useBarOpening } from "./use-bar-opening.ts";
import { useObservable } from "./use-observable.ts";
import { useSessionState, useStage, useStageState } from "./use-stage.ts";
import { useSessionTexts } from "./use-texts.ts";

/**
 * The session bar: a handle of 6 pixels at the top opens it, by pointer, by Tab, or by Ctrl+Alt+Shift from inside the
 * picture. Pinned, it stays above the picture instead of over it.
 */
export function SessionBar() {
  const stage = useStage();
  const texts = useSessionTexts();
  const { isBarPinned } = useObservable(preferences);
  const { barCalls } = useStageState();
  const { isOpen, open, close, placeRef, firstRef } = useBarOpening(isBarPinned, barCalls);
  return (
    <section
      className="session-bar-place"
      data-pinned={isBarPinned}
      ref={placeRef}
      aria-label={texts.bar}
      onPointerEnter={open}
    >
      <div className="session-bar" data-hidden={!isOpen && !isBarPinned}>
        <div className="session-bar-left">
          <Facts />
        </div>
        <div className="session-bar-right" role="toolbar" aria-label={texts.bar}>
          <BarButtons />
          <BarButton
            label={isBarPinned ? texts.unpinBar : texts.pinBar}
            icon={
              isBarPinned ? (
                <SessionIcon.pinned size={18} aria-hidden />
              ) : (
                <SessionIcon.pin size={18} aria-hidden />
              )
            }
            isLabelHidden
            isPressed={isBarPinned}
            onClick={() => changePreferences({ isBarPinned: !isBarPinned })}
          />
        </div>
      </div>
      {!isBarPinned && (
        <BarHandle
          ref={firstRef}
          isOpen={isOpen}
          open={open}
          close={close}
          focusPicture={() => stage.focus()}
        />
      )}
    </section>
  );
}

/** Left of the bar: which machine, how, as whom, whether recorded, who watches. */
function Facts() {
  const state = useSessionState();
  const texts = useSessionTexts();
  const { hello } = state;
  if (hello === null) return <Text size="sm">{texts.opening.titleSession}</Text>;
  const protocol =
    PROTOCOL_CHOICES.find((choice) => choice.value === hello.protocol)?.label ?? hello.protocol;
  const watchers = state.viewers.filter((viewer) => viewer.viewerId !== hello.viewerId);
  const { recordedBecause, inputRecorded, soundRecorded } = hello.policy;
  const alsoRecorded = [inputRecorded && texts.inputRecorded, soundRecorded && texts.sound.recorded]
    .filter((sentence) => sentence !== false)
    .join(" ");
  return (
    <>
      <Text span size="sm" fw={600} className="session-bar-machine" title={hello.machineName}>
        {hello.machineName}
      </Text>
      <Text span size="sm" c="dimmed" className="session-bar-name">
        {protocol}
        <span className="session-bar-account"> · {texts.as(hello.accountName)}</span>
      </Text>
      {recordedBecause === null ? (
        <span className="visually-hidden">{texts.notRecorded}</span>
      ) : (
        <span className="session-rec" title={`${texts.recordedWhy[recordedBecause]} ${alsoRecorded}`.trim()}>
          <span aria-hidden>●</span> {texts.recorded}
          <span className="visually-hidden">
            {texts.recordedLong}. {texts.recordedWhy[recordedBecause]} {alsoRecorded}
          </span>
        </span>
      )}
      {hello.role === "observer" && (
        <Text span size="sm" className="session-bar-name">{`◉ ${texts.observing}`}</Text>
      )}
      {hello.role === "guardian" && (
        <Text span size="sm" className="session-bar-name">{`◉ ${texts.guarding}`}</Text>
      )}
      {hello.policy.readOnly && hasControl(state) && (
        <Text span size="sm" className="session-bar-name">
          <Icon.locked size={14} aria-hidden /> {texts.readOnly}
        </Text>
      )}
      {watchers.length > 0 && (
        <Text
          span
          size="sm"
          className="session-bar-name"
          title={watchers.map((viewer) => viewer.name).join(", ")}
        >
          <Icon.guarded size={15} aria-hidden /> {texts.watch.count(watchers.length)}
        </Text>
      )}
    </>
  );
}
