import { Badge, Group, Text } from "@mantine/core";
import { listRecordings, type RecordingSummary } from "@poterne/contract";
import { useList } from "../../api/use-call.ts";
import { formatDate, formatDuration, formatSize } from "../../i18n/format.ts";
import { useLanguage, useWords } from "../../i18n/tongue.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import {
  ChoiceFilter,
  DayFilter,
  dayEndMs,
  dayStartMs,
  FilterBar,
  TextFilter,
} from "../../ui/filter-bar.tsx";
import { Page } from "../../ui/page.tsx";
import { PROTOCOL_CHOICES } from "../../ui/protocols.ts";
import { StateMark } from "../../ui/state-mark.tsx";
import { targetName } from "../../ui/target-name.ts";
import { useFilters } from "../../ui/use-filters.ts";
import { When } from "../../ui/when.tsx";
import { RecordingActions } from "./recording-actions.tsx";

const REFRESH_MS = 15_000;

/** Recorded sessions of the sites one oversees, newest first. */
export function RecordingsPage() {
  const { recordings, common } = useWords();
  const { filters } = useFilters();
  const { from, to, ...query } = filters;
  const list = useList(
    listRecordings,
    { ...query, fromMs: dayStartMs(from), toMs: dayEndMs(to) },
    { refreshMs: REFRESH_MS },
  );
  return (
    <Page title={recordings.title} intro={recordings.intro}>
      <FilterBar>
        <TextFilter name="search" label={recordings.searchLabel} />
        <DayFilter name="from" label={common.from} />
        <DayFilter name="to" label={common.to} />
        <ChoiceFilter name="protocol" label={recordings.protocol} choices={PROTOCOL_CHOICES} />
        <ChoiceFilter
          name="integrity"
          label={recordings.integrity}
          choices={Object.entries(recordings.integrityStates).map(([value, label]) => ({ value, label }))}
        />
        <ChoiceFilter
          name="isOnHold"
          label={recordings.hold}
          choices={[
            { value: "true", label: common.yes },
            { value: "false", label: common.no },
          ]}
        />
      </FilterBar>
      <DataTable
        label={recordings.title}
        list={list}
        idOf={(row) => row.sessionId}
        columns={useColumns()}
        empty={<EmptyState title={recordings.emptyTitle} text={recordings.emptyText} />}
      />
    </Page>
  );
}

function useColumns(): readonly Column<RecordingSummary>[] {
  const { recordings, common } = useWords();
  const { language } = useLanguage();
  return [
    { key: "person", title: recordings.person, draw: (row) => row.personName },
    {
      key: "target",
      title: recordings.target,
      draw: (row) => (
        <>
          <Text size="sm">{targetName(row.machineName, row.targetName)}</Text>
          <Text size="xs" c="dimmed">
            {row.protocol.toUpperCase()} — {row.accountName}
            {row.reason !== "" && ` — ${row.reason}`}
          </Text>
        </>
      ),
    },
    { key: "started", title: recordings.started, draw: (row) => <When atMs={row.startedAtMs} /> },
    {
      key: "duration",
      title: recordings.duration,
      draw: (row) => formatDuration(language, row.durationMs),
    },
    {
      key: "size",
      title: recordings.size,
      draw: (row) => formatSize(language, row.sizeBytes),
      isNumeric: true,
    },
    { key: "integrity", title: recordings.integrity, draw: (row) => <Integrity row={row} /> },
    {
      key: "actions",
      title: common.actions,
      draw: (row) => (row.integrity === "deleted" ? null : <RecordingActions row={row} />),
    },
  ];
}

const MARKS = {
  running: "recording",
  unfinished: "degraded",
  complete: "up",
  sealed: "degraded",
  shorter: "down",
  altered: "down",
  missing: "down",
  deleted: "unknown",
} as const;

function Integrity({ row }: { readonly row: RecordingSummary }) {
  const { recordings } = useWords();
  const { language } = useLanguage();
  return (
    <>
      <Group gap="xs">
        <StateMark state={MARKS[row.integrity]} word={recordings.integrityStates[row.integrity]} />
        {row.isOnHold && (
          <Badge variant="default" size="sm" tt="none">
            {recordings.onHold}
          </Badge>
        )}
      </Group>
      <Text size="xs" c="dimmed">
        {[
          row.expiresAtMs === null ? "" : recordings.expires(formatDate(language, row.expiresAtMs)),
          row.commentCount === 0 ? "" : recordings.comments(row.commentCount),
        ]
          .filter((part) => part !== "")
          .join(" · ")}
      </Text>
    </>
  );
}
