import { Alert, Button, Group, Stack, Text, Textarea } from "@mantine/core";
import type { ClipboardWay } from "@poterne/viewer";
import { useState } from "react";
import { BarMenu } from "./bar-menu.tsx";
import { SessionIcon } from "./session-icons.ts";
import { useObservable } from "./use-observable.ts";
import { useStage } from "./use-stage.ts";
import { useSessionTexts } from "./use-texts.ts";

const SHAPES: Readonly<Record<ClipboardWay, string>> = {
  allowed: "●",
  "with-paste-keys": "◐",
  "will-ask": "◐",
  "blocked-by-browser": "▲",
  "blocked-by-policy": "■",
};

/** The clipboard in both directions: whether it passes, who keeps it back, and what to do about it. */
export function ClipboardMenu() {
  const stage = useStage();
  const view = useObservable(stage.clipboard.view);
  const { clipboard: texts } = useSessionTexts();
  const isOff = view.toTarget === "blocked-by-policy" && view.fromTarget === "blocked-by-policy";
  const ClipboardIcon = isOff ? SessionIcon.clipboardOff : SessionIcon.clipboard;
  return (
    <BarMenu
      label={texts.label}
      state={texts.ways[view.toTarget]}
      icon={<ClipboardIcon size={18} aria-hidden />}
      widthPx={380}
    >
      {() => (
        <Stack gap="sm">
          <Way name={texts.toTarget} way={view.toTarget} />
          {view.toTarget === "will-ask" && (
            <Button size="xs" onClick={() => void stage.clipboard.ask()}>
              {texts.allow}
            </Button>
          )}
          {view.toTarget !== "blocked-by-policy" && <SendText />}
          {view.isTooLarge && <Alert color="orange">{texts.tooLarge}</Alert>}
          <Way name={texts.fromTarget} way={view.fromTarget} />
          {view.isWaitingForGesture && <Alert color="orange">{texts.waiting}</Alert>}
          {view.lastText !== null && <LastText text={view.lastText} />}
          {view.hasPicture && <LastPicture />}
        </Stack>
      )}
    </BarMenu>
  );
}

function Way({ name, way }: { readonly name: string; readonly way: ClipboardWay }) {
  const { clipboard } = useSessionTexts();
  return (
    <div>
      <Group gap={6}>
        <Text size="sm" fw={600}>
          {name}
        </Text>
        <Text size="sm">
          <span aria-hidden>{SHAPES[way]} </span>
          {clipboard.ways[way]}
        </Text>
      </Group>
      <Text size="xs" c="dimmed">
        {clipboard.help[way]}
      </Text>
    </div>
  );
}

function SendText() {
  const stage = useStage();
  const { clipboard } = useSessionTexts();
  const [text, setText] = useState("");
  const [isSent, setSent] = useState(false);
  return (
    <Stack gap={4}>
      <Textarea
        label={clipboard.sendField}
        value={text}
        rows={2}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setSent(false);
        }}
      />
      <Group gap="xs">
        <Button
          size="xs"
          variant="default"
          disabled={text === ""}
          onClick={() => {
            if (!stage.clipboard.sendText(text)) return;
            setText("");
            setSent(true);
          }}
        >
          {clipboard.send}
        </Button>
        <Text size="xs" role="status">
          {isSent && clipboard.sent}
        </Text>
      </Group>
    </Stack>
  );
}

function LastPicture() {
  const stage = useStage();
  const { clipboard } = useSessionTexts();
  return (
    <Group justify="space-between">
      <Text size="sm" fw={600}>
        {clipboard.lastPicture}
      </Text>
      <Button size="compact-xs" variant="default" onClick={() => void stage.clipboard.copyLast()}>
        {clipboard.copyAgain}
      </Button>
    </Group>
  );
}

/** The target's text stays hidden until asked for: somebody may be looking over the shoulder. */
function LastText({ text }: { readonly text: string }) {
  const stage = useStage();
  const { clipboard } = useSessionTexts();
  const [isShown, setShown] = useState(false);
  return (
    <Stack gap={4}>
      <Group justify="space-between">
        <Text size="sm" fw={600}>
          {clipboard.lastText}
        </Text>
        <Group gap={4}>
          <Button size="compact-xs" variant="default" onClick={() => setShown(!isShown)}>
            {isShown ? clipboard.hide : clipboard.show}
          </Button>
          <Button size="compact-xs" variant="default" onClick={() => void stage.clipboard.copyLast()}>
            {clipboard.copyAgain}
          </Button>
        </Group>
      </Group>
      {isShown && <pre className="session-paste">{text.slice(0, 10_000)}</pre>}
    </Stack>
  );
}
