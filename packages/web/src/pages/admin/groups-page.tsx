import { Button, Textarea, TextInput } from "@mantine/core";
import { createGroup, type GroupRow, listGroups, updateGroup } from "@poterne/contract";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useAction, useList } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { useRight } from "../../shell/signed-in.tsx";
import { DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { FilterBar, TextFilter } from "../../ui/filter-bar.tsx";
import { FormModal } from "../../ui/form-modal.tsx";
import { AppLink } from "../../ui/link.tsx";
import { Page } from "../../ui/page.tsx";
import { Picker } from "../../ui/pickers.tsx";
import { useFilters } from "../../ui/use-filters.ts";

/** Groups, by name. */
export function GroupsPage() {
  const { people, common } = useAdminWords();
  const { filters } = useFilters();
  const canWrite = useRight("people:write");
  const [isCreating, setCreating] = useState(false);
  const list = useList(listGroups, filters);
  return (
    <Page
      title={people.groupsTitle}
      intro={people.groupsIntro}
      actions={canWrite && <Button onClick={() => setCreating(true)}>{people.groupCreate}</Button>}
    >
      <FilterBar>
        <TextFilter name="search" label={people.groupSearch} />
      </FilterBar>
      <DataTable
        label={people.groupsTitle}
        list={list}
        idOf={(row) => row.groupId}
        columns={[
          {
            key: "name",
            title: common.name,
            draw: (row) => <AppLink to={`/admin/groups/${row.groupId}`}>{row.name}</AppLink>,
          },
          { key: "description", title: common.description, draw: (row) => row.description },
          {
            key: "members",
            title: people.groupMembers,
            draw: (row) => people.groupMemberCount(row.personCount, row.groupCount),
          },
        ]}
        empty={<EmptyState title={people.groupsEmptyTitle} text={people.groupsEmptyText} />}
      />
      {isCreating && <GroupForm group={null} onClose={() => setCreating(false)} />}
    </Page>
  );
}

/** Creates a group, or changes one. */
export function GroupForm(props: { readonly group: GroupRow | null; readonly onClose: () => void }) {
  const { people, common } = useAdminWords();
  const navigate = useNavigate();
  const { group } = props;
  const [fields, setFields] = useState({
    name: group?.name ?? "",
    description: group?.description ?? "",
    siteId: group?.siteId ?? null,
  });
  const create = useAction(createGroup, (row) => void navigate({ to: `/admin/groups/${row.groupId}` }));
  const update = useAction(updateGroup, props.onClose);
  const submit = (): void => {
    if (group === null) create.mutate({ body: fields });
    else update.mutate({ params: { groupId: group.groupId }, body: fields });
  };
  return (
    <FormModal
      title={group === null ? people.groupCreate : `${common.edit} : ${group.name}`}
      action={group === null ? common.create : common.save}
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
      <Textarea
        label={common.description}
        maxLength={1000}
        autosize
        value={fields.description}
        onChange={(event) => setFields({ ...fields, description: event.currentTarget.value })}
      />
      <Picker
        kind="site"
        label={people.groupSite}
        description={people.siteHint}
        value={fields.siteId}
        onChange={(siteId) => setFields({ ...fields, siteId })}
      />
    </FormModal>
  );
}
