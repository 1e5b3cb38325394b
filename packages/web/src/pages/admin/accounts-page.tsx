import { Button, Checkbox, NativeSelect, Text, Textarea, TextInput } from "@mantine/core";
import { type AccountRow, createAccount, listAccounts, updateAccount } from "@poterne/contract";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useAction, useList } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { useRight } from "../../shell/signed-in.tsx";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ChoiceFilter, FilterBar, TextFilter } from "../../ui/filter-bar.tsx";
import { FormModal } from "../../ui/form-modal.tsx";
import { AppLink } from "../../ui/link.tsx";
import { Page } from "../../ui/page.tsx";
import { Picker } from "../../ui/pickers.tsx";
import { StateMark } from "../../ui/state-mark.tsx";
import { useFilters } from "../../ui/use-filters.ts";

/** Accounts on targets; never a secret. */
export function AccountsPage() {
  const { accounts } = useAdminWords();
  const { filters } = useFilters();
  const canWrite = useRight("vault:write");
  const [isCreating, setCreating] = useState(false);
  const list = useList(listAccounts, filters);
  return (
    <Page
      title={accounts.title}
      intro={accounts.intro}
      actions={canWrite && <Button onClick={() => setCreating(true)}>{accounts.create}</Button>}
    >
      <FilterBar>
        <TextFilter name="search" label={accounts.searchLabel} />
        <ChoiceFilter
          name="kind"
          label={accounts.kind}
          choices={Object.entries(accounts.kinds).map(([value, label]) => ({ value, label }))}
        />
      </FilterBar>
      <DataTable
        label={accounts.title}
        list={list}
        idOf={(row) => row.accountId}
        columns={useColumns()}
        empty={<EmptyState title={accounts.emptyTitle} text={accounts.emptyText} />}
      />
      {isCreating && <AccountForm account={null} onClose={() => setCreating(false)} />}
    </Page>
  );
}

function useColumns(): readonly Column<AccountRow>[] {
  const { accounts, common } = useAdminWords();
  return [
    {
      key: "name",
      title: common.name,
      draw: (row) => <AppLink to={`/admin/accounts/${row.accountId}`}>{row.name}</AppLink>,
    },
    { key: "username", title: accounts.username, draw: (row) => row.username },
    { key: "kind", title: accounts.kind, draw: (row) => accounts.kinds[row.kind] },
    { key: "secret", title: accounts.secret, draw: (row) => <SecretState account={row} /> },
    { key: "grants", title: accounts.grants, draw: (row) => row.grantCount, isNumeric: true },
  ];
}

/** Whether the vault holds an account's secret, in a word. */
export function SecretState({ account }: { readonly account: AccountRow }) {
  const { accounts } = useAdminWords();
  if (account.kind === "as-me") return <StateMark state="up" word={accounts.secretOwn} />;
  if (account.kind === "ask") return <StateMark state="unknown" word={accounts.secretNone} />;
  return (
    <StateMark
      state={account.hasSecret ? "up" : "degraded"}
      word={account.hasSecret ? accounts.secretHeld : accounts.secretMissing}
    />
  );
}

/** Creates an account, or changes one; its secret is given apart. */
export function AccountForm(props: { readonly account: AccountRow | null; readonly onClose: () => void }) {
  const { accounts, common, inventory, people } = useAdminWords();
  const navigate = useNavigate();
  const { account } = props;
  const [kind, setKind] = useState<AccountRow["kind"]>(account?.kind ?? "password");
  const [fields, setFields] = useState({
    name: account?.name ?? "",
    username: account?.username ?? "",
    siteId: account?.siteId ?? null,
    notes: account?.notes ?? "",
    isDisabled: account?.isDisabled ?? false,
  });
  const create = useAction(createAccount, (row) => void navigate({ to: `/admin/accounts/${row.accountId}` }));
  const update = useAction(updateAccount, props.onClose);
  const submit = (): void => {
    if (account === null) create.mutate({ body: { ...fields, kind } });
    else
      update.mutate({
        params: { accountId: account.accountId },
        body: { version: account.version, ...fields },
      });
  };
  return (
    <FormModal
      title={account === null ? accounts.create : `${common.edit} : ${account.name}`}
      action={account === null ? common.create : common.save}
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
      <NativeSelect
        label={accounts.kind}
        disabled={account !== null}
        data={Object.entries(accounts.kinds).map(([value, label]) => ({ value, label }))}
        value={kind}
        onChange={(event) => setKind(event.currentTarget.value as AccountRow["kind"])}
      />
      {kind === "as-me" && <Text size="sm">{accounts.asMeText}</Text>}
      <TextInput
        label={accounts.username}
        description={kind === "as-me" ? accounts.usernameOwnHint : accounts.usernameHint}
        maxLength={256}
        autoComplete="off"
        value={fields.username}
        onChange={(event) => setFields({ ...fields, username: event.currentTarget.value })}
      />
      <Picker
        kind="site"
        label={accounts.site}
        description={people.siteHint}
        value={fields.siteId}
        onChange={(siteId) => setFields({ ...fields, siteId })}
      />
      <Textarea
        label={inventory.notes}
        autosize
        value={fields.notes}
        onChange={(event) => setFields({ ...fields, notes: event.currentTarget.value })}
      />
      <Checkbox
        label={accounts.disabled}
        checked={fields.isDisabled}
        onChange={(event) => setFields({ ...fields, isDisabled: event.currentTarget.checked })}
      />
    </FormModal>
  );
}
