import { Button, Group, Progress, Stack, Text } from "@mantine/core";
import { formatSize } from "../../i18n/format.ts";
import { useEntryWords, useLanguage } from "../../i18n/tongue.tsx";
import { describeFailure } from "../../ui/failure-text.ts";
import { useObservable } from "../use-observable.ts";
import { useSessionTexts } from "../use-texts.ts";
import type { Transfer, TransferQueue } from "./transfer-queue.ts";

/** The most transfers that are drawn; the others wait their turn unseen. */
const MAX_SHOWN = 50;

/** The uploads under way, with progress, cancel and resume. */
export function TransferList({ queue }: { readonly queue: TransferQueue }) {
  const transfers = useObservable(queue.transfers);
  const { files } = useSessionTexts();
  if (transfers.length === 0) return null;
  return (
    <Stack gap={6} p="sm" mah="35%" className="scroll-y">
      <Group justify="space-between">
        <Text size="sm" fw={600}>
          {files.transfers}
        </Text>
        <Button size="compact-xs" variant="default" onClick={() => queue.clearDone()}>
          {files.clearDone}
        </Button>
      </Group>
      {transfers.slice(0, MAX_SHOWN).map((transfer) => (
        <TransferRow key={transfer.transferId} transfer={transfer} queue={queue} />
      ))}
    </Stack>
  );
}

function TransferRow({ transfer, queue }: { readonly transfer: Transfer; readonly queue: TransferQueue }) {
  const { files } = useSessionTexts();
  const { language } = useLanguage();
  const words = useEntryWords();
  const { state, sentBytes, sizeBytes, error } = transfer;
  const percent = sizeBytes === 0 ? 100 : (sentBytes / sizeBytes) * 100;
  const isUnderWay = state === "running" || state === "waiting";
  return (
    <div>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text size="xs" truncate>
          {transfer.name}
        </Text>
        <Group gap="xs" wrap="nowrap">
          <Text size="xs" c="dimmed" className="numeric">
            {files.states[state]} · {formatSize(language, sentBytes)} / {formatSize(language, sizeBytes)}
          </Text>
          {isUnderWay && (
            <Button size="compact-xs" variant="default" onClick={() => queue.cancel(transfer.transferId)}>
              {files.cancel}
            </Button>
          )}
          {(state === "failed" || state === "cancelled") && (
            <Button size="compact-xs" variant="default" onClick={() => queue.resume(transfer.transferId)}>
              {files.resume}
            </Button>
          )}
        </Group>
      </Group>
      {state === "running" && (
        <Progress value={percent} size="sm" aria-label={files.progress(transfer.name)} />
      )}
      {error !== null && (
        <Text size="xs" c="red" role="alert">
          {describeFailure(error, words).what}
        </Text>
      )}
    </div>
  );
}
