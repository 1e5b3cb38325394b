import { Button, NativeSelect, Stack, Textarea, TextInput } from "@mantine/core";
import type { MyTarget } from "@poterne/contract";
import { type SyntheticEvent, useState } from "react";
import { useWords } from "../../i18n/tongue.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { type Connect, useConnect } from "./use-connect.tsx";

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

/** Which account opens the target; nothing at all when there is one only. */
export function AccountChoice(props: {
  readonly target: MyTarget;
  readonly connect: Connect;
  readonly isCompact?: boolean;
}) {
  const { machines } = useWords();
  const { target, connect } = props;
  if (target.accounts.length < 2) return null;
  return (
    <NativeSelect
      size={props.isCompact ? "xs" : "sm"}
      maw={220}
      {...(props.isCompact ? { "aria-label": machines.accountOf(target.name) } : { label: machines.account })}
      value={connect.accountId}
      data={target.accounts.map((account) => ({
        value: account.accountId,
        label: account.kind === "ask" ? machines.accountAsk(account.name) : account.name,
      }))}
      onChange={(event) => connect.chooseAccount(event.currentTarget.value)}
    />
  );
}
