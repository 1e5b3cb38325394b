import { Code, Modal, Stack, Text } from "@mantine/core";
import { type RecordingSummary, type RecordingVerdict, verifyRecording } from "@poterne/contract";
import { useEffect } from "react";
import { useAction } from "../../api/use-call.ts";
import { formatDateTime } from "../../i18n/format.ts";
import { useLanguage, useWords } from "../../i18n/tongue.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { PageLoader } from "../../ui/page-loader.tsx";
import { StateMark } from "../../ui/state-mark.tsx";
import { targetName } from "../../ui/target-name.ts";

const MARKS = {
  complete: "up",
  sealed: "degraded",
  unfinished: "degraded",
  shorter: "down",
  altered: "down",
  "not-a-recording": "down",
} as const;

/** Verifies a recording's file now and says what was found, in words. */
export function VerifyDialogue(props: { readonly row: RecordingSummary; readonly onClose: () => void }) {
  const { recordings, common } = useWords();
  const { row } = props;
  const action = useAction(verifyRecording);
  const { mutate } = action;
  useEffect(() => mutate({ params: { sessionId: row.sessionId } }), [mutate, row.sessionId]);
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={`${recordings.verifyTitle} : ${targetName(row.machineName, row.targetName)}`}
      closeButtonProps={{ "aria-label": common.close }}
    >
      {action.error !== null && <FailureView error={action.error} />}
      {action.isPending && <PageLoader />}
      {action.data !== undefined && <Verdict verdict={action.data} />}
    </Modal>
  );
}

function Verdict({ verdict }: { readonly verdict: RecordingVerdict }) {
  const { recordings } = useWords();
  const { language } = useLanguage();
  return (
    <Stack gap="xs" role="status">
      <StateMark state={MARKS[verdict.verdict]} word={recordings.verdicts[verdict.verdict]} />
      <Text size="sm">{recordings.verdictRecords(verdict.signedCount, verdict.recordCount)}</Text>
      {verdict.alteredAt !== null && <Text size="sm">{recordings.verdictAlteredAt(verdict.alteredAt)}</Text>}
      {verdict.signers.map((signer) => (
        <Text size="sm" key={signer.keyId}>
          {recordings.signer} <Code>{signer.keyId}</Code>,{" "}
          {signer.isTrusted ? recordings.trusted : recordings.untrusted}.
        </Text>
      ))}
      <Text size="xs" c="dimmed">
        {recordings.verifiedAt} {formatDateTime(language, verdict.verifiedAtMs)}
      </Text>
    </Stack>
  );
}
