import { Group, NativeSelect, Text } from "@mantine/core";
import { listSessions, type SessionRow } from "@poterne/contract";
import { useList } from "../../api/use-call.ts";
import { formatDuration } from "../../i18n/format.ts";
import { useLanguage, useWords } from "../../i18n/tongue.tsx";
import { useRight } from "../../shell/signed-in.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { DayFilter, dayEndMs, dayStartMs, FilterBar, TextFilter } from "../../ui/filter-bar.tsx";
import { AppLink } from "../../ui/link.tsx";
import { Page } from "../../ui/page.tsx";
import { StateMark } from "../../ui/state-mark.tsx";
import { targetName } from "../../ui/target-name.ts";
import { useFilters } from "../../ui/use-filters.ts";
import { When } from "../../ui/when.tsx";
import { SessionActions } from "./session-actions.tsx";

const REFRESH_MS = 3000;

/** Sessions under way at the sites one oversees, and those of before. */
export function LivePage() {
  const { live, common } = useWords();
  const { filters, setFilter } = useFilters();
  const isHistory = filters.show === "all";
  const list = useList(
    listSessions,
    {
      search: filters.search,
      fromMs: dayStartMs(filters.from),
      toMs: dayEndMs(filters.to),
      isLive: isHistory ? undefined : true,
    },
    { refreshMs: REFRESH_MS },
  );
  const columns = useColumns();
  return (
    <Page title={live.title} intro={live.intro}>
      <FilterBar>
        <TextFilter name="search" label={live.searchLabel} />
        <NativeSelect
          label={live.show}
          value={filters.show ?? ""}
          data={[
            { value: "", label: live.showLive },
            { value: "all", label: live.showEnded },
          ]}
          onChange={(event) => setFilter("show", event.currentTarget.value)}
        />
        {isHistory && (
          <>
            <DayFilter name="from" label={common.from} />
            <DayFilter name="to" label={common.to} />
          </>
        )}
      </FilterBar>
      <DataTable
        label={live.title}
        list={list}
        idOf={(row) => row.sessionId}
        columns={columns}
        empty={
          isHistory ? (
            <EmptyState title={live.emptyHistoryTitle} text={live.emptyHistoryText} />
          ) : (
            <EmptyState title={live.emptyTitle} text={live.emptyText} />
          )
        }
      />
    </Page>
  );
}

function useColumns(): readonly Column<SessionRow>[] {
  const { live, common } = useWords();
  const { language } = useLanguage();
  const canReplay = useRight("recordings:read");
  return [
    { key: "person", title: live.person, draw: (row) => row.personName },
    {
      key: "target",
      title: live.target,
      draw: (row) => (
        <>
          <Text size="sm">{targetName(row.machineName, row.targetName)}</Text>
          <Text size="xs" c="dimmed">
            {row.protocol.toUpperCase()} — {row.accountName}
            {row.ticketNumber !== "" && ` — ${live.ticket} ${row.ticketNumber}`}
            {row.reason !== "" && ` — ${row.reason}`}
          </Text>
        </>
      ),
    },
    { key: "opened", title: live.openedAt, draw: (row) => <When atMs={row.openedAtMs} /> },
    {
      key: "duration",
      title: live.duration,
      draw: (row) => formatDuration(language, (row.endedAtMs ?? Date.now()) - row.openedAtMs),
    },
    { key: "state", title: live.state, draw: (row) => <SessionState row={row} /> },
    {
      key: "watchers",
      title: live.watchers,
      draw: (row) =>
        row.viewers
          .filter((viewer) => viewer.role !== "controller")
          .map((viewer) => `${viewer.name} (${live.roles[viewer.role]})`)
          .join(", ") || live.nobody,
    },
    {
      key: "actions",
      title: common.actions,
      draw: (row) =>
        row.state === "ended" ? (
          canReplay && row.isRecorded && <AppLink to={`/recordings/${row.sessionId}`}>{live.replay}</AppLink>
        ) : (
          <SessionActions row={row} />
        ),
    },
  ];
}

function SessionState({ row }: { readonly row: SessionRow }) {
  const { live } = useWords();
  const mark = {
    opening: "unknown",
    waiting: "degraded",
    open: "up",
    detached: "degraded",
    ended: "unknown",
  } as const;
  return (
    <Group gap="xs">
      <StateMark state={mark[row.state]} word={live.states[row.state]} />
      {row.isPaused && <StateMark state="maintenance" word={live.paused} />}
      {row.isRecorded && row.state !== "ended" && <StateMark state="recording" word="REC" />}
    </Group>
  );
}
