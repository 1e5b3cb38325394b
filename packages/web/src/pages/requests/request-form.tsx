import { Checkbox, NativeSelect, NumberInput, Text, TextInput } from "@mantine/core";
import { type AccessRequestRow, createRequest, listRequestable } from "@poterne/contract";
import { useState } from "react";
import type { ReplyOf } from "../../api/call.ts";
import { useAction, useCall } from "../../api/use-call.ts";
import { FormModal } from "../../ui/form-modal.tsx";
import { readLocalTime } from "../../ui/local-time.ts";
import { PageLoader } from "../../ui/page-loader.tsx";
import { targetName } from "../../ui/target-name.ts";
import { useRequestWords } from "./use-request-words.ts";

type Requestable = ReplyOf<typeof listRequestable>["items"][number];

const FIRST_MINUTES = 60;

/** Asks for a target, or for more time on one: which, why, for how long, from when. */
export function RequestForm(props: {
  readonly targetId: string | null;
  readonly renews: AccessRequestRow | null;
  readonly onClose: () => void;
}) {
  const requests = useRequestWords();
  const { renews } = props;
  const list = useCall(listRequestable);
  const items = list.data?.items ?? [];
  const [fields, setFields] = useState({
    targetId: props.targetId ?? "",
    reason: renews?.reason ?? "",
    ticketNumber: renews?.ticketNumber ?? "",
    minutes: FIRST_MINUTES,
    from: "",
    isEmergency: false,
  });
  const chosen = items.find(({ targetId }) => targetId === fields.targetId) ?? items[0] ?? null;
  const action = useAction(createRequest, props.onClose);
  const change = (part: Partial<typeof fields>): void => setFields({ ...fields, ...part });
  const isEmergency = fields.isEmergency && renews === null && (chosen?.emergencyMinutes ?? null) !== null;
  const longest = isEmergency ? (chosen?.emergencyMinutes ?? 1) : (chosen?.maxMinutes ?? 1);
  const submit = (): void => {
    if (chosen === null) return;
    action.mutate({
      body: {
        targetId: chosen.targetId,
        reason: fields.reason,
        ticketNumber: fields.ticketNumber,
        minutes: Math.min(fields.minutes, longest),
        fromMs: isEmergency || renews !== null ? null : readLocalTime(fields.from),
        isEmergency,
        renewsRequestId: renews?.requestId ?? null,
      },
    });
  };
  return (
    <FormModal
      title={renews === null ? requests.ask : requests.renew}
      action={isEmergency ? requests.sendEmergency : requests.send}
      onSubmit={submit}
      onClose={props.onClose}
      isBusy={action.isPending}
      error={action.error ?? list.error}
    >
      {list.isPending && <PageLoader />}
      {list.data !== undefined && chosen === null && <Text size="sm">{requests.nothingRequestable}</Text>}
      {chosen !== null && (
        <>
          <NativeSelect
            label={requests.target}
            disabled={renews !== null}
            data={items.map((item) => ({ value: item.targetId, label: nameOf(item) }))}
            value={chosen.targetId}
            onChange={(event) => change({ targetId: event.currentTarget.value })}
          />
          <TextInput
            label={requests.reason}
            required
            maxLength={1000}
            data-autofocus
            value={fields.reason}
            onChange={(event) => change({ reason: event.currentTarget.value })}
          />
          <TextInput
            label={requests.ticket}
            required={chosen.needsTicket}
            maxLength={100}
            value={fields.ticketNumber}
            onChange={(event) => change({ ticketNumber: event.currentTarget.value })}
          />
          <NumberInput
            label={requests.minutes}
            description={requests.minutesHint(longest)}
            required
            min={1}
            max={longest}
            allowDecimal={false}
            value={Math.min(fields.minutes, longest)}
            onChange={(value) => change({ minutes: Number(value) || 1 })}
          />
          {renews === null && !isEmergency && (
            <TextInput
              type="datetime-local"
              label={requests.from}
              description={requests.fromHint}
              value={fields.from}
              onChange={(event) => change({ from: event.currentTarget.value })}
            />
          )}
          {renews === null && chosen.emergencyMinutes !== null && (
            <Checkbox
              label={requests.emergency}
              description={requests.emergencyHint}
              checked={isEmergency}
              onChange={(event) => change({ isEmergency: event.currentTarget.checked })}
            />
          )}
        </>
      )}
    </FormModal>
  );
}

function nameOf({ machineName, name, protocol }: Requestable): string {
  return `${targetName(machineName, name)} (${protocol.toUpperCase()})`;
}
