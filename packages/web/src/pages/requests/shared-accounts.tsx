import { Button, Group, NumberInput, Stack, Text, Textarea } from "@mantine/core";
import { listMyCheckouts, type MyCheckout, returnCheckout, takeCheckout } from "@poterne/contract";
import { useState } from "react";
import { useAction, useCall } from "../../api/use-call.ts";
import { useConfirm } from "../../ui/confirm.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { FormModal } from "../../ui/form-modal.tsx";
import { Section } from "../../ui/section.tsx";
import { StateMark } from "../../ui/state-mark.tsx";
import { showFailure } from "../../ui/use-deletion.tsx";
import { When } from "../../ui/when.tsx";
import { useSharedWords } from "./shared-accounts-words.ts";

const REFRESH_MS = 10_000;
const FIRST_MINUTES = 60;
const LEAST_MINUTES = 5;

/** The shared accounts somebody may check out, and who has each; nothing without any. */
export function SharedAccounts() {
  const words = useSharedWords();
  const list = useCall(listMyCheckouts, {}, { refreshMs: REFRESH_MS });
  const items = list.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Section title={words.title} text={words.text}>
      {list.error !== null && <FailureView error={list.error} />}
      <Stack gap="sm">
        {items.map((account) => (
          <AccountLine key={account.accountId} account={account} />
        ))}
      </Stack>
    </Section>
  );
}

function AccountLine({ account }: { readonly account: MyCheckout }) {
  const words = useSharedWords();
  const [isTaking, setTaking] = useState(false);
  const { holder, isMine } = account;
  const word = isMine ? words.mine : holder === null ? words.free : words.heldBy(holder.name);
  return (
    <Group justify="space-between" gap="sm">
      <Stack gap={2}>
        <Text fw={600}>{account.name}</Text>
        <Group gap="xs">
          <StateMark state={holder === null ? "up" : isMine ? "maintenance" : "degraded"} word={word} />
          {holder !== null && (
            <Text size="sm">
              {words.until} <When atMs={holder.endsAtMs} />
            </Text>
          )}
        </Group>
        {holder !== null && (
          <Text size="sm" c="dimmed">
            {words.reasonOf(holder.reason)}
          </Text>
        )}
      </Stack>
      {holder === null && <Button onClick={() => setTaking(true)}>{words.take}</Button>}
      {isMine && <ReturnButton account={account} />}
      {isTaking && <TakeForm account={account} onClose={() => setTaking(false)} />}
    </Group>
  );
}

function ReturnButton({ account }: { readonly account: MyCheckout }) {
  const words = useSharedWords();
  const confirm = useConfirm();
  const action = useAction(returnCheckout);
  const giveBack = async (): Promise<void> => {
    const title = `${words.giveBack} : ${account.name}`;
    if (!(await confirm({ title, text: words.giveBackText, action: words.giveBack }))) return;
    action.mutate({ params: { accountId: account.accountId } }, { onError: showFailure });
  };
  return (
    <Button variant="default" loading={action.isPending} onClick={() => void giveBack()}>
      {words.giveBack}
    </Button>
  );
}

function TakeForm({ account, onClose }: { readonly account: MyCheckout; readonly onClose: () => void }) {
  const words = useSharedWords();
  const { accountId, maxMinutes } = account;
  const [reason, setReason] = useState("");
  const [minutes, setMinutes] = useState(Math.min(FIRST_MINUTES, maxMinutes));
  const action = useAction(takeCheckout, onClose);
  return (
    <FormModal
      title={words.takeTitle(account.name)}
      action={words.take}
      onSubmit={() => action.mutate({ body: { accountId, reason, minutes } })}
      onClose={onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <Textarea
        label={words.reason}
        description={words.reasonHint}
        required
        maxLength={1000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <NumberInput
        label={words.minutes}
        description={words.atMost(maxMinutes)}
        min={LEAST_MINUTES}
        max={maxMinutes}
        value={minutes}
        onChange={(value) => setMinutes(Number(value) || LEAST_MINUTES)}
      />
    </FormModal>
  );
}
