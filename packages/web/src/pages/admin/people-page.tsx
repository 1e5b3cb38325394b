import { Button } from "@mantine/core";
import { listPeople, type PersonRow, ROLES } from "@poterne/contract";
import { useState } from "react";
import { useList } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { useRight } from "../../shell/signed-in.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ChoiceFilter, FilterBar, TextFilter } from "../../ui/filter-bar.tsx";
import { AppLink } from "../../ui/link.tsx";
import { Page } from "../../ui/page.tsx";
import { StateMark } from "../../ui/state-mark.tsx";
import { useFilters } from "../../ui/use-filters.ts";
import { When } from "../../ui/when.tsx";
import { LinkDialogue, type OneTimeLink } from "./link-dialogue.tsx";
import { NewPersonForm } from "./person-form.tsx";

/** Everybody who can sign in, by name. */
export function PeoplePage() {
  const { people } = useAdminWords();
  const { filters } = useFilters();
  const canWrite = useRight("people:write");
  const [isCreating, setCreating] = useState(false);
  const [link, setLink] = useState<OneTimeLink | null>(null);
  const list = useList(listPeople, filters);
  return (
    <Page
      title={people.title}
      intro={people.intro}
      actions={canWrite && <Button onClick={() => setCreating(true)}>{people.create}</Button>}
    >
      <FilterBar>
        <TextFilter name="search" label={people.searchLabel} />
        <ChoiceFilter
          name="role"
          label={people.role}
          choices={ROLES.map((role) => ({ value: role, label: people.roles[role] }))}
        />
        <ChoiceFilter
          name="state"
          label={people.state}
          choices={Object.entries(people.states).map(([value, label]) => ({ value, label }))}
        />
      </FilterBar>
      <DataTable
        label={people.title}
        list={list}
        idOf={(row) => row.personId}
        columns={useColumns()}
        empty={<EmptyState title={people.emptyTitle} text={people.emptyText} />}
      />
      {isCreating && (
        <NewPersonForm
          onClose={() => setCreating(false)}
          onCreated={(created) => {
            setCreating(false);
            setLink(created);
          }}
        />
      )}
      {link !== null && <LinkDialogue link={link} onClose={() => setLink(null)} />}
    </Page>
  );
}

const MARKS = { active: "up", invited: "degraded", disabled: "maintenance", erased: "unknown" } as const;

function useColumns(): readonly Column<PersonRow>[] {
  const { people, common, me } = useAdminWords();
  return [
    {
      key: "name",
      title: common.name,
      draw: (row) => <AppLink to={`/admin/people/${row.personId}`}>{row.name}</AppLink>,
    },
    { key: "login", title: people.login, draw: (row) => row.login },
    {
      key: "roles",
      title: people.rolesLabel,
      draw: (row) => row.roles.map((role) => people.roles[role]).join(", "),
    },
    {
      key: "factors",
      title: people.factors,
      draw: (row) => row.factors.map((factor) => me.factorMethod[factor]).join(", ") || people.noFactor,
    },
    {
      key: "state",
      title: people.state,
      draw: (row) => <StateMark state={MARKS[row.state]} word={people.states[row.state]} />,
    },
    {
      key: "last",
      title: people.lastSignIn,
      draw: (row) => <When atMs={row.lastSignInAtMs} isRelative />,
    },
  ];
}
