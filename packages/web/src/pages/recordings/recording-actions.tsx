import { ActionIcon, Group, Menu, Text, Textarea } from "@mantine/core";
import {
  deleteRecording,
  downloadRecording,
  exportAsciicast,
  type RecordingSummary,
  setRecordingHold,
} from "@poterne/contract";
import { useState } from "react";
import { buildPath } from "../../api/call.ts";
import { useAction } from "../../api/use-call.ts";
import { useWords } from "../../i18n/tongue.tsx";
import { useRight } from "../../shell/signed-in.tsx";
import { FormModal } from "../../ui/form-modal.tsx";
import { Icon } from "../../ui/icons.tsx";
import { ButtonLink } from "../../ui/link.tsx";
import { targetName } from "../../ui/target-name.ts";
import { VerifyDialogue } from "./verify-dialogue.tsx";

const MIN_REASON_LENGTH = 3;
const MAX_REASON_LENGTH = 500;

/** What may be done with a recording: replay, verify, hold, export, delete. */
export function RecordingActions({ row }: { readonly row: RecordingSummary }) {
  const { recordings, common } = useWords();
  const canRead = useRight("recordings:read");
  const canManage = useRight("recordings:manage");
  const [dialogue, setDialogue] = useState<"verify" | "hold" | "delete" | null>(null);
  const target = targetName(row.machineName, row.targetName);
  const params = { sessionId: row.sessionId };
  return (
    <Group gap={6} wrap="nowrap">
      {canRead && (
        <ButtonLink
          size="xs"
          variant="default"
          to={`/recordings/${row.sessionId}`}
          aria-label={recordings.playLabel(target)}
        >
          {recordings.play}
        </ButtonLink>
      )}
      <Menu>
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label={recordings.moreLabel(target)}>
            <Icon.expand size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setDialogue("verify")}>{recordings.verify}</Menu.Item>
          {canRead && row.kind === "terminal" && (
            <Menu.Item component="a" href={buildPath(exportAsciicast.path, params, {})} download>
              {recordings.asciicast}
            </Menu.Item>
          )}
          {canRead && (
            <Menu.Item component="a" href={buildPath(downloadRecording.path, params, {})} download>
              {recordings.download}
            </Menu.Item>
          )}
          {canManage && (
            <>
              <Menu.Item onClick={() => setDialogue("hold")}>
                {row.isOnHold ? recordings.holdLift : recordings.holdSet}
              </Menu.Item>
              <Menu.Item color="red" disabled={row.isOnHold} onClick={() => setDialogue("delete")}>
                {common.remove}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {dialogue === "verify" && <VerifyDialogue row={row} onClose={() => setDialogue(null)} />}
      {dialogue === "hold" && <HoldDialogue row={row} onClose={() => setDialogue(null)} />}
      {dialogue === "delete" && <DeleteDialogue row={row} onClose={() => setDialogue(null)} />}
    </Group>
  );
}

interface DialogueProps {
  readonly row: RecordingSummary;
  readonly onClose: () => void;
}

function HoldDialogue({ row, onClose }: DialogueProps) {
  const { recordings } = useWords();
  const [reason, setReason] = useState("");
  const action = useAction(setRecordingHold, onClose);
  const word = row.isOnHold ? recordings.holdLift : recordings.holdSet;
  return (
    <FormModal
      title={recordings.holdTitle(targetName(row.machineName, row.targetName))}
      action={word}
      onSubmit={() =>
        action.mutate({ params: { sessionId: row.sessionId }, body: { isOnHold: !row.isOnHold, reason } })
      }
      onClose={onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <Text size="sm">{recordings.holdText}</Text>
      <ReasonField label={recordings.holdReason} value={reason} onChange={setReason} />
    </FormModal>
  );
}

function DeleteDialogue({ row, onClose }: DialogueProps) {
  const { recordings, common } = useWords();
  const [reason, setReason] = useState("");
  const action = useAction(deleteRecording, onClose);
  return (
    <FormModal
      title={recordings.deleteTitle(targetName(row.machineName, row.targetName))}
      action={common.remove}
      onSubmit={() => action.mutate({ params: { sessionId: row.sessionId }, body: { reason } })}
      onClose={onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <Text size="sm">{recordings.deleteText}</Text>
      <ReasonField label={recordings.deleteReason} value={reason} onChange={setReason} />
    </FormModal>
  );
}

function ReasonField(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  return (
    <Textarea
      label={props.label}
      required
      autosize
      minLength={MIN_REASON_LENGTH}
      maxLength={MAX_REASON_LENGTH}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    />
  );
}
