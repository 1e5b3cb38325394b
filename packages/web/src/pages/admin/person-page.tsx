import { Button, Group, List, Text } from "@mantine/core";
import {
  endPersonSignIn,
  getPerson,
  listPersonSignIns,
  listPersonTokens,
  revokePersonToken,
} from "@poterne/contract";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { ReplyOf } from "../../api/call.ts";
import { useAction, useCall } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { useRight } from "../../shell/signed-in.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { AppLink } from "../../ui/link.tsx";
import { Page } from "../../ui/page.tsx";
import { PageLoader } from "../../ui/page-loader.tsx";
import { Section } from "../../ui/section.tsx";
import { SimpleTable } from "../../ui/simple-table.tsx";
import { useDeletion } from "../../ui/use-deletion.tsx";
import { When } from "../../ui/when.tsx";
import { LinkDialogue, type OneTimeLink } from "./link-dialogue.tsx";
import { LinkedSection } from "./linked-section.tsx";
import { DisableButton, EraseForm, ResetForm, useDataExport } from "./person-acts.tsx";
import { EditPersonForm } from "./person-form.tsx";
import { SourceSection } from "./source-section.tsx";

type Person = ReplyOf<typeof getPerson>;

/** One person: profile, groups, devices, sign-ins, tokens, data. */
export function PersonPage() {
  const { person: personId = "" } = useParams({ strict: false });
  const person = useCall(getPerson, { params: { personId } });
  if (person.error !== null)
    return <FailureView error={person.error} onRetry={() => void person.refetch()} />;
  if (person.data === undefined) return <PageLoader />;
  return <PersonView person={person.data} />;
}

function PersonView({ person }: { readonly person: Person }) {
  const { people, common } = useAdminWords();
  const canWrite = useRight("people:write") && person.state !== "erased";
  const [dialogue, setDialogue] = useState<"edit" | "reset" | "erase" | null>(null);
  const [link, setLink] = useState<OneTimeLink | null>(null);
  const exportData = useDataExport(person.personId);
  const close = (): void => setDialogue(null);
  return (
    <Page
      title={person.name}
      intro={`${person.login} — ${people.states[person.state]}`}
      actions={
        canWrite && (
          <>
            <Button variant="default" onClick={() => setDialogue("edit")}>
              {common.edit}
            </Button>
            <Button variant="default" onClick={() => setDialogue("reset")}>
              {people.reset}
            </Button>
            <DisableButton person={person} />
          </>
        )
      }
    >
      <ProfileSection person={person} />
      <LinkedSection personId={person.personId} canWrite={canWrite} />
      <SourceSection kind="person" objectId={person.personId} />
      <DevicesSection person={person} />
      <SignInsSection personId={person.personId} canWrite={canWrite} />
      <TokensSection personId={person.personId} canWrite={canWrite} />
      {canWrite && (
        <Section title={people.data} text={people.dataText}>
          <Group>
            <Button variant="default" onClick={exportData}>
              {people.dataExport}
            </Button>
            <Button color="red" variant="outline" onClick={() => setDialogue("erase")}>
              {people.erase}
            </Button>
          </Group>
        </Section>
      )}
      {dialogue === "edit" && <EditPersonForm person={person} onClose={close} />}
      {dialogue === "erase" && <EraseForm personId={person.personId} onClose={close} />}
      {dialogue === "reset" && (
        <ResetForm
          personId={person.personId}
          onClose={close}
          onLink={(made) => {
            close();
            setLink(made);
          }}
        />
      )}
      {link !== null && <LinkDialogue link={link} onClose={() => setLink(null)} />}
    </Page>
  );
}

function OriginItem({ origin }: Pick<Person, "origin">) {
  const { people } = useAdminWords();
  if (origin === null)
    return (
      <List.Item>
        {people.origin} : {people.originHere}
      </List.Item>
    );
  return (
    <List.Item>
      {people.origin} : {origin.providerName} ({origin.subject}) — {people.originChecked} :{" "}
      <When atMs={origin.checkedAtMs} />
      {origin.barred !== null && ` — ${people.originBarred[origin.barred]}`}
      <Text size="xs" c="dimmed">
        {people.originRules}
      </Text>
    </List.Item>
  );
}

