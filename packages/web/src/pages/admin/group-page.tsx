import { Button, Group, Text } from "@mantine/core";
import { changeGroupMembers, deleteGroup, getGroup } from "@poterne/contract";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { CallInput, ReplyOf } from "../../api/call.ts";
import { useAction, useCall } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { useRight } from "../../shell/signed-in.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { FormModal } from "../../ui/form-modal.tsx";
import { AppLink } from "../../ui/link.tsx";
import { Page } from "../../ui/page.tsx";
import { PageLoader } from "../../ui/page-loader.tsx";
import { MultiPicker } from "../../ui/pickers.tsx";
import { Section } from "../../ui/section.tsx";
import { SimpleTable } from "../../ui/simple-table.tsx";
import { useDeletion } from "../../ui/use-deletion.tsx";
import { GroupForm } from "./groups-page.tsx";
import { SourceSection } from "./source-section.tsx";

type Members = NonNullable<CallInput<typeof changeGroupMembers>["body"]>;

/** One group and its members. */
export function GroupPage() {
  const { group: groupId = "" } = useParams({ strict: false });
  const group = useCall(getGroup, { params: { groupId } });
  if (group.error !== null) return <FailureView error={group.error} onRetry={() => void group.refetch()} />;
  if (group.data === undefined) return <PageLoader />;
  return <GroupView group={group.data} />;
}

function GroupView({ group }: { readonly group: ReplyOf<typeof getGroup> }) {
  const { people, common } = useAdminWords();
  const canWrite = useRight("people:write");
  const navigate = useNavigate();
  const remove = useDeletion();
  const [dialogue, setDialogue] = useState<"edit" | "add" | null>(null);
  const action = useAction(changeGroupMembers, () => setDialogue(null));
  const change = (body: Members): void => action.mutate({ params: { groupId: group.groupId }, body });
  const removeGroup = (): void =>
    void remove({
      remove: deleteGroup,
      restore: null,
      params: { groupId: group.groupId },
      name: group.name,
      text: people.groupDeleteText,
      onDone: () => void navigate({ to: "/admin/groups" }),
    });
  return (
    <Page
      title={group.name}
      intro={group.description}
      actions={
        canWrite && (
          <>
            <Button onClick={() => setDialogue("add")}>{common.add}</Button>
            <Button variant="default" onClick={() => setDialogue("edit")}>
              {common.edit}
            </Button>
            <Button variant="outline" color="red" onClick={removeGroup}>
              {common.remove}
            </Button>
          </>
        )
      }
    >
      {action.error !== null && dialogue === null && <FailureView error={action.error} />}
      <MembersSection group={group} canWrite={canWrite} onChange={change} />
      <SourceSection kind="group" objectId={group.groupId} />
      {group.memberOf.length > 0 && (
        <Section title={people.groupIn}>
          <Group>
            {group.memberOf.map((outer) => (
              <AppLink key={outer.groupId} to={`/admin/groups/${outer.groupId}`}>
                {outer.name}
              </AppLink>
            ))}
          </Group>
        </Section>
      )}
      {dialogue === "edit" && <GroupForm group={group} onClose={() => setDialogue(null)} />}
      {dialogue === "add" && (
        <AddMembers
          onClose={() => setDialogue(null)}
          onAdd={change}
          isBusy={action.isPending}
          error={action.error}
        />
      )}
    </Page>
  );
}

function MembersSection(props: {
  readonly group: ReplyOf<typeof getGroup>;
  readonly canWrite: boolean;
  readonly onChange: (body: Members) => void;
}) {
  const { people, common } = useAdminWords();
  const { group } = props;
  const members = [
    ...group.groups.map((inner) => ({
      id: inner.groupId,
      name: inner.name,
      to: `/admin/groups/${inner.groupId}`,
      removal: { removeGroupIds: [inner.groupId] },
    })),
    ...group.people.map((person) => ({
      id: person.personId,
      name: `${person.name} (${person.login})`,
      to: `/admin/people/${person.personId}`,
      removal: { removePersonIds: [person.personId] },
    })),
  ];
  return (
    <Section title={people.groupMembers}>
      {members.length === 0 ? (
        <Text size="sm">{people.groupNoMembers}</Text>
      ) : (
        <SimpleTable
          label={people.groupMembers}
          headings={[common.name, common.actions]}
          rows={members.map((member) => ({
            key: member.id,
            cells: [
              <AppLink key="name" to={member.to}>
                {member.name}
              </AppLink>,
              props.canWrite && (
                <Button
                  key="remove"
                  size="xs"
                  variant="default"
                  aria-label={people.groupRemoveMember(member.name)}
                  onClick={() => props.onChange(member.removal)}
                >
                  {people.groupRemove}
                </Button>
              ),
            ],
          }))}
        />
      )}
    </Section>
  );
}

function AddMembers(props: {
  readonly onClose: () => void;
  readonly onAdd: (body: Members) => void;
  readonly isBusy: boolean;
  readonly error: unknown;
}) {
  const { people, common } = useAdminWords();
  const [addPersonIds, setPersonIds] = useState<string[]>([]);
  const [addGroupIds, setGroupIds] = useState<string[]>([]);
  return (
    <FormModal
      title={people.groupMembers}
      action={common.add}
      onSubmit={() => props.onAdd({ addPersonIds, addGroupIds })}
      onClose={props.onClose}
      isBusy={props.isBusy}
      error={props.error}
    >
      <MultiPicker kind="person" label={people.groupAddPeople} value={addPersonIds} onChange={setPersonIds} />
      <MultiPicker kind="group" label={people.groupAddGroups} value={addGroupIds} onChange={setGroupIds} />
    </FormModal>
  );
}
