import { Button, Group, NumberInput, Text, Textarea, TextInput } from "@mantine/core";
import { createSite, deleteSite, listSites, restoreSite, type SiteRow, updateSite } from "@poterne/contract";
import { useState } from "react";
import { useAction, useList } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { useRight } from "../../shell/signed-in.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { FilterBar, TextFilter } from "../../ui/filter-bar.tsx";
import { FormModal } from "../../ui/form-modal.tsx";
import { AppLink } from "../../ui/link.tsx";
import { Page } from "../../ui/page.tsx";
import { Picker } from "../../ui/pickers.tsx";
import { useDeletion } from "../../ui/use-deletion.tsx";
import { useFilters } from "../../ui/use-filters.ts";

const INDENT_PX = 20;
const DEFAULT_PRIORITY = 3;
const LOWEST_PRIORITY = 5;

/** The tree of sites. */
export function SitesPage() {
  const { inventory } = useAdminWords();
  const { filters } = useFilters();
  const canWrite = useRight("inventory:write");
  const [form, setForm] = useState<{ site: SiteRow | null } | null>(null);
  const list = useList(listSites, filters);
  return (
    <Page
      title={inventory.sitesTitle}
      intro={inventory.sitesIntro}
      actions={canWrite && <Button onClick={() => setForm({ site: null })}>{inventory.siteCreate}</Button>}
    >
      <FilterBar>
        <TextFilter name="search" label={inventory.sitesTitle} />
      </FilterBar>
      <DataTable
        label={inventory.sitesTitle}
        list={list}
        idOf={(row) => row.siteId}
        columns={useColumns(canWrite, (site) => setForm({ site }))}
        empty={<EmptyState title={inventory.sitesEmptyTitle} text={inventory.sitesEmptyText} />}
      />
      {form !== null && <SiteForm site={form.site} onClose={() => setForm(null)} />}
    </Page>
  );
}

function useColumns(canWrite: boolean, onEdit: (site: SiteRow) => void): readonly Column<SiteRow>[] {
  const { inventory, common } = useAdminWords();
  const remove = useDeletion();
  return [
    {
      key: "name",
      title: common.name,
      draw: (row) => (
        <Text size="sm" pl={(row.path.length - 1) * INDENT_PX} fw={row.path.length === 1 ? 600 : 400}>
          {row.name}
        </Text>
      ),
    },
    { key: "code", title: inventory.siteCode, draw: (row) => row.code },
    { key: "priority", title: inventory.sitePriority, draw: (row) => row.priority, isNumeric: true },
    {
      key: "machines",
      title: inventory.siteMachines,
      isNumeric: true,
      draw: (row) => (
        <AppLink to="/admin/machines" search={{ siteId: row.siteId }}>
          {row.machineCount}
        </AppLink>
      ),
    },
    {
      key: "actions",
      title: common.actions,
      draw: (row) =>
        canWrite && (
          <Group gap={6} wrap="nowrap">
            <Button
              size="xs"
              variant="default"
              aria-label={`${common.edit} ${row.name}`}
              onClick={() => onEdit(row)}
            >
              {common.edit}
            </Button>
            <Button
              size="xs"
              variant="default"
              aria-label={`${common.remove} ${row.name}`}
              onClick={() =>
                void remove({
                  remove: deleteSite,
                  restore: restoreSite,
                  params: { siteId: row.siteId },
                  name: row.name,
                  text: inventory.siteDeleteText,
                })
              }
            >
              {common.remove}
            </Button>
          </Group>
        ),
    },
  ];
}

function SiteForm(props: { readonly site: SiteRow | null; readonly onClose: () => void }) {
  const { inventory, common } = useAdminWords();
  const { site } = props;
  const [fields, setFields] = useState({
    name: site?.name ?? "",
    parentId: site?.parentId ?? null,
    priority: site?.priority ?? DEFAULT_PRIORITY,
    code: site?.code ?? "",
    notes: site?.notes ?? "",
  });
  const create = useAction(createSite, props.onClose);
  const update = useAction(updateSite, props.onClose);
  const submit = (): void => {
    if (site === null) create.mutate({ body: fields });
    else update.mutate({ params: { siteId: site.siteId }, body: { version: site.version, ...fields } });
  };
  return (
    <FormModal
      title={site === null ? inventory.siteCreate : `${common.edit} : ${site.name}`}
      action={site === null ? common.create : common.save}
      onSubmit={submit}
      onClose={props.onClose}
      isBusy={create.isPending || update.isPending}
      error={create.error ?? update.error}
    >
      <TextInput
        label={common.name}
        required
        maxLength={120}
        value={fields.name}
        onChange={(event) => setFields({ ...fields, name: event.currentTarget.value })}
      />
      <Picker
        kind="site"
        label={inventory.siteParent}
        description={inventory.siteParentHint}
        value={fields.parentId}
        onChange={(parentId) => setFields({ ...fields, parentId })}
      />
      <NumberInput
        label={inventory.sitePriority}
        description={inventory.sitePriorityHint}
        min={1}
        max={LOWEST_PRIORITY}
        value={fields.priority}
        onChange={(priority) => setFields({ ...fields, priority: Number(priority) || DEFAULT_PRIORITY })}
      />
      <TextInput
        label={inventory.siteCode}
        maxLength={40}
        value={fields.code}
        onChange={(event) => setFields({ ...fields, code: event.currentTarget.value })}
      />
      <Textarea
        label={inventory.notes}
        autosize
        value={fields.notes}
        onChange={(event) => setFields({ ...fields, notes: event.currentTarget.value })}
      />
    </FormModal>
  );
}
