import "./keyboard-test.css";
import { Alert, Button, Group, SegmentedControl, Stack, Text, Title } from "@mantine/core";
import {
  detectPlatform,
  KeyboardMachine,
  type KeyboardMode,
  type KeyFacts,
  readKeyFacts,
} from "@poterne/viewer";
import { characterOfKeysym, type InputEvent as WireInput } from "@poterne/wire";
import { type KeyboardEvent, useEffect, useMemo, useState } from "react";
import { Page } from "../ui/page.tsx";
import { changePreferences, preferences } from "./preferences.ts";
import { useObservable } from "./use-observable.ts";
import { useSessionTexts } from "./use-texts.ts";

/** What French keyboards must type and other products got wrong. */
const WANTED = [..."éèàçùêïñ^¨@#{[|`\\]}~€°§µ²"];

interface LastKey {
  readonly facts: KeyFacts;
  readonly events: readonly WireInput[];
}

/** Lets a person try the keyboard before a session: each character is ticked when it would arrive at a machine. */
export function KeyboardTestPage() {
  const { keyboardTest: texts } = useSessionTexts();
  const { keyboardMode } = useObservable(preferences);
  const [arrived, setArrived] = useState<ReadonlySet<string>>(new Set());
  const [last, setLast] = useState<LastKey | null>(null);
  const isAllGood = WANTED.every((character) => arrived.has(character));
  const take = (characters: readonly string[]): void => {
    if (characters.length > 0) setArrived((before) => new Set([...before, ...characters]));
  };
  return (
    <Page title={texts.title} intro={texts.intro}>
      <Mode mode={keyboardMode} />
      <TypingArea key={keyboardMode} mode={keyboardMode} onKey={setLast} onCharacters={take} />
      <Stack gap="xs">
        <Title order={2} size="h4">
          {texts.wanted}
        </Title>
        <ul className="keyboard-test-keys">
          {WANTED.map((character) => (
            <li key={character} data-arrived={arrived.has(character)}>
              <Text span fz="lg" ff="monospace">
                {character}
              </Text>
              <Text span size="xs" c="dimmed">
                <span aria-hidden>{arrived.has(character) ? "✓" : "·"}</span>
                <span className="visually-hidden">
                  {arrived.has(character) ? texts.arrived : texts.missing}
                </span>
              </Text>
            </li>
          ))}
        </ul>
        {isAllGood ? <Alert color="teal">{texts.allGood}</Alert> : <Text size="sm">{texts.tips}</Text>}
        <Group>
          <Button size="xs" variant="default" onClick={() => setArrived(new Set())}>
            {texts.restart}
          </Button>
        </Group>
      </Stack>
      <LastKeyView last={last} />
      <Surroundings />
    </Page>
  );
}

function Mode({ mode }: { readonly mode: KeyboardMode }) {
  const { keys } = useSessionTexts();
  return (
    <Stack gap={4} align="flex-start">
      <SegmentedControl
        aria-label={keys.mode}
        value={mode}
        onChange={(value) =>
          changePreferences({ keyboardMode: value === "positions" ? "positions" : "characters" })
        }
        data={[
          { value: "characters", label: keys.characters },
          { value: "positions", label: keys.positions },
        ]}
      />
      <Text size="sm" c="dimmed">
        {keys.modeHelp[mode]}
      </Text>
    </Stack>
  );
}

