import { Button, Stack, Textarea, TextInput } from "@mantine/core";
import type { MyTarget } from "@poterne/contract";
import { type SyntheticEvent, useState } from "react";
import { useWords } from "../../i18n/tongue.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { AccountChoice } from "./account-choice.tsx";
import { useConnect } from "./use-connect.tsx";

const MAX_REASON_LENGTH = 500;
const MAX_TICKET_LENGTH = 100;

/** The questions a target asks before it opens, and only those. */
export function ConnectForm({ target }: { readonly target: MyTarget }) {
  const { machines } = useWords();
  const connect = useConnect(target);
  const [reason, setReason] = useState("");
  const [ticketNumber, setTicketNumber] = useState("");
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    connect.open({ reason, ticketNumber });
  };
  return (
    <>
      {connect.question}
      <form onSubmit={submit}>
        <Stack>
          {connect.error !== null && <FailureView error={connect.error} />}
          <AccountChoice target={target} connect={connect} />
          {target.facts.needsReason === "ticket" && (
            <TextInput
              label={machines.ticket}
              required
              maxLength={MAX_TICKET_LENGTH}
              value={ticketNumber}
              onChange={(event) => setTicketNumber(event.currentTarget.value)}
            />
          )}
          {target.facts.needsReason !== "none" && (
            <Textarea
              label={machines.reason}
              description={machines.reasonHint}
              required={target.facts.needsReason === "reason"}
              autosize
              maxLength={MAX_REASON_LENGTH}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
          )}
          <Button type="submit" loading={connect.isBusy}>
            {machines.connect}
          </Button>
        </Stack>
      </form>
    </>
  );
}
