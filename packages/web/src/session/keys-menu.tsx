import { Button, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import {
  DESKTOP_CHORDS,
  type DesktopChord,
  detectPlatform,
  STICKY_KEYS,
  type StickyKey,
  TERMINAL_CHORDS,
  type TerminalChord,
} from "@poterne/viewer";
import { AppLink } from "../ui/link.tsx";
import { BarMenu } from "./bar-menu.tsx";
import { changePreferences, preferences } from "./preferences.ts";
import { SessionIcon } from "./session-icons.ts";
import { useObservable } from "./use-observable.ts";
import { useStage, useStageState } from "./use-stage.ts";
import { useSessionTexts } from "./use-texts.ts";

const isFunctionKey = (name: string): boolean => /^f\d+$/.test(name);
const isMac = detectPlatform(navigator.platform) === "mac";

/** The keys that the browser or the system keeps for itself, and how the keyboard is read. */
export function KeysMenu() {
  const { kind } = useStageState();
  const { keys } = useSessionTexts();
  return (
    <BarMenu label={keys.label} icon={<SessionIcon.keys size={18} aria-hidden />} widthPx={380}>
      {(close) => (
        <Stack gap="sm">
          {kind === "terminal" ? <TerminalKeys onSent={close} /> : <DesktopKeys onSent={close} />}
          {kind === "desktop" && <Held />}
          {kind === "desktop" && <Mode />}
          <AppLink to="/keyboard">{keys.test}</AppLink>
        </Stack>
      )}
    </BarMenu>
  );
}

function DesktopKeys({ onSent }: { readonly onSent: () => void }) {
  const stage = useStage();
  return (
    <Chords
      names={Object.keys(DESKTOP_CHORDS)}
      onPick={(name) => {
        onSent();
        stage.sendDesktopChord(name as DesktopChord);
      }}
    />
  );
}

function TerminalKeys({ onSent }: { readonly onSent: () => void }) {
  const stage = useStage();
  return (
    <Chords
      names={Object.keys(TERMINAL_CHORDS)}
      onPick={(name) => {
        onSent();
        stage.sendTerminalChord(name as TerminalChord);
      }}
    />
  );
}

function Chords(props: { readonly names: readonly string[]; readonly onPick: (name: string) => void }) {
  const { keys } = useSessionTexts();
  const special = props.names.filter((name) => !isFunctionKey(name));
  const functions = props.names.filter(isFunctionKey);
  return (
    <>
      <div>
        <Text size="sm" fw={600} mb={4}>
          {keys.special}
        </Text>
        <Group gap={4}>
          {special.map((name) => (
            <Button key={name} size="compact-sm" variant="default" onClick={() => props.onPick(name)}>
              {keys.names[name] ?? name}
            </Button>
          ))}
        </Group>
      </div>
      <div>
        <Text size="sm" fw={600} mb={4}>
          {keys.functionKeys}
        </Text>
        <div className="session-keys-grid">
          {functions.map((name) => (
            <Button key={name} size="compact-sm" variant="default" onClick={() => props.onPick(name)}>
              {name.toUpperCase()}
            </Button>
          ))}
        </div>
      </div>
    </>
  );
}

function Held() {
  const stage = useStage();
  const { held } = useStageState();
  const { keys } = useSessionTexts();
  return (
    <div>
      <Text size="sm" fw={600}>
        {keys.hold}
      </Text>
      <Text size="xs" c="dimmed" mb={4}>
        {keys.holdHelp}
      </Text>
      <Group gap={4}>
        {(Object.keys(STICKY_KEYS) as StickyKey[]).map((key) => (
          <Button
            key={key}
            size="compact-sm"
            variant={held.has(key) ? "filled" : "default"}
            aria-pressed={held.has(key)}
            onClick={() => stage.toggleHeld(key)}
          >
            {keys.sticky[key]}
          </Button>
        ))}
      </Group>
    </div>
  );
}

function Mode() {
  const { keyboardMode, commandKeyAs } = useObservable(preferences);
  const { keys } = useSessionTexts();
  return (
    <Stack gap={4}>
      <Text size="sm" fw={600}>
        {keys.mode}
      </Text>
      <SegmentedControl
        aria-label={keys.mode}
        size="xs"
        value={keyboardMode}
        onChange={(value) =>
          changePreferences({ keyboardMode: value === "positions" ? "positions" : "characters" })
        }
        data={[
          { value: "characters", label: keys.characters },
          { value: "positions", label: keys.positions },
        ]}
      />
      <Text size="xs" c="dimmed">
        {keys.modeHelp[keyboardMode]}
      </Text>
      {isMac && (
        <>
          <Text size="sm" fw={600}>
            {keys.command}
          </Text>
          <SegmentedControl
            aria-label={keys.command}
            size="xs"
            value={commandKeyAs}
            onChange={(value) => changePreferences({ commandKeyAs: value as "control" | "super" | "alt" })}
            data={(["control", "super", "alt"] as const).map((value) => ({
              value,
              label: keys.commandAs[value],
            }))}
          />
        </>
      )}
    </Stack>
  );
}