/** The field that listens as a session would; Tab leaves it after Escape, or nobody could get out by keyboard. */
function TypingArea(props: {
  readonly mode: KeyboardMode;
  readonly onKey: (last: LastKey) => void;
  readonly onCharacters: (characters: readonly string[]) => void;
}) {
  const { keyboardTest: texts } = useSessionTexts();
  const [isLeaving, setLeaving] = useState(false);
  const machine = useMemo(() => {
    const platform = detectPlatform(navigator.platform);
    return new KeyboardMachine({ mode: props.mode, platform, commandKeyAs: preferences.read().commandKeyAs });
  }, [props.mode]);
  const tell = (event: KeyboardEvent, isDown: boolean): void => {
    setLeaving(event.key === "Escape");
    if (isLeaving && event.key === "Tab") return;
    const facts = readKeyFacts(event.nativeEvent);
    const { events, isTaken } = isDown ? machine.keyDown(facts) : machine.keyUp(facts);
    if (isTaken) event.preventDefault();
    if (!isDown) return;
    props.onKey({ facts, events });
    // In positions mode the target composes: what this system makes of the key is what a target with its layout makes.
    props.onCharacters(props.mode === "positions" ? [facts.key] : charactersOf(events));
  };
  const text = (value: string, timeMs: number): void =>
    props.onCharacters(charactersOf(machine.text(value, timeMs)));
  return (
    <div>
      <Text component="label" htmlFor="keyboard-test" fw={600} size="sm">
        {texts.area}
      </Text>
      <Text size="xs" c="dimmed" id="keyboard-test-hint">
        {texts.areaHint}
      </Text>
      <textarea
        id="keyboard-test"
        className="keyboard-test-area"
        aria-describedby="keyboard-test-hint"
        spellCheck={false}
        autoComplete="off"
        onKeyDown={(event) => tell(event, true)}
        onKeyUp={(event) => tell(event, false)}
        onCompositionEnd={(event) => text(event.data, event.timeStamp)}
        onInput={(event) => {
          const native = event.nativeEvent as unknown as {
            inputType?: string;
            data?: string | null;
            isComposing?: boolean;
          };
          if (native.isComposing === true) return;
          event.currentTarget.value = "";
          if (native.inputType === "insertText") text(native.data ?? "", event.timeStamp);
        }}
        onBlur={() => machine.blur()}
      />
    </div>
  );
}

function LastKeyView({ last }: { readonly last: LastKey | null }) {
  const { keyboardTest: texts } = useSessionTexts();
  return (
    <Stack gap={4}>
      <Title order={2} size="h4">
        {texts.last}
      </Title>
      {last === null ? (
        <Text size="sm">{texts.nothing}</Text>
      ) : (
        <Text size="sm" ff="monospace" role="status">
          {texts.position} {last.facts.code} · {last.facts.key === "Dead" ? texts.deadKey : last.facts.key} ·{" "}
          {texts.meaning} : {describe(last.events, texts.swallowed)}
        </Text>
      )}
    </Stack>
  );
}

function describe(events: readonly WireInput[], nothing: string): string {
  const keys = events.filter((event) => event.type === "key");
  if (keys.length === 0) return nothing;
  return keys
    .map(({ isDown, keysym, scancode }) => {
      const name = characterOfKeysym(keysym) ?? `0x${keysym.toString(16)}`;
      return `${isDown ? "↓" : "↑"} ${name}${scancode === 0 ? "" : ` (0x${scancode.toString(16)})`}`;
    })
    .join(" ");
}

function charactersOf(events: readonly WireInput[]): string[] {
  return events.flatMap((event) => {
    const character = event.type === "key" && event.isDown ? characterOfKeysym(event.keysym) : null;
    return character === null ? [] : [character];
  });
}

/** The keyboard layout as far as the browser tells it: Chromium names what each place types. */
interface LayoutNavigator {
  readonly keyboard?: { getLayoutMap?(): Promise<ReadonlyMap<string, string>> };
}

function Surroundings() {
  const { keyboardTest: texts } = useSessionTexts();
  const [layout, setLayout] = useState<string | null>(null);
  useEffect(() => {
    void (navigator as LayoutNavigator).keyboard
      ?.getLayoutMap?.()
      .then((map) =>
        setLayout(
          ["KeyQ", "KeyW", "KeyE", "KeyR", "KeyT", "KeyY"].map((code) => map.get(code) ?? "").join(""),
        ),
      )
      .catch(() => undefined);
  }, []);
  return (
    <Text size="sm" c="dimmed">
      {texts.detected} : {texts.platforms[detectPlatform(navigator.platform)]} · {texts.layout} :{" "}
      {layout === null || layout === "" ? texts.layoutUnknown : layout.toUpperCase()}
    </Text>
  );
}
