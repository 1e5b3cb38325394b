import { Button, Checkbox, Group, Text } from "@mantine/core";
import { listUnusedRights, type UnusedKind, type UnusedRow } from "@poterne/contract";
import { useState } from "react";
import { useCall } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { formatDate } from "../../i18n/format.ts";
import { useLanguage } from "../../i18n/tongue.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { ChoiceFilter, FilterBar, TextFilter } from "../../ui/filter-bar.tsx";
import { AppLink } from "../../ui/link.tsx";
import { Page } from "../../ui/page.tsx";
import { PageLoader } from "../../ui/page-loader.tsx";
import { saveText } from "../../ui/save-file.ts";
import { SimpleTable } from "../../ui/simple-table.tsx";
import { useFilters } from "../../ui/use-filters.ts";
import { toCsv } from "./unused-acts.ts";
import { UnusedBulk } from "./unused-bulk.tsx";

/** Beside the ninety that stand for no choice. */
const DAYS = [30, 60, 180, 365] as const;
const FIRST_DAYS = 90;
const NOTHING: ReadonlySet<string> = new Set();

/** Rights that nobody used for some days, to take away or to print; the filters are in the address. */
export function UnusedPage() {
  const { unused } = useAdminWords();
  const { filters } = useFilters();
  const [ticked, setTicked] = useState<ReadonlySet<string>>(NOTHING);
  const days = Number(filters.days ?? FIRST_DAYS) || FIRST_DAYS;
  const { search, kind } = filters;
  const list = useCall(listUnusedRights, {
    query: { days, ...(search ? { search } : {}), ...(kind ? { kind: kind as UnusedKind } : {}) },
  });
  const items = list.data?.items ?? [];
  const chosen = items.filter((row) => ticked.has(keyOf(row)));
  return (
    <Page title={unused.title} intro={unused.intro} actions={<Takeaways items={items} days={days} />}>
      <div className="not-printed">
        <FilterBar>
          <ChoiceFilter
            name="days"
            label={unused.days}
            choices={DAYS.map((count) => ({ value: String(count), label: unused.daysCount(count) }))}
            none={unused.daysCount(FIRST_DAYS)}
          />
          <ChoiceFilter
            name="kind"
            label={unused.kind}
            choices={Object.entries(unused.kinds).map(([value, label]) => ({ value, label }))}
          />
          <TextFilter name="search" label={unused.search} />
        </FilterBar>
      </div>
      {list.error !== null && <FailureView error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <PageLoader />}
      {list.data !== undefined && <Basis {...list.data} />}
      {chosen.length > 0 && <UnusedBulk rows={chosen} onDone={() => setTicked(NOTHING)} />}
      {items.length > 0 && <Rows items={items} ticked={ticked} onTick={setTicked} />}
      {list.data !== undefined && items.length === 0 && <Text>{unused.empty}</Text>}
    </Page>
  );
}

function keyOf({ kind, objectId, groupId }: UnusedRow): string {
  return `${kind}/${objectId}/${groupId ?? ""}`;
}

/** A day in the person's language; "never" for null. */
function useDay(): (atMs: number | null) => string {
  const { common } = useAdminWords();
  const { language } = useLanguage();
  return (atMs) => (atMs === null ? common.never : formatDate(language, atMs));
}

function Takeaways({ items, days }: { readonly items: readonly UnusedRow[]; readonly days: number }) {
  const { unused } = useAdminWords();
  const day = useDay();
  const save = (): void => {
    const headings = [unused.kind, unused.name, unused.detail, unused.last, unused.created];
    const lines = items.map((row) => [
      unused.kinds[row.kind],
      row.name,
      row.detail,
      day(row.lastUsedMs),
      day(row.createdAtMs),
    ]);
    saveText(`poterne-${days}.csv`, toCsv([headings, ...lines]), "text/csv");
  };
  return (
    <Group gap="xs" className="not-printed">
      <Button variant="default" onClick={() => window.print()}>
        {unused.print}
      </Button>
      <Button variant="default" disabled={items.length === 0} onClick={save}>
        {unused.csv}
      </Button>
    </Group>
  );
}

/** Since when, and what is not known. */
function Basis(props: {
  readonly sinceMs: number;
  readonly knownSinceMs: number | null;
  readonly isCut: boolean;
  readonly items: readonly UnusedRow[];
}) {
  const { unused } = useAdminWords();
  const day = useDay();
  const isUnsure = props.knownSinceMs !== null && props.knownSinceMs > props.sinceMs;
  return (
    <Text size="sm">
      {unused.since} {day(props.sinceMs)}.{" "}
      {props.knownSinceMs === null ? (
        unused.noSession
      ) : (
        <>
          {unused.knownSince} {day(props.knownSinceMs)}. {isUnsure && unused.unknownBefore}
        </>
      )}{" "}
      {props.items.some(({ kind }) => kind === "membership") && unused.membershipNote}{" "}
      {props.isCut && unused.cut}
    </Text>
  );
}

function placeOf({ kind, objectId, groupId }: UnusedRow): string {
  if (kind === "grant") return "/admin/grants";
  if (kind === "account") return `/admin/accounts/${objectId}`;
  return kind === "person" ? `/admin/people/${objectId}` : `/admin/groups/${groupId ?? ""}`;
}

function Rows(props: {
  readonly items: readonly UnusedRow[];
  readonly ticked: ReadonlySet<string>;
  readonly onTick: (ticked: ReadonlySet<string>) => void;
}) {
  const { unused } = useAdminWords();
  const day = useDay();
  const { items, ticked, onTick } = props;
  const tick = (key: string): void => {
    const next = new Set(ticked);
    if (!next.delete(key)) next.add(key);
    onTick(next);
  };
  return (
    <>
      <Checkbox
        className="not-printed"
        label={unused.chooseAll}
        checked={ticked.size === items.length}
        indeterminate={ticked.size > 0 && ticked.size < items.length}
        onChange={() => onTick(ticked.size === items.length ? NOTHING : new Set(items.map(keyOf)))}
      />
      <SimpleTable
        label={unused.title}
        headings={[unused.kind, unused.name, unused.detail, unused.last, unused.created]}
        rows={items.map((row) => ({
          key: keyOf(row),
          cells: [
            <Group key="kind" gap="xs" wrap="nowrap">
              <Checkbox
                className="not-printed"
                aria-label={unused.choose(row.name)}
                checked={ticked.has(keyOf(row))}
                onChange={() => tick(keyOf(row))}
              />
              {unused.kinds[row.kind]}
            </Group>,
            <AppLink key="name" to={placeOf(row)}>
              {row.name}
            </AppLink>,
            row.detail,
            day(row.lastUsedMs),
            day(row.createdAtMs),
          ],
        }))}
      />
    </>
  );
}
