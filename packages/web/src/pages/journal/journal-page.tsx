import { ActionIcon, Alert, Button, Group, Text } from "@mantine/core";
import {
  exportJournalCsv,
  exportJournalJson,
  type JournalItem,
  listJournal,
  listUnreadAlarms,
  MIN_JOURNAL_SEARCH_LENGTH,
  markAlarmsRead,
  readJournalEntry,
} from "@poterne/contract";
import { useState } from "react";
import { buildPath } from "../../api/call.ts";
import { useAction, useCall, useList } from "../../api/use-call.ts";
import { useWords } from "../../i18n/tongue.tsx";
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
import { Icon } from "../../ui/icons.tsx";
import { Page } from "../../ui/page.tsx";
import { Section } from "../../ui/section.tsx";
import { StateMark } from "../../ui/state-mark.tsx";
import { type Filters, useFilters } from "../../ui/use-filters.ts";
import { When } from "../../ui/when.tsx";
import { ChainState } from "./chain-state.tsx";
import { EntryDetail } from "./entry-detail.tsx";

const KIND_SHAPE = /^[a-z-]{1,40}\.[a-z-]{0,40}$/;

/** The filters of the URL as the API wants them; what is not whole yet is left out while it is typed. */
function toQuery(filters: Filters): Readonly<Record<string, unknown>> {
  const { from, to, search = "", kind = "", entry: _linked, ...others } = filters;
  const lastMs = dayEndMs(to);
  return {
    ...others,
    fromMs: dayStartMs(from),
    toMs: lastMs === undefined ? undefined : lastMs + 1,
    search: search.length >= MIN_JOURNAL_SEARCH_LENGTH ? search : undefined,
    kind: KIND_SHAPE.test(kind) ? kind : undefined,
  };
}

/** The journal: filters in the URL, entries that unfold, export, and the state of the chain. */
export function JournalPage() {
  const { journal, common } = useWords();
  const { filters } = useFilters();
  const query = toQuery(filters);
  const list = useList(listJournal, query);
  const [openId, setOpenId] = useState<string | null>(null);
  return (
    <Page
      title={journal.title}
      intro={journal.intro}
      actions={
        <>
          <Button component="a" variant="default" href={buildPath(exportJournalCsv.path, {}, query)} download>
            {journal.exportCsv}
          </Button>
          <Button
            component="a"
            variant="default"
            href={buildPath(exportJournalJson.path, {}, query)}
            download
          >
            {journal.exportJson}
          </Button>
        </>
      }
    >
      {filters.entry !== undefined && <LinkedEntry key={filters.entry} entryId={filters.entry} />}
      <ChainState />
      <Alarms />
      <FilterBar>
        <TextFilter name="search" label={journal.searchLabel} />
        <TextFilter name="kind" label={journal.kind} width={200} />
        <ChoiceFilter
          name="level"
          label={journal.level}
          choices={Object.entries(journal.levels).map(([value, label]) => ({ value, label }))}
        />
        <DayFilter name="from" label={common.from} />
        <DayFilter name="to" label={common.to} />
      </FilterBar>
      <DataTable
        label={journal.title}
        list={list}
        idOf={(row) => row.entryId}
        columns={useColumns(openId, setOpenId)}
        below={(row) => (row.entryId === openId ? <EntryDetail entryId={row.entryId} /> : null)}
        empty={<EmptyState title={journal.emptyTitle} text={journal.emptyText} />}
      />
    </Page>
  );
}

/** The entry that a link of another page leads to. */
function LinkedEntry({ entryId }: { readonly entryId: string }) {
  const { journal } = useWords();
  const { data } = useCall(readJournalEntry, { params: { entryId } });
  return (
    <Section title={`${journal.details}${data === undefined ? "" : ` — ${data.kind}`}`}>
      {data !== undefined && (
        <Text size="sm">
          <When atMs={data.atMs} /> {data.actor.name}
        </Text>
      )}
      <EntryDetail entryId={entryId} />
    </Section>
  );
}

const MARKS = { info: "up", notice: "degraded", alarm: "down" } as const;

function useColumns(
  openId: string | null,
  setOpenId: (id: string | null) => void,
): readonly Column<JournalItem>[] {
  const { journal } = useWords();
  return [
    {
      key: "open",
      title: journal.details,
      draw: (row) => (
        <ActionIcon
          variant="subtle"
          aria-expanded={row.entryId === openId}
          aria-label={`${row.entryId === openId ? journal.hide : journal.show} : ${row.kind}`}
          onClick={() => setOpenId(row.entryId === openId ? null : row.entryId)}
        >
          <Icon.expand size={16} aria-hidden />
        </ActionIcon>
      ),
    },
    { key: "at", title: journal.at, draw: (row) => <When atMs={row.atMs} /> },
    {
      key: "level",
      title: journal.level,
      draw: (row) => <StateMark state={MARKS[row.level]} word={journal.levels[row.level]} />,
    },
    { key: "kind", title: journal.kind, draw: (row) => row.kind },
    { key: "actor", title: journal.actor, draw: (row) => row.actor.name || journal.system },
    { key: "address", title: journal.address, draw: (row) => row.sourceAddress },
    {
      key: "what",
      title: journal.what,
      draw: (row) => (
        <Text size="xs" c="dimmed" maw={420} lineClamp={2}>
          {summarise(row)}
        </Text>
      ),
    },
  ];
}

function summarise(row: JournalItem): string {
  return Object.entries(row.details)
    .filter(([name]) => !name.startsWith("before."))
    .map(([name, value]) => `${name.replace(/^after\./, "")} = ${String(value)}`)
    .join(", ");
}

function Alarms() {
  const { journal } = useWords();
  const alarms = useCall(listUnreadAlarms);
  const read = useAction(markAlarmsRead);
  const first = alarms.data?.items[0];
  if (first === undefined) return null;
  return (
    <Alert color="red" variant="outline" title={journal.alarms(alarms.data?.unreadCount ?? 0)}>
      <Group justify="space-between">
        <Text size="sm">
          {first.kind} — <When atMs={first.atMs} />
        </Text>
        <Button
          size="xs"
          variant="default"
          loading={read.isPending}
          onClick={() => read.mutate({ body: { upToEntryId: first.entryId } })}
        >
          {journal.alarmsRead}
        </Button>
      </Group>
    </Alert>
  );
}
