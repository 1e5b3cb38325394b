import { Button, Group, Stack, Text, Textarea, TextInput } from "@mantine/core";
import {
  type AccessRequestRow,
  closeEmergency,
  decideRequest,
  reportEmergency,
  revokeRequest,
  withdrawRequest,
} from "@poterne/contract";
import { useState } from "react";
import { useAction } from "../../api/use-call.ts";
import { useConfirm } from "../../ui/confirm.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { FormModal } from "../../ui/form-modal.tsx";
import { ButtonLink } from "../../ui/link.tsx";
import { RequestForm } from "./request-form.tsx";
import { useRequestWords } from "./use-request-words.ts";
import { VoteForm } from "./vote-form.tsx";

interface OfRequest {
  readonly request: AccessRequestRow;
}

/** What an approver can do: vote while it waits, revoke while it runs; an administrator closes what nobody reports. */
export function ApproverActs({ request }: OfRequest) {
  const requests = useRequestWords();
  const confirm = useConfirm();
  const [isClosing, setClosing] = useState(false);
  const decide = useAction(decideRequest);
  const revoke = useAction(revokeRequest);
  const params = { requestId: request.requestId };
  const askRevoke = async (): Promise<void> => {
    const title = requests.revoke;
    if (await confirm({ title, text: requests.revokeText, action: title })) revoke.mutate({ params });
  };
  const error = decide.error ?? revoke.error;
  return (
    <>
      {error !== null && <FailureView error={error} />}
      {request.canDecide && (
        <VoteForm isPending={decide.isPending} onVote={(body) => decide.mutate({ params, body })} />
      )}
      {(request.canRevoke || request.canClose) && (
        <Group>
          {request.canRevoke && (
            <Button
              size="xs"
              variant="outline"
              color="red"
              loading={revoke.isPending}
              onClick={() => void askRevoke()}
            >
              {requests.revoke}
            </Button>
          )}
          {request.canClose && (
            <Button size="xs" variant="default" onClick={() => setClosing(true)}>
              {requests.close}
            </Button>
          )}
        </Group>
      )}
      {isClosing && <CloseForm requestId={request.requestId} onClose={() => setClosing(false)} />}
    </>
  );
}

/** What who asked can do: open, prolong, give back, withdraw, report. */
export function AskerActs({ request }: OfRequest) {
  const requests = useRequestWords();
  const [dialogue, setDialogue] = useState<"report" | "renew" | null>(null);
  const withdraw = useAction(withdrawRequest);
  const { state, requestId, target, isReportDue } = request;
  const isRunning = state === "approved";
  const isUnreported = request.isEmergency && request.report === null && (isRunning || isReportDue);
  if (!isRunning && state !== "pending" && !isReportDue) return null;
  const isOpen = isRunning && request.fromMs <= Date.now();
  return (
    <>
      {withdraw.error !== null && <FailureView error={withdraw.error} />}
      <Group gap="xs">
        {isOpen && (
          <ButtonLink size="xs" to={`/open/${target.targetId}`}>
            {requests.open}
          </ButtonLink>
        )}
        {isRunning && !isUnreported && (
          <Button size="xs" variant="default" onClick={() => setDialogue("renew")}>
            {requests.renew}
          </Button>
        )}
        {(isRunning || state === "pending") && (
          <Button
            size="xs"
            variant="default"
            loading={withdraw.isPending}
            onClick={() => withdraw.mutate({ params: { requestId } })}
          >
            {isRunning ? requests.giveBack : requests.withdraw}
          </Button>
        )}
        {isUnreported && (
          <Button
            size="xs"
            variant={isReportDue ? "filled" : "default"}
            onClick={() => setDialogue("report")}
          >
            {requests.report}
          </Button>
        )}
      </Group>
      {dialogue === "report" && <ReportForm requestId={requestId} onClose={() => setDialogue(null)} />}
      {dialogue === "renew" && (
        <RequestForm targetId={target.targetId} renews={request} onClose={() => setDialogue(null)} />
      )}
    </>
  );
}

function CloseForm(props: { readonly requestId: string; readonly onClose: () => void }) {
  const requests = useRequestWords();
  const [comment, setComment] = useState("");
  const action = useAction(closeEmergency, props.onClose);
  return (
    <FormModal
      title={requests.close}
      action={requests.close}
      onSubmit={() => action.mutate({ params: { requestId: props.requestId }, body: { comment } })}
      onClose={props.onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <Stack gap="xs">
        <Text size="sm">{requests.closeText}</Text>
        <TextInput
          label={requests.closeReason}
          required
          minLength={20}
          maxLength={1000}
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
        />
      </Stack>
    </FormModal>
  );
}

function ReportForm(props: { readonly requestId: string; readonly onClose: () => void }) {
  const requests = useRequestWords();
  const [report, setReport] = useState("");
  const action = useAction(reportEmergency, props.onClose);
  return (
    <FormModal
      title={requests.report}
      action={requests.reportSend}
      onSubmit={() => action.mutate({ params: { requestId: props.requestId }, body: { report } })}
      onClose={props.onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <Stack gap="xs">
        <Text size="sm">{requests.reportText}</Text>
        <Textarea
          label={requests.report}
          required
          minLength={20}
          maxLength={4000}
          autosize
          minRows={5}
          value={report}
          onChange={(event) => setReport(event.currentTarget.value)}
        />
      </Stack>
    </FormModal>
  );
}
