import { Badge, Button, Group, TextInput } from "@mantine/core";
import { createPolicy, listPolicies, type PolicyRow } from "@poterne/contract";
import { useNavigate } from "@tanstack/react-router";
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
import { useFilters } from "../../ui/use-filters.ts";
import { When } from "../../ui/when.tsx";

/** Policies, by name. */
export function PoliciesPage() {
  const { policies } = useAdminWords();
  const { filters } = useFilters();
  const canWrite = useRight("access:write");
  const [isCreating, setCreating] = useState(false);
  const list = useList(listPolicies, filters);
  return (
    <Page
      title={policies.title}
      intro={policies.intro}
      actions={canWrite && <Button onClick={() => setCreating(true)}>{policies.create}</Button>}
    >
      <FilterBar>
        <TextFilter name="search" label={policies.searchLabel} />
      </FilterBar>
      <DataTable
        label={policies.title}
        list={list}
        idOf={(row) => row.policyId}
        columns={useColumns()}
        empty={<EmptyState title={policies.emptyTitle} text={policies.emptyText} />}
      />
      {isCreating && <NewPolicyForm onClose={() => setCreating(false)} />}
    </Page>
  );
}

function useColumns(): readonly Column<PolicyRow>[] {
  const { policies, common } = useAdminWords();
  return [
    {
      key: "name",
      title: common.name,
      draw: (row) => (
        <Group gap="xs">
          <AppLink to={`/admin/policies/${row.policyId}`}>{row.name}</AppLink>
          {row.isDefault && (
            <Badge variant="default" size="sm" tt="none">
              {policies.isDefault}
            </Badge>
          )}
        </Group>
      ),
    },
    {
      key: "recording",
      title: policies.fields.recording,
      draw: (row) => policies.recordings[row.rules.recording],
    },
    { key: "grants", title: policies.grants, draw: (row) => row.grantCount, isNumeric: true },
    {
      key: "changed",
      title: policies.history,
      // The policy that comes with the product has no date of its own.
      draw: (row) =>
        row.changedAtMs === 0 ? policies.asInstalled : <When atMs={row.changedAtMs} isRelative />,
    },
  ];
}

function NewPolicyForm(props: { readonly onClose: () => void }) {
  const { policies, common, people } = useAdminWords();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [siteId, setSiteId] = useState<string | null>(null);
  const action = useAction(createPolicy, (row) => void navigate({ to: `/admin/policies/${row.policyId}` }));
  return (
    <FormModal
      title={policies.create}
      action={common.create}
      onSubmit={() => action.mutate({ body: { name, siteId } })}
      onClose={props.onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <TextInput
        label={common.name}
        required
        maxLength={120}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Picker
        kind="site"
        label={policies.site}
        description={people.siteHint}
        value={siteId}
        onChange={setSiteId}
      />
    </FormModal>
  );
}
