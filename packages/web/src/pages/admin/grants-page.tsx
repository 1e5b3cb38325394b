import { Button, Group, Modal, Paper, Text } from "@mantine/core";
import { bulkGrants, deleteGrant, type GrantRow, listGrants, restoreGrant } from "@poterne/contract";
import { useState } from "react";
import { useAction, useList } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { formatDateTime } from "../../i18n/format.ts";
import { useLanguage, useWords } from "../../i18n/tongue.tsx";
import { useRight } from "../../shell/signed-in.tsx";
import { useConfirm } from "../../ui/confirm.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { ChoiceFilter, FilterBar, TextFilter } from "../../ui/filter-bar.tsx";
import { AppLink } from "../../ui/link.tsx";
import { Page } from "../../ui/page.tsx";
import { StateMark } from "../../ui/state-mark.tsx";
import { useDeletion } from "../../ui/use-deletion.tsx";
import { useFilters } from "../../ui/use-filters.ts";
import { GrantForm } from "./grant-form.tsx";
import { SourceSection } from "./source-section.tsx";

const NOTHING: ReadonlySet<string> = new Set();

/** Grants, the newest first. */
export function GrantsPage() {
  const { grants } = useAdminWords();
  const { filters } = useFilters();
  const canWrite = useRight("access:write");
  const [form, setForm] = useState<{ grant: GrantRow | null } | null>(null);
  const [ticked, setTicked] = useState(NOTHING);
  const list = useList(listGrants, filters);
  return (
    <Page
      title={grants.title}
      intro={grants.intro}
      actions={canWrite && <Button onClick={() => setForm({ grant: null })}>{grants.create}</Button>}
    >
      <FilterBar>
        <TextFilter name="search" label={grants.searchLabel} />
        <ChoiceFilter
          name="state"
          label={grants.state}
          choices={Object.entries(grants.states).map(([value, label]) => ({ value, label }))}
        />
      </FilterBar>
      {ticked.size > 0 && <GrantBulk ids={[...ticked]} onDone={() => setTicked(NOTHING)} />}
      <DataTable
        label={grants.title}
        list={list}
        idOf={(row) => row.grantId}
        nameOf={(row) => grants.deleteName(row.subject.name)}
        columns={useColumns(canWrite, (grant) => setForm({ grant }))}
        {...(canWrite ? { ticked: { ids: ticked, change: setTicked } } : {})}
        empty={<EmptyState title={grants.emptyTitle} text={grants.emptyText} />}
      />
      {form !== null && <GrantForm grant={form.grant} onClose={() => setForm(null)} />}
    </Page>
  );
}

const MARKS = { active: "up", future: "degraded", expired: "unknown", disabled: "maintenance" } as const;

function useColumns(canWrite: boolean, onEdit: (grant: GrantRow) => void): readonly Column<GrantRow>[] {
  const { grants } = useAdminWords();
  const { common } = useWords();
  return [
    {
      key: "subject",
      title: grants.subject,
      draw: (row) => (
        <AppLink to={`/admin/${row.subject.kind === "person" ? "people" : "groups"}/${row.subject.id}`}>
          {row.subject.isDeleted ? grants.deletedName(row.subject.name) : row.subject.name}
        </AppLink>
      ),
    },
    {
      key: "objects",
      title: grants.objects,
      draw: (row) => (
        <Text size="sm" lineClamp={3}>
          {[...row.sites, ...row.machines, ...row.targets]
            .map((object) => (object.isDeleted ? grants.deletedName(object.name) : object.name))
            .join(", ")}
        </Text>
      ),
    },
    {
      key: "accounts",
      title: grants.accounts,
      draw: (row) => row.accounts.map((account) => account.name).join(", "),
    },
    {
      key: "policy",
      title: grants.policy,
      draw: (row) => <AppLink to={`/admin/policies/${row.policyId}`}>{row.policyName}</AppLink>,
    },
    {
      key: "state",
      title: grants.state,
      draw: (row) => (
        <>
          <StateMark state={MARKS[row.state]} word={grants.states[row.state]} />
          <Validity grant={row} />
        </>
      ),
    },
    { key: "note", title: grants.note, draw: (row) => row.note },
    {
      key: "actions",
      title: common.actions,
      draw: (row) => canWrite && <GrantActions grant={row} onEdit={onEdit} />,
    },
  ];
}

function Validity({ grant }: { readonly grant: GrantRow }) {
  const { grants } = useAdminWords();
  const { language } = useLanguage();
  const from = grant.validFromMs === null ? "" : grants.fromDate(formatDateTime(language, grant.validFromMs));
  const to = grant.validToMs === null ? "" : grants.untilDate(formatDateTime(language, grant.validToMs));
  return (
    <Text size="xs" c="dimmed">
      {[from, to].filter((part) => part !== "").join(", ") || grants.always}
    </Text>
  );
}

function GrantActions(props: { readonly grant: GrantRow; readonly onEdit: (grant: GrantRow) => void }) {
  const { grants, common, sourceNotes } = useAdminWords();
  const remove = useDeletion();
  const [isListing, setListing] = useState(false);
  const { grant } = props;
  const name = grants.deleteName(grant.subject.name);
  return (
    <Group gap={6} wrap="nowrap">
      <Button
        size="xs"
        variant="default"
        aria-label={`${common.edit} : ${name}`}
        onClick={() => props.onEdit(grant)}
      >
        {common.edit}
      </Button>
      <Button
        size="xs"
        variant="default"
        aria-label={sourceNotes.ofGrantName(grant.subject.name)}
        onClick={() => setListing(true)}
      >
        {sourceNotes.ofGrant}
      </Button>
      {isListing && (
        <Modal
          opened
          onClose={() => setListing(false)}
          title={sourceNotes.ofGrantName(grant.subject.name)}
          closeButtonProps={{ "aria-label": common.close }}
        >
          <SourceSection kind="grant" objectId={grant.grantId} />
        </Modal>
      )}
      <Button
        size="xs"
        variant="default"
        aria-label={`${common.remove} : ${name}`}
        onClick={() =>
          void remove({
            remove: deleteGrant,
            restore: restoreGrant,
            params: { grantId: grant.grantId },
            name,
            text: grants.deleteText,
          })
        }
      >
        {common.remove}
      </Button>
    </Group>
  );
}

function GrantBulk(props: { readonly ids: string[]; readonly onDone: () => void }) {
  const { grants, common } = useAdminWords();
  const confirm = useConfirm();
  const action = useAction(bulkGrants, props.onDone);
  const run = (kind: "disable" | "enable" | "delete"): void =>
    action.mutate({ body: { grantIds: props.ids, action: { kind } } });
  const askDelete = async (): Promise<void> => {
    const isSure = await confirm({
      title: grants.bulkDelete,
      text: grants.bulkDeleteText(props.ids.length),
      action: grants.bulkDelete,
    });
    if (isSure) run("delete");
  };
  return (
    <Paper withBorder p="xs">
      <Group gap="xs">
        <Text size="sm" role="status">
          {common.selected(props.ids.length)}
        </Text>
        <Button size="xs" variant="default" onClick={() => run("disable")}>
          {grants.bulkDisable}
        </Button>
        <Button size="xs" variant="default" onClick={() => run("enable")}>
          {grants.bulkEnable}
        </Button>
        <Button size="xs" variant="outline" color="red" onClick={() => void askDelete()}>
          {grants.bulkDelete}
        </Button>
      </Group>
      {action.error !== null && <FailureView error={action.error} />}
    </Paper>
  );
}