function ProfileSection({ person }: { readonly person: Person }) {
  const { people, common } = useAdminWords();
  return (
    <Section title={people.profile}>
      <List size="sm">
        <List.Item>
          {people.email} : {person.email || common.none}
        </List.Item>
        <List.Item>
          {people.rolesLabel} : {person.roles.map((role) => people.roles[role]).join(", ") || common.none}
        </List.Item>
        <List.Item>
          {people.groups} :{" "}
          {person.groups.length === 0
            ? common.none
            : person.groups.map((group) => (
                <AppLink key={group.groupId} to={`/admin/groups/${group.groupId}`} mr={8}>
                  {group.name}
                </AppLink>
              ))}
        </List.Item>
        <OriginItem origin={person.origin} />
        <List.Item>
          {people.lastSignIn} : <When atMs={person.lastSignInAtMs} />
        </List.Item>
      </List>
    </Section>
  );
}

function DevicesSection({ person }: { readonly person: Person }) {
  const { people, me, common } = useAdminWords();
  return (
    <Section title={people.devices}>
      {person.devices.length === 0 ? (
        <Text size="sm">{people.noDevices}</Text>
      ) : (
        <SimpleTable
          label={people.devices}
          headings={[common.name, me.factorAdded, me.factorUsed]}
          rows={person.devices.map((device) => ({
            key: device.factorId,
            cells: [
              `${device.name} — ${me.factorMethod[device.method]}`,
              <When key="added" atMs={device.createdAtMs} />,
              <When key="used" atMs={device.lastUsedAtMs} isRelative />,
            ],
          }))}
        />
      )}
    </Section>
  );
}

interface OfPerson {
  readonly personId: string;
  readonly canWrite: boolean;
}

function SignInsSection({ personId, canWrite }: OfPerson) {
  const { people, me } = useAdminWords();
  const list = useCall(listPersonSignIns, { params: { personId } });
  const end = useAction(endPersonSignIn);
  const items = list.data?.items ?? [];
  return (
    <Section
      title={people.signIns}
      actions={
        canWrite &&
        items.length > 0 && (
          <Button
            size="xs"
            variant="default"
            onClick={() => end.mutate({ params: { personId, signInId: "all" } })}
          >
            {people.endAll}
          </Button>
        )
      }
    >
      {end.error !== null && <FailureView error={end.error} />}
      {items.length === 0 ? (
        <Text size="sm">{people.noSignIns}</Text>
      ) : (
        <SimpleTable
          label={people.signIns}
          headings={[me.address, me.lastSeen, me.endsAt]}
          rows={items.map((row) => ({
            key: row.signInId,
            cells: [
              row.sourceAddress,
              <When key="seen" atMs={row.lastSeenAtMs} isRelative />,
              <When key="ends" atMs={row.endsAtMs} />,
            ],
          }))}
        />
      )}
    </Section>
  );
}

function TokensSection({ personId, canWrite }: OfPerson) {
  const { people, me, common } = useAdminWords();
  const list = useCall(listPersonTokens, { params: { personId } });
  const remove = useDeletion();
  const items = list.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Section title={people.tokens}>
      <SimpleTable
        label={people.tokens}
        headings={[common.name, me.tokenScopes, me.tokenExpires, common.actions]}
        rows={items.map((row) => ({
          key: row.tokenId,
          cells: [
            row.name,
            row.scopes.join(", "),
            <When key="expires" atMs={row.expiresAtMs} />,
            canWrite && (
              <Button
                key="revoke"
                size="xs"
                variant="default"
                onClick={() =>
                  void remove({
                    remove: revokePersonToken,
                    restore: null,
                    params: { personId, tokenId: row.tokenId },
                    name: row.name,
                    text: me.tokenRevokeText,
                  })
                }
              >
                {me.tokenRevoke}
              </Button>
            ),
          ],
        }))}
      />
    </Section>
  );
}
