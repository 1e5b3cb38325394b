import { Button, Text } from "@mantine/core";
import { exportMachines, listMachines, listSites, type MachineRow } from "@poterne/contract";
import { useState } from "react";
import { buildPath } from "../../api/call.ts";
import { useCall, useList } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { useRight } from "../../shell/signed-in.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ChoiceFilter, FilterBar, TextFilter } from "../../ui/filter-bar.tsx";
import { AppLink } from "../../ui/link.tsx";
import { Page } from "../../ui/page.tsx";
import { PROTOCOL_CHOICES } from "../../ui/protocols.ts";
import { StateMark } from "../../ui/state-mark.tsx";
import { useFilters } from "../../ui/use-filters.ts";
import { ImportDialogue } from "./import-dialogue.tsx";
import { MachineBulk } from "./machine-bulk.tsx";
import { MachineForm } from "./machine-form.tsx";

const NOTHING: ReadonlySet<string> = new Set();

/** Machines and their ways in: list, bulk edit, import and export. */
export function AdminMachinesPage() {
  const { inventory } = useAdminWords();
  const { filters } = useFilters();
  const canWrite = useRight("inventory:write");
  const [dialogue, setDialogue] = useState<"create" | "import" | null>(null);
  const [ticked, setTicked] = useState(NOTHING);
  const list = useList(listMachines, filters);
  return (
    <Page
      title={inventory.machinesTitle}
      intro={inventory.machinesIntro}
      actions={
        <>
          <Button component="a" variant="default" href={buildPath(exportMachines.path, {}, filters)} download>
            {inventory.exportCsv}
          </Button>
          {canWrite && (
            <>
              <Button variant="default" onClick={() => setDialogue("import")}>
                {inventory.import}
              </Button>
              <Button onClick={() => setDialogue("create")}>{inventory.machineCreate}</Button>
            </>
          )}
        </>
      }
    >
      <MachineFilters />
      {ticked.size > 0 && <MachineBulk ids={[...ticked]} onDone={() => setTicked(NOTHING)} />}
      <DataTable
        label={inventory.machinesTitle}
        list={list}
        idOf={(row) => row.machineId}
        nameOf={(row) => row.name}
        columns={useColumns()}
        {...(canWrite ? { ticked: { ids: ticked, change: setTicked } } : {})}
        empty={<EmptyState title={inventory.machinesEmptyTitle} text={inventory.machinesEmptyText} />}
      />
      {dialogue === "create" && <MachineForm machine={null} onClose={() => setDialogue(null)} />}
      {dialogue === "import" && <ImportDialogue onClose={() => setDialogue(null)} />}
    </Page>
  );
}

function MachineFilters() {
  const { inventory, common } = useAdminWords();
  const sites = useCall(listSites);
  return (
    <FilterBar>
      <TextFilter name="search" label={inventory.machineSearch} />
      <ChoiceFilter
        name="siteId"
        label={inventory.machineSite}
        choices={(sites.data?.items ?? []).map((site) => ({
          value: site.siteId,
          label: site.path.join(" / "),
        }))}
      />
      <ChoiceFilter name="protocol" label={inventory.protocol} choices={PROTOCOL_CHOICES} />
      <ChoiceFilter
        name="isDisabled"
        label={inventory.machineDisabled}
        choices={[
          { value: "true", label: common.yes },
          { value: "false", label: common.no },
        ]}
      />
    </FilterBar>
  );
}

function useColumns(): readonly Column<MachineRow>[] {
  const { inventory, common } = useAdminWords();
  return [
    {
      key: "name",
      title: common.name,
      draw: (row) => <AppLink to={`/admin/machines/${row.machineId}`}>{row.name}</AppLink>,
    },
    { key: "site", title: inventory.machineSite, draw: (row) => row.sitePath.join(" / ") },
    {
      key: "addresses",
      title: inventory.machineAddresses,
      draw: (row) => (
        <Text size="sm" ff="monospace">
          {row.addresses.join(", ")}
        </Text>
      ),
    },
    {
      key: "targets",
      title: inventory.machineTargets,
      draw: (row) =>
        row.targets.map((target) => `${target.name} (${target.protocol}:${target.port})`).join(", "),
    },
    {
      key: "state",
      title: inventory.machineState,
      draw: (row) => (
        <StateMark
          state={row.isDisabled ? "maintenance" : "up"}
          word={row.isDisabled ? inventory.disabledMark : inventory.machineEnabled}
        />
      ),
    },
  ];
}
