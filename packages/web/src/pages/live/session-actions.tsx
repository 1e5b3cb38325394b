import { ActionIcon, Group, Menu, Text, Textarea } from "@mantine/core";
import { endSession, messageSession, pauseSession, type SessionRow } from "@poterne/contract";
import { useState } from "react";
import { useAction } from "../../api/use-call.ts";
import { useWords } from "../../i18n/tongue.tsx";
import { useRight } from "../../shell/signed-in.tsx";
import { FormModal } from "../../ui/form-modal.tsx";
import { Icon } from "../../ui/icons.tsx";
import { ButtonLink } from "../../ui/link.tsx";
import { targetName } from "../../ui/target-name.ts";
import { showFailure } from "../../ui/use-deletion.tsx";

const MAX_TEXT_LENGTH = 500;

/** What may be done to a live session: watch, guard, message, pause, end. */
export function SessionActions({ row }: { readonly row: SessionRow }) {
  const { live } = useWords();
  const canWatch = useRight("sessions:watch");
  const canGuard = useRight("sessions:guard");
  const [dialogue, setDialogue] = useState<"message" | "end" | null>(null);
  const pause = useAction(pauseSession);
  const target = targetName(row.machineName, row.targetName);
  const session = `/s/${row.sessionId}`;
  const togglePause = (): void =>
    pause.mutate(
      { params: { sessionId: row.sessionId }, body: { isPaused: !row.isPaused } },
      { onError: showFailure },
    );
  return (
    <Group gap={6} wrap="nowrap">
      {canWatch && (
        <ButtonLink
          size="xs"
          variant="default"
          to={session}
          search={{ role: "observer" }}
          aria-label={live.watchLabel(row.personName, target)}
        >
          {live.watch}
        </ButtonLink>
      )}
      {canGuard && (
        <>
          <ButtonLink
            size="xs"
            variant={row.state === "waiting" ? "filled" : "default"}
            to={session}
            search={{ role: "guardian" }}
            aria-label={live.guardLabel(row.personName, target)}
          >
            {live.guard}
          </ButtonLink>
          <Menu>
            <Menu.Target>
              <ActionIcon variant="default" size={30} aria-label={live.moreLabel(row.personName, target)}>
                <Icon.expand size={16} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => setDialogue("message")}>{live.message}</Menu.Item>
              <Menu.Item onClick={togglePause}>{row.isPaused ? live.resume : live.pause}</Menu.Item>
              <Menu.Item color="red" onClick={() => setDialogue("end")}>
                {live.end}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </>
      )}
      {dialogue === "message" && <MessageDialogue row={row} onClose={() => setDialogue(null)} />}
      {dialogue === "end" && <EndDialogue row={row} onClose={() => setDialogue(null)} />}
    </Group>
  );
}

interface DialogueProps {
  readonly row: SessionRow;
  readonly onClose: () => void;
}

function MessageDialogue({ row, onClose }: DialogueProps) {
  const { live } = useWords();
  const [text, setText] = useState("");
  const action = useAction(messageSession, onClose);
  return (
    <FormModal
      title={live.messageTitle(row.personName)}
      action={live.messageSend}
      onSubmit={() => action.mutate({ params: { sessionId: row.sessionId }, body: { text } })}
      onClose={onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <Textarea
        label={live.message}
        description={live.messageText}
        required
        autosize
        minRows={2}
        maxLength={MAX_TEXT_LENGTH}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </FormModal>
  );
}

function EndDialogue({ row, onClose }: DialogueProps) {
  const { live } = useWords();
  const [reason, setReason] = useState("");
  const action = useAction(endSession, onClose);
  return (
    <FormModal
      title={live.endTitle(row.personName)}
      action={live.end}
      onSubmit={() => action.mutate({ params: { sessionId: row.sessionId }, body: { reason } })}
      onClose={onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <Text size="sm">{live.endText}</Text>
      <Textarea
        label={live.endReason}
        required
        autosize
        maxLength={MAX_TEXT_LENGTH}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </FormModal>
  );
}
