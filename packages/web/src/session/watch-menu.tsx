import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { hasControl } from "@poterne/viewer";
import { useState } from "react";
import { useConfirm } from "../ui/confirm.tsx";
import { BarMenu } from "./bar-menu.tsx";
import { SessionIcon } from "./session-icons.ts";
import { useSessionState, useStage } from "./use-stage.ts";
import { useSessionTexts } from "./use-texts.ts";

/** The longest message a guardian sends at once. */
const MAX_MESSAGE_LENGTH = 500;

/** Who is in the session, who has control, and what a guardian may do. */
export function WatchMenu() {
  const state = useSessionState();
  const { watch } = useSessionTexts();
  const others = state.viewers.filter((viewer) => viewer.viewerId !== state.hello?.viewerId);
  return (
    <BarMenu
      label={watch.label}
      state={
        others.length === 0 ? watch.alone : watch.watchedBy(others.map((viewer) => viewer.name).join(", "))
      }
      icon={<SessionIcon.watch size={18} aria-hidden />}
      widthPx={380}
    >
      {(close) => (
        <Stack gap="sm">
          <Participants />
          {state.hello?.role === "guardian" && <GuardianTools onAsk={close} />}
        </Stack>
      )}
    </BarMenu>
  );
}

function Participants() {
  const stage = useStage();
  const state = useSessionState();
  const { watch } = useSessionTexts();
  const ownId = state.hello?.viewerId;
  // Control is the session's own person's to lend and to take back.
  const isOwner = state.hello?.role === "controller";
  const canTake = isOwner && !hasControl(state);
  return (
    <Stack gap="xs">
      <Text size="sm" fw={600}>
        {watch.title}
      </Text>
      <ul className="plain-list">
        {state.viewers.map((viewer) => (
          <li key={viewer.viewerId}>
            <Group justify="space-between" gap="xs">
              <Text size="sm">
                {viewer.name}
                {viewer.viewerId === ownId && ` (${watch.you})`} — {watch.roles[viewer.role]}
                {viewer.hasControl && `, ${watch.inControl}`}
              </Text>
              {isOwner && viewer.viewerId !== ownId && !viewer.hasControl && (
                <Button
                  size="compact-xs"
                  variant="default"
                  onClick={() =>
                    stage.connection.control({ type: "give-control", viewerId: viewer.viewerId })
                  }
                >
                  {watch.give(viewer.name)}
                </Button>
              )}
            </Group>
          </li>
        ))}
      </ul>
      {state.viewers.length <= 1 && (
        <Text size="sm" c="dimmed">
          {watch.alone}
        </Text>
      )}
      {canTake && (
        <Button size="xs" onClick={() => stage.connection.control({ type: "take-control" })}>
          {watch.take}
        </Button>
      )}
    </Stack>
  );
}

function GuardianTools({ onAsk }: { readonly onAsk: () => void }) {
  const stage = useStage();
  const state = useSessionState();
  const { watch } = useSessionTexts();
  const confirm = useConfirm();
  const [text, setText] = useState("");
  const isPaused = state.pausedBy !== null;
  const person = state.hello?.personName ?? "";
  const end = (): void => {
    // The panel goes first: it would stand over the dialogue.
    onAsk();
    const question = { title: watch.endTitle, text: watch.endText(person), action: watch.end };
    void confirm(question).then((isAgreed) => {
      if (isAgreed) stage.connection.control({ type: "end" });
    });
  };
  return (
    <Stack gap="xs">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() === "") return;
          stage.connection.control({ type: "message", text: text.trim() });
          setText("");
        }}
      >
        <Group gap="xs" align="flex-end" wrap="nowrap">
          <TextInput
            label={watch.message}
            flex={1}
            miw={0}
            placeholder={watch.messageField}
            value={text}
            maxLength={MAX_MESSAGE_LENGTH}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" flex="none">
            {watch.sendMessage}
          </Button>
        </Group>
      </form>
      <Group gap="xs">
        <Button
          variant="default"
          onClick={() => stage.connection.control({ type: "pause", isPaused: !isPaused })}
        >
          {isPaused ? watch.resume : watch.pause}
        </Button>
        <Button color="red" variant="outline" onClick={end}>
          {watch.end}
        </Button>
      </Group>
    </Stack>
  );
}
