import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { previewRetention, runRetention } from "@poterne/contract";
import { useState } from "react";
import { useAction, useCall } from "../../api/use-call.ts";
import { formatDuration, formatSize } from "../../i18n/format.ts";
import { useLanguage, useWords } from "../../i18n/tongue.tsx";
import { useConfirm } from "../../ui/confirm.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { dayEndMs } from "../../ui/filter-bar.tsx";
import { Page } from "../../ui/page.tsx";
import { PageLoader } from "../../ui/page-loader.tsx";
import { Section } from "../../ui/section.tsx";
import { SimpleTable } from "../../ui/simple-table.tsx";
import { StateMark } from "../../ui/state-mark.tsx";
import { targetName } from "../../ui/target-name.ts";
import { When } from "../../ui/when.tsx";

/** What retention would delete at a date, the disk's state, and running it now. */
export function RetentionPage() {
  const { recordings } = useWords();
  const { language } = useLanguage();
  const confirm = useConfirm();
  const [day, setDay] = useState("");
  const atMs = dayEndMs(day);
  const preview = useCall(previewRetention, { query: atMs === undefined ? {} : { atMs } });
  const run = useAction(runRetention);
  const askRun = async (): Promise<void> => {
    const isSure = await confirm({
      title: recordings.retentionRun,
      text: recordings.retentionRunText,
      action: recordings.retentionRun,
    });
    if (isSure) run.mutate({});
  };
  return (
    <Page
      title={recordings.retentionTitle}
      intro={recordings.retentionIntro}
      actions={
        <Button color="red" loading={run.isPending} onClick={() => void askRun()}>
          {recordings.retentionRun}
        </Button>
      }
    >
      {run.error !== null && <FailureView error={run.error} />}
      {run.data !== undefined && (
        <Text role="status">
          {recordings.retentionDone(run.data.deletedCount, formatSize(language, run.data.deletedBytes))}
        </Text>
      )}
      <Group>
        <TextInput
          type="date"
          label={recordings.retentionDate}
          value={day}
          onChange={(event) => setDay(event.currentTarget.value)}
        />
      </Group>
      {preview.error !== null && <FailureView error={preview.error} onRetry={() => void preview.refetch()} />}
      {preview.isPending && <PageLoader />}
      {preview.data !== undefined && (
        <Stack>
          <DiskSection disk={preview.data.disk} />
          {preview.data.total === 0 ? (
            <EmptyState title={recordings.retentionNothing} text={recordings.retentionNothingText} />
          ) : (
            <Section
              title={recordings.retentionWould(
                preview.data.total,
                formatSize(language, preview.data.totalBytes),
              )}
              text={recordings.retentionHeld(preview.data.heldCount)}
            >
              <SimpleTable
                label={recordings.retentionTitle}
                headings={[recordings.person, recordings.target, recordings.started, recordings.duration]}
                rows={preview.data.items.map((row) => ({
                  key: row.sessionId,
                  cells: [
                    row.personName,
                    targetName(row.machineName, row.targetName),
                    <When key="started" atMs={row.startedAtMs} />,
                    formatDuration(language, row.durationMs),
                  ],
                }))}
              />
            </Section>
          )}
        </Stack>
      )}
    </Page>
  );
}

function DiskSection(props: {
  readonly disk: {
    readonly freeBytes: number;
    readonly totalBytes: number;
    readonly minimumFreeBytes: number;
    readonly state: "ok" | "low" | "full";
  };
}) {
  const { recordings } = useWords();
  const { language } = useLanguage();
  const { disk } = props;
  const mark = { ok: "up", low: "degraded", full: "down" } as const;
  return (
    <Section title={recordings.disk}>
      <StateMark state={mark[disk.state]} word={recordings.diskStates[disk.state]} />
      <Text size="sm">
        {recordings.diskFree(formatSize(language, disk.freeBytes), formatSize(language, disk.totalBytes))}
      </Text>
      <Text size="sm" c="dimmed">
        {recordings.diskMinimum(formatSize(language, disk.minimumFreeBytes))}
      </Text>
    </Section>
  );
}
