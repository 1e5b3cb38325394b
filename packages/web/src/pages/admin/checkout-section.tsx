import { Alert, Button, Checkbox, Group, NumberInput, Text, Textarea } from "@mantine/core";
import { type AccountRow, endCheckout, listCheckouts, setCheckoutRule } from "@poterne/contract";
import { useState } from "react";
import { useAction, useCall } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { FailureView } from "../../ui/failure-view.tsx";
import { FormModal } from "../../ui/form-modal.tsx";
import { Section } from "../../ui/section.tsx";
import { SimpleTable } from "../../ui/simple-table.tsx";
import { When } from "../../ui/when.tsx";

const FIRST_MINUTES = 240;
const LEAST_MINUTES = 5;

interface OfAccount {
  readonly account: AccountRow;
  readonly canWrite: boolean;
}

/** Whether an account is a shared one, who has it and who had it. */
export function CheckoutSection({ account, canWrite }: OfAccount) {
  const { checkouts } = useAdminWords();
  const [dialogue, setDialogue] = useState<"rule" | "end" | null>(null);
  const list = useCall(listCheckouts, { params: { accountId: account.accountId } });
  const items = list.data?.items ?? [];
  const isLent = items.some(({ endedAtMs }) => endedAtMs === null);
  const close = (): void => setDialogue(null);
  return (
    <Section
      title={checkouts.title}
      text={checkouts.text}
      actions={
        canWrite && (
          <Group gap="xs">
            {isLent && (
              <Button size="xs" color="red" variant="outline" onClick={() => setDialogue("end")}>
                {checkouts.takeBack}
              </Button>
            )}
            <Button size="xs" variant="default" onClick={() => setDialogue("rule")}>
              {checkouts.setRule}
            </Button>
          </Group>
        )
      }
    >
      {account.isChangeDue && <Alert color="orange">{checkouts.changeDue}</Alert>}
      <Text size="sm">
        {account.checkoutMinutes === null ? checkouts.notShared : checkouts.atMost(account.checkoutMinutes)}{" "}
        {account.changesAfterReturn && checkouts.changes}
      </Text>
      {list.error !== null && <FailureView error={list.error} />}
      <History items={items} isShared={account.checkoutMinutes !== null} />
      {dialogue === "rule" && <RuleForm account={account} onClose={close} />}
      {dialogue === "end" && <EndForm accountId={account.accountId} onClose={close} />}
    </Section>
  );
}

function History(props: {
  readonly items: readonly {
    readonly checkoutId: string;
    readonly personName: string;
    readonly reason: string;
    readonly takenAtMs: number;
    readonly endsAtMs: number;
    readonly endedAtMs: number | null;
    readonly endKind: "returned" | "expired" | "forced" | null;
    readonly endedByName: string | null;
  }[];
  readonly isShared: boolean;
}) {
  const { checkouts } = useAdminWords();
  if (props.items.length === 0)
    return props.isShared ? (
      <Text size="sm" c="dimmed">
        {checkouts.none}
      </Text>
    ) : null;
  return (
    <SimpleTable
      label={checkouts.title}
      headings={[checkouts.who, checkouts.reason, checkouts.from, checkouts.to, checkouts.end]}
      rows={props.items.map((item) => ({
        key: item.checkoutId,
        cells: [
          item.personName,
          item.reason,
          <When key="from" atMs={item.takenAtMs} />,
          <When key="to" atMs={item.endedAtMs ?? item.endsAtMs} />,
          item.endKind === null
            ? checkouts.lasts
            : `${checkouts.ends[item.endKind]}${item.endKind === "forced" ? ` (${item.endedByName ?? ""})` : ""}`,
        ],
      }))}
    />
  );
}

function RuleForm({ account, onClose }: { readonly account: AccountRow; readonly onClose: () => void }) {
  const { checkouts, common } = useAdminWords();
  const [isShared, setShared] = useState(account.checkoutMinutes !== null);
  const [minutes, setMinutes] = useState(account.checkoutMinutes ?? FIRST_MINUTES);
  const [changesAfterReturn, setChanges] = useState(account.changesAfterReturn);
  const action = useAction(setCheckoutRule, onClose);
  const submit = (): void => {
    const maxMinutes = isShared ? minutes : null;
    action.mutate({
      params: { accountId: account.accountId },
      body: { version: account.version, maxMinutes, changesAfterReturn: isShared && changesAfterReturn },
    });
  };
  return (
    <FormModal
      title={checkouts.setRule}
      action={common.save}
      onSubmit={submit}
      onClose={onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <Checkbox
        label={checkouts.isShared}
        checked={isShared}
        onChange={(event) => setShared(event.currentTarget.checked)}
      />
      {isShared && (
        <>
          <NumberInput
            label={checkouts.maxMinutes}
            min={LEAST_MINUTES}
            max={10_080}
            value={minutes}
            onChange={(value) => setMinutes(Number(value) || LEAST_MINUTES)}
          />
          <Checkbox
            label={checkouts.changesAfterReturn}
            checked={changesAfterReturn}
            onChange={(event) => setChanges(event.currentTarget.checked)}
          />
        </>
      )}
    </FormModal>
  );
}

function EndForm({ accountId, onClose }: { readonly accountId: string; readonly onClose: () => void }) {
  const { checkouts } = useAdminWords();
  const [reason, setReason] = useState("");
  const action = useAction(endCheckout, onClose);
  return (
    <FormModal
      title={checkouts.takeBack}
      action={checkouts.takeBack}
      onSubmit={() => action.mutate({ params: { accountId }, body: { reason } })}
      onClose={onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <Text size="sm">{checkouts.takeBackText}</Text>
      <Textarea
        label={checkouts.reason}
        required
        maxLength={1000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </FormModal>
  );
}
