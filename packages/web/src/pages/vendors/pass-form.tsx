import { Checkbox, NativeSelect, SimpleGrid, TextInput } from "@mantine/core";
import { createVendorPass, listVendors } from "@poterne/contract";
import { useState } from "react";
import type { ReplyOf } from "../../api/call.ts";
import { useAction, useCall } from "../../api/use-call.ts";
import { FormModal } from "../../ui/form-modal.tsx";
import { readLocalTime, writeLocalTime } from "../../ui/local-time.ts";
import { NetworksInput } from "../../ui/networks-input.tsx";
import { MultiPicker, Picker } from "../../ui/pickers.tsx";
import { useVendorWords } from "./vendor-words.ts";

const HOUR_MS = 3_600_000;

type Link = ReplyOf<typeof createVendorPass>["link"];

interface Fields {
  readonly knownId: string;
  readonly name: string;
  readonly login: string;
  readonly email: string;
  readonly language: "fr" | "en";
  readonly company: string;
  readonly contract: string;
  readonly purpose: string;
  readonly from: string;
  readonly to: string;
  readonly networks: readonly string[];
  readonly targetIds: readonly string[];
  readonly accountIds: readonly string[];
  readonly policyId: string | null;
  readonly needsGuardian: boolean;
}

type Change = (part: Partial<Fields>) => void;

/** Proposes a pass: who, for whom, when, from where, on what, watched or not. */
export function PassForm(props: { readonly onClose: () => void; readonly onProposed: (link: Link) => void }) {
  const words = useVendorWords();
  const [fields, setFields] = useState<Fields>(() => emptyFields(Date.now()));
  const action = useAction(createVendorPass, ({ link }) => props.onProposed(link));
  const change: Change = (part) => setFields({ ...fields, ...part });
  const submit = (): void => {
    const body = toBody(fields);
    if (body !== null) action.mutate({ body });
  };
  return (
    <FormModal
      title={words.create}
      action={words.propose}
      size="lg"
      onSubmit={submit}
      onClose={props.onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <WhoFields fields={fields} change={change} />
      <WhatFields fields={fields} change={change} />
    </FormModal>
  );
}

function emptyFields(nowMs: number): Fields {
  return {
    knownId: "",
    name: "",
    login: "",
    email: "",
    language: "fr",
    company: "",
    contract: "",
    purpose: "",
    from: writeLocalTime(nowMs),
    to: writeLocalTime(nowMs + 4 * HOUR_MS),
    networks: [],
    targetIds: [],
    accountIds: [],
    policyId: null,
    needsGuardian: true,
  };
}

function toBody(fields: Fields) {
  const { knownId, name, login, email, language, from, to, policyId, ...rest } = fields;
  const fromMs = readLocalTime(from);
  const toMs = readLocalTime(to);
  if (fromMs === null || toMs === null || policyId === null) return null;
  const person =
    knownId === ""
      ? { kind: "new" as const, name, login, email, language }
      : { kind: "known" as const, personId: knownId };
  const lists = {
    networks: [...rest.networks],
    targetIds: [...rest.targetIds],
    accountIds: [...rest.accountIds],
  };
  return { ...rest, ...lists, person, fromMs, toMs, policyId };
}

function WhoFields({ fields, change }: { readonly fields: Fields; readonly change: Change }) {
  const words = useVendorWords();
  const vendors = useCall(listVendors);
  const known = vendors.data?.items ?? [];
  const choose = (personId: string): void => {
    const vendor = known.find((one) => one.personId === personId);
    change({
      knownId: personId,
      ...(vendor === undefined ? {} : { company: vendor.company, contract: vendor.contract }),
    });
  };
  return (
    <>
      {known.length > 0 && (
        <NativeSelect
          label={words.who}
          value={fields.knownId}
          data={[
            { value: "", label: words.newPerson },
            ...known.map(({ personId, name, company }) => ({
              value: personId,
              label: `${name} — ${company}`,
            })),
          ]}
          onChange={(event) => choose(event.currentTarget.value)}
        />
      )}
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        {fields.knownId === "" && <NewPersonFields fields={fields} change={change} />}
        <TextInput
          label={words.company}
          required
          maxLength={120}
          value={fields.company}
          onChange={(event) => change({ company: event.currentTarget.value })}
        />
        <TextInput
          label={words.contract}
          required
          maxLength={120}
          value={fields.contract}
          onChange={(event) => change({ contract: event.currentTarget.value })}
        />
      </SimpleGrid>
    </>
  );
}

function NewPersonFields({ fields, change }: { readonly fields: Fields; readonly change: Change }) {
  const words = useVendorWords();
  return (
    <>
      <TextInput
        label={words.name}
        required
        maxLength={200}
        value={fields.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <TextInput
        label={words.login}
        required
        maxLength={64}
        spellCheck={false}
        autoComplete="off"
        value={fields.login}
        onChange={(event) => change({ login: event.currentTarget.value })}
      />
      <TextInput
        type="email"
        label={words.email}
        description={words.emailHint}
        maxLength={254}
        value={fields.email}
        onChange={(event) => change({ email: event.currentTarget.value })}
      />
      <NativeSelect
        label={words.languageLabel}
        value={fields.language}
        data={[
          { value: "fr", label: "Français" },
          { value: "en", label: "English" },
        ]}
        onChange={(event) => change({ language: event.currentTarget.value === "en" ? "en" : "fr" })}
      />
    </>
  );
}

function WhatFields({ fields, change }: { readonly fields: Fields; readonly change: Change }) {
  const words = useVendorWords();
  return (
    <>
      <TextInput
        label={words.purpose}
        required
        maxLength={1000}
        value={fields.purpose}
        onChange={(event) => change({ purpose: event.currentTarget.value })}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <TextInput
          type="datetime-local"
          label={words.from}
          required
          value={fields.from}
          onChange={(event) => change({ from: event.currentTarget.value })}
        />
        <TextInput
          type="datetime-local"
          label={words.to}
          required
          value={fields.to}
          onChange={(event) => change({ to: event.currentTarget.value })}
        />
      </SimpleGrid>
      <NetworksInput
        isRequired
        description={words.networksHint}
        value={fields.networks}
        onChange={(networks) => change({ networks })}
      />
      <MultiPicker
        kind="target"
        label={words.targets}
        isRequired
        value={fields.targetIds}
        onChange={(targetIds) => change({ targetIds })}
      />
      <MultiPicker
        kind="account"
        label={words.accounts}
        isRequired
        value={fields.accountIds}
        onChange={(accountIds) => change({ accountIds })}
      />
      <Picker
        kind="policy"
        label={words.policy}
        isRequired
        value={fields.policyId}
        onChange={(policyId) => change({ policyId })}
      />
      <Checkbox
        label={words.guardianBox}
        checked={fields.needsGuardian}
        onChange={(event) => change({ needsGuardian: event.currentTarget.checked })}
      />
    </>
  );
}
