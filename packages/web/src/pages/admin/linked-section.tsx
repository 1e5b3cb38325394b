import { Alert, Button, Stack, Text } from "@mantine/core";
import { type LinkedPersonRow, linkPeople, listLinkedPeople, unlinkPerson } from "@poterne/contract";
import { useState } from "react";
import { useAction, useCall } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { FailureView } from "../../ui/failure-view.tsx";
import { FormModal } from "../../ui/form-modal.tsx";
import { AppLink } from "../../ui/link.tsx";
import { Picker } from "../../ui/pickers.tsx";
import { Section } from "../../ui/section.tsx";
import { SimpleTable } from "../../ui/simple-table.tsx";
import { useDeletion } from "../../ui/use-deletion.tsx";
import { When } from "../../ui/when.tsx";

interface OfPerson {
  readonly personId: string;
  readonly canWrite: boolean;
}

/** The other identities of a person's human being, and what happened to them. */
export function LinkedSection({ personId, canWrite }: OfPerson) {
  const { linked } = useAdminWords();
  const [isAdding, setAdding] = useState(false);
  const list = useCall(listLinkedPeople, { params: { personId } });
  const items = list.data?.items ?? [];
  return (
    <Section
      title={linked.title}
      text={linked.text}
      actions={
        canWrite && (
          <Button size="xs" variant="default" onClick={() => setAdding(true)}>
            {linked.add}
          </Button>
        )
      }
    >
      {list.error !== null && <FailureView error={list.error} />}
      <GoneNote items={items} />
      {list.data !== undefined && items.length === 0 && <Text size="sm">{linked.none}</Text>}
      {items.length > 0 && <LinkedTable personId={personId} canWrite={canWrite} items={items} />}
      {isAdding && <LinkForm personId={personId} onClose={() => setAdding(false)} />}
    </Section>
  );
}

/** Says which of them would stay when this one is erased or disabled; nothing when none would. */
export function StayingIdentities({ personId }: { readonly personId: string }) {
  const { linked } = useAdminWords();
  const list = useCall(listLinkedPeople, { params: { personId } });
  const staying = (list.data?.items ?? []).filter(({ state }) => state === "active" || state === "invited");
  if (staying.length === 0) return null;
  return <Alert color="orange">{linked.stays(staying.map(inWords).join(", "))}</Alert>;
}

function inWords({ name, login }: LinkedPersonRow): string {
  return `${name} (${login})`;
}

function GoneNote({ items }: { readonly items: readonly LinkedPersonRow[] }) {
  const { linked, people } = useAdminWords();
  const gone = items.filter(({ state }) => state === "erased" || state === "disabled");
  if (gone.length === 0) return null;
  const names = gone.map((item) => `${inWords(item)} — ${people.states[item.state]}`).join(", ");
  return (
    <Alert color="orange" title={linked.goneTitle} role="status">
      {linked.gone(names)}
    </Alert>
  );
}

function LinkedTable({
  personId,
  canWrite,
  items,
}: OfPerson & { readonly items: readonly LinkedPersonRow[] }) {
  const { linked, people, common } = useAdminWords();
  const remove = useDeletion();
  const unlink = (item: LinkedPersonRow) =>
    void remove({
      remove: unlinkPerson,
      restore: null,
      params: { personId, otherPersonId: item.personId },
      name: inWords(item),
      text: linked.removeText,
    });
  return (
    <SimpleTable
      label={linked.title}
      headings={[common.name, linked.roles, linked.state, linked.since, common.actions]}
      rows={items.map((item) => ({
        key: item.personId,
        cells: [
          <AppLink key="name" to={`/admin/people/${item.personId}`}>
            {inWords(item)}
          </AppLink>,
          item.roles.map((role) => (people.roles as Readonly<Record<string, string>>)[role]).join(", "),
          people.states[item.state],
          <Text key="since" size="sm">
            <When atMs={item.linkedAtMs} /> {linked.by(item.linkedByName)}
          </Text>,
          canWrite && (
            <Button key="unlink" size="xs" variant="default" onClick={() => unlink(item)}>
              {linked.remove}
            </Button>
          ),
        ],
      }))}
    />
  );
}

function LinkForm({ personId, onClose }: { readonly personId: string; readonly onClose: () => void }) {
  const { linked } = useAdminWords();
  const [otherPersonId, setOther] = useState<string | null>(null);
  const action = useAction(linkPeople, onClose);
  return (
    <FormModal
      title={linked.add}
      action={linked.addAction}
      onSubmit={() => {
        if (otherPersonId !== null) action.mutate({ params: { personId }, body: { otherPersonId } });
      }}
      onClose={onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <Stack gap="xs">
        <Text size="sm">{linked.otherText}</Text>
        <Picker kind="person" label={linked.other} value={otherPersonId} onChange={setOther} isRequired />
      </Stack>
    </FormModal>
  );
}
