import { Button, Group, SegmentedControl, Stack, Switch, Text, TextInput } from "@mantine/core";
import type { ScaleMode, TerminalThemeName, TouchMode } from "@poterne/viewer";
import { lazy, Suspense, useState } from "react";
import { BarMenu } from "./bar-menu.tsx";
import { changePreferences, MAX_FONT_PX, MIN_FONT_PX, preferences } from "./preferences.ts";
import { SessionIcon } from "./session-icons.ts";
import { useObservable } from "./use-observable.ts";
import { useSessionState, useStage, useStageState } from "./use-stage.ts";
import { useSessionTexts } from "./use-texts.ts";

/** Fetched when the menu is opened. */
const ScreensSection = lazy(async () => ({
  default: (await import("./screens-section.tsx")).ScreensSection,
}));

/** How the picture or the terminal is shown. */
export function DisplayMenu() {
  const { kind } = useStageState();
  const { display } = useSessionTexts();
  return (
    <BarMenu label={display.label} icon={<SessionIcon.display size={18} aria-hidden />} widthPx={340}>
      {() => (kind === "terminal" ? <TerminalDisplay /> : <DesktopDisplay />)}
    </BarMenu>
  );
}

function DesktopDisplay() {
  const { desktop } = useObservable(preferences);
  const role = useSessionState().hello?.role;
  const { display } = useSessionTexts();
  const change = (part: Partial<typeof desktop>): void =>
    changePreferences({ desktop: { ...desktop, ...part } });
  return (
    <Stack gap="sm">
      <div>
        <Text size="sm" fw={600} mb={4}>
          {display.scale}
        </Text>
        <SegmentedControl
          aria-label={display.scale}
          size="xs"
          fullWidth
          value={desktop.scale}
          onChange={(value) => change({ scale: value as ScaleMode })}
          data={(["resize", "fit", "actual"] as const).map((value) => ({ value, label: display[value] }))}
        />
      </div>
      <div>
        <Text size="sm" fw={600} mb={4}>
          {display.density}
        </Text>
        <SegmentedControl
          aria-label={display.density}
          size="xs"
          fullWidth
          value={desktop.isSharp ? "own" : "plain"}
          onChange={(value) => change({ isSharp: value === "own" })}
          data={[
            { value: "plain", label: display.densityPlain },
            { value: "own", label: display.densityOwn(Math.round(devicePixelRatio * 100)) },
          ]}
        />
      </div>
      <div>
        <Text size="sm" fw={600} mb={4}>
          {display.touch}
        </Text>
        <SegmentedControl
          aria-label={display.touch}
          size="xs"
          value={desktop.touch}
          onChange={(value) => change({ touch: value as TouchMode })}
          data={[
            { value: "direct", label: display.touchDirect },
            { value: "touch-pad", label: display.touchPad },
          ]}
        />
      </div>
      {role === "controller" && (
        <Suspense fallback={null}>
          <ScreensSection />
        </Suspense>
      )}
    </Stack>
  );
}

function TerminalDisplay() {
  const { terminal } = useObservable(preferences);
  const { display } = useSessionTexts();
  const change = (part: Partial<typeof terminal>): void =>
    changePreferences({ terminal: { ...terminal, ...part } });
  const { fontSizePx } = terminal;
  return (
    <Stack gap="sm">
      <Find />
      <Group justify="space-between">
        <Text size="sm" fw={600}>
          {display.fontSize}
        </Text>
        <Group gap={4}>
          <Button
            size="compact-sm"
            variant="default"
            aria-label={display.smaller}
            disabled={fontSizePx <= MIN_FONT_PX}
            onClick={() => change({ fontSizePx: fontSizePx - 1 })}
          >
            −
          </Button>
          <Text size="sm" className="numeric" role="status">
            {fontSizePx}
          </Text>
          <Button
            size="compact-sm"
            variant="default"
            aria-label={display.larger}
            disabled={fontSizePx >= MAX_FONT_PX}
            onClick={() => change({ fontSizePx: fontSizePx + 1 })}
          >
            +
          </Button>
        </Group>
      </Group>
      <div>
        <Text size="sm" fw={600} mb={4}>
          {display.theme}
        </Text>
        <SegmentedControl
          aria-label={display.theme}
          size="xs"
          value={terminal.theme}
          onChange={(value) => change({ theme: value as TerminalThemeName })}
          data={(["dark", "light", "contrast"] as const).map((value) => ({
            value,
            label: display.themes[value],
          }))}
        />
      </div>
      <Switch
        label={display.copyOnSelect}
        checked={terminal.isCopyOnSelect}
        onChange={(event) => change({ isCopyOnSelect: event.currentTarget.checked })}
      />
      <Switch
        label={display.screenReader}
        checked={terminal.isScreenReader}
        onChange={(event) => change({ isScreenReader: event.currentTarget.checked })}
      />
    </Stack>
  );
}

function Find() {
  const stage = useStage();
  const { display } = useSessionTexts();
  const [text, setText] = useState("");
  const [isMissing, setMissing] = useState(false);
  const find = (direction: "next" | "previous"): void => {
    setMissing(text !== "" && !stage.find(text, direction));
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        find("previous");
      }}
    >
      <Stack gap={4}>
        <TextInput
          label={display.find}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setMissing(false);
          }}
          error={isMissing ? display.notFound : undefined}
          data-autofocus
        />
        <Group gap={4}>
          <Button size="xs" type="submit" variant="default">
            {display.findPrevious}
          </Button>
          <Button size="xs" variant="default" onClick={() => find("next")}>
            {display.findNext}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
