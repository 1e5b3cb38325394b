import { Button, Card, Divider, Group, NativeSelect, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { listMyMachines, listMySites, type MyMachine } from "@poterne/contract";
import { Navigate } from "@tanstack/react-router";
import { Fragment, lazy, Suspense } from "react";
import { type GrowingList, useCall, useList } from "../../api/use-call.ts";
import { useWords } from "../../i18n/tongue.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { ChoiceFilter, FilterBar, TextFilter } from "../../ui/filter-bar.tsx";
import { Page } from "../../ui/page.tsx";
import { PROTOCOL_CHOICES } from "../../ui/protocols.ts";
import { TableSkeleton } from "../../ui/table-skeleton.tsx";
import { type Filters, useFilters } from "../../ui/use-filters.ts";
import { TargetLine } from "./target-line.tsx";

/** Fetched when somebody wants the list instead of the cards. */
const MachineTable = lazy(async () => ({ default: (await import("./machine-table.tsx")).MachineTable }));

/** Fetched, with the words of administration, by who has nothing to open yet. */
const FirstSteps = lazy(async () => ({ default: (await import("../admin/first-steps.tsx")).FirstSteps }));

const LANDED_KEY = "poterne-landed";

/** My machines: what I can open now, by cards or list. */
export function MachinesPage() {
  const { machines } = useWords();
  const { filters } = useFilters();
  const { layout, ...query } = filters;
  const list = useList(listMyMachines, query);
  const single = singleTarget(list, filters);
  if (single !== null) {
    sessionStorage.setItem(LANDED_KEY, "yes");
    return <Navigate to={`/open/${single}`} />;
  }
  return (
    <Page title={machines.title} intro={machines.intro}>
      <MachineFilters />
      <MachineResults list={list} filters={query} isList={layout === "list"} />
    </Page>
  );
}

/** A person with one single way in lands on it, once per browser tab, so that the list stays reachable. */
function singleTarget(list: GrowingList<MyMachine>, filters: Filters): string | null {
  const isFirst = sessionStorage.getItem(LANDED_KEY) === null && Object.keys(filters).length === 0;
  const targets = list.items[0]?.targets ?? [];
  return isFirst && list.total === 1 && targets.length === 1 ? (targets[0]?.targetId ?? null) : null;
}

function MachineFilters() {
  const { machines } = useWords();
  const { filters, setFilter } = useFilters();
  const sites = useCall(listMySites);
  return (
    <FilterBar>
      <TextFilter name="search" label={machines.searchLabel} />
      <ChoiceFilter
        name="siteId"
        label={machines.site}
        choices={(sites.data?.items ?? []).map((site) => ({
          value: site.siteId,
          label: machines.siteWithCount(site.name, site.machineCount),
        }))}
      />
      <ChoiceFilter name="protocol" label={machines.protocol} choices={PROTOCOL_CHOICES} />
      <NativeSelect
        label={machines.view}
        value={filters.view ?? "all"}
        data={[
          { value: "all", label: machines.viewAll },
          { value: "favourites", label: machines.viewFavourites },
          { value: "recent", label: machines.viewRecent },
        ]}
        onChange={(event) => {
          const { value } = event.currentTarget;
          setFilter("view", value === "all" ? "" : value);
        }}
      />
      <NativeSelect
        label={machines.layout}
        value={filters.layout ?? "cards"}
        data={[
          { value: "cards", label: machines.asCards },
          { value: "list", label: machines.asList },
        ]}
        onChange={(event) => {
          const { value } = event.currentTarget;
          setFilter("layout", value === "cards" ? "" : value);
        }}
      />
    </FilterBar>
  );
}

function MachineResults(props: {
  readonly list: GrowingList<MyMachine>;
  readonly filters: Filters;
  readonly isList: boolean;
}) {
  const { common } = useWords();
  const { list } = props;
  if (list.error !== null && list.items.length === 0) {
    return <FailureView error={list.error} onRetry={list.reload} />;
  }
  if (list.isLoading) return <TableSkeleton label={common.loading} />;
  if (list.items.length === 0) return <NoMachine filters={props.filters} />;
  return (
    <Stack>
      {props.isList ? (
        <Suspense fallback={<TableSkeleton label={common.loading} />}>
          <MachineTable items={list.items} />
        </Suspense>
      ) : (
        <MachineCards items={list.items} />
      )}
      <Group justify="space-between">
        <Text size="sm" c="dimmed" role="status">
          {common.shownOf(list.items.length, list.total)}
        </Text>
        {list.canGrow && (
          <Button variant="default" size="xs" loading={list.isGrowing} onClick={list.grow}>
            {common.showMore}
          </Button>
        )}
      </Group>
    </Stack>
  );
}

function NoMachine({ filters }: { readonly filters: Filters }) {
  const { machines } = useWords();
  if (filters.view === "favourites") {
    return <EmptyState title={machines.emptyFilteredTitle} text={machines.emptyFavouritesText} />;
  }
  if (Object.keys(filters).length > 0) {
    return <EmptyState title={machines.emptyFilteredTitle} text={machines.emptyFilteredText} />;
  }
  return (
    <>
      <EmptyState title={machines.emptyTitle} text={machines.emptyText} />
      <Suspense fallback={null}>
        <FirstSteps />
      </Suspense>
    </>
  );
}

function MachineCards({ items }: { readonly items: readonly MyMachine[] }) {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
      {items.map((machine) => (
        <Card key={machine.machineId} withBorder className="machine-card" component="article">
          <Title order={2} size="h5">
            {machine.name}
          </Title>
          <Text size="xs" c="dimmed" mb="xs">
            {machine.sitePath.join(" / ")}
          </Text>
          <Stack gap="sm">
            {machine.targets.map((target, index) => (
              <Fragment key={target.targetId}>
                {index > 0 && <Divider />}
                <TargetLine machineName={machine.name} target={target} />
              </Fragment>
            ))}
          </Stack>
        </Card>
      ))}
    </SimpleGrid>
  );
}
