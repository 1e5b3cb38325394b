import { Checkbox, SegmentedControl, SimpleGrid, TextInput } from "@mantine/core";
import { createGrant, type GrantRow, listPolicies, updateGrant } from "@poterne/contract";
import { useState } from "react";
import { useAction, useCall } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { FormModal } from "../../ui/form-modal.tsx";
import { readLocalTime, writeLocalTime } from "../../ui/local-time.ts";
import { MultiPicker, type Option, Picker } from "../../ui/pickers.tsx";

interface GrantFields {
  readonly subjectKind: "person" | "group";
  readonly subjectId: string | null;
  readonly targetIds: string[];
  readonly machineIds: string[];
  readonly siteIds: string[];
  readonly accountIds: string[];
  readonly policyId: string | null;
  readonly validFrom: string;
  readonly validTo: string;
  readonly note: string;
  readonly siteId: string | null;
  readonly isDisabled: boolean;
}

function fieldsOf(grant: GrantRow | null): GrantFields {
  return {
    subjectKind: grant?.subject.kind ?? "group",
    subjectId: grant?.subject.id ?? null,
    targetIds: grant?.targetIds ?? [],
    machineIds: grant?.machineIds ?? [],
    siteIds: grant?.siteIds ?? [],
    accountIds: grant?.accountIds ?? [],
    policyId: grant?.policyId ?? null,
    validFrom: writeLocalTime(grant?.validFromMs ?? null),
    validTo: writeLocalTime(grant?.validToMs ?? null),
    note: grant?.note ?? "",
    siteId: grant?.siteId ?? null,
    isDisabled: grant?.isDisabled ?? false,
  };
}

function bodyOf(fields: GrantFields, policyId: string) {
  return {
    personId: fields.subjectKind === "person" ? fields.subjectId : null,
    groupId: fields.subjectKind === "group" ? fields.subjectId : null,
    targetIds: fields.targetIds,
    machineIds: fields.machineIds,
    siteIds: fields.siteIds,
    accountIds: fields.accountIds,
    policyId,
    validFromMs: readLocalTime(fields.validFrom),
    validToMs: readLocalTime(fields.validTo),
    note: fields.note,
    siteId: fields.siteId,
    isDisabled: fields.isDisabled,
  };
}

/** Gives access, or changes a grant: who, what, as whom, how, until when, why. */
export function GrantForm(props: { readonly grant: GrantRow | null; readonly onClose: () => void }) {
  const { grants, common } = useAdminWords();
  const { grant } = props;
  const [fields, setFields] = useState(fieldsOf(grant));
  const policies = useCall(listPolicies);
  const proposed = policies.data?.items.find((policy) => policy.isDefault)?.policyId ?? null;
  const policyId = fields.policyId ?? proposed;
  const create = useAction(createGrant, props.onClose);
  const update = useAction(updateGrant, props.onClose);
  const change = (part: Partial<GrantFields>): void => setFields({ ...fields, ...part });
  const submit = (): void => {
    if (policyId === null) return;
    const body = bodyOf(fields, policyId);
    if (grant === null) create.mutate({ body });
    else update.mutate({ params: { grantId: grant.grantId }, body: { version: grant.version, ...body } });
  };
  return (
    <FormModal
      title={grant === null ? grants.create : `${common.edit} : ${grants.deleteName(grant.subject.name)}`}
      action={grant === null ? grants.create : common.save}
      size="lg"
      onSubmit={submit}
      onClose={props.onClose}
      isBusy={create.isPending || update.isPending}
      error={create.error ?? update.error}
    >
      <SubjectInputs grant={grant} fields={fields} onChange={change} />
      <MultiPicker
        kind="machine"
        label={grants.machines}
        known={optionsOf(grant?.machines)}
        value={fields.machineIds}
        onChange={(machineIds) => change({ machineIds })}
      />
      <MultiPicker
        kind="target"
        label={grants.targets}
        known={optionsOf(grant?.targets)}
        value={fields.targetIds}
        onChange={(targetIds) => change({ targetIds })}
      />
      <MultiPicker
        kind="site"
        label={grants.sites}
        known={optionsOf(grant?.sites)}
        value={fields.siteIds}
        onChange={(siteIds) => change({ siteIds })}
      />
      <MultiPicker
        kind="account"
        label={grants.accounts}
        isRequired
        known={optionsOf(grant?.accounts)}
        value={fields.accountIds}
        onChange={(accountIds) => change({ accountIds })}
      />
      <Picker
        kind="policy"
        label={grants.policy}
        isRequired
        value={policyId}
        onChange={(chosen) => change({ policyId: chosen })}
      />
      <WhenInputs fields={fields} onChange={change} />
    </FormModal>
  );
}

interface InputsProps {
  readonly fields: GrantFields;
  readonly onChange: (part: Partial<GrantFields>) => void;
}

function SubjectInputs(props: InputsProps & { readonly grant: GrantRow | null }) {
  const { grants } = useAdminWords();
  const { fields, grant } = props;
  const known = grant === null ? [] : [{ value: grant.subject.id, label: grant.subject.name }];
  return (
    <>
      <SegmentedControl
        aria-label={grants.subjectKind}
        data={[
          { value: "group", label: grants.group },
          { value: "person", label: grants.person },
        ]}
        value={fields.subjectKind}
        onChange={(kind) =>
          props.onChange({ subjectKind: kind === "person" ? "person" : "group", subjectId: null })
        }
      />
      <Picker
        key={fields.subjectKind}
        kind={fields.subjectKind}
        label={grants.subject}
        isRequired
        known={known.filter((option) => option.value === fields.subjectId)}
        value={fields.subjectId}
        onChange={(subjectId) => props.onChange({ subjectId })}
      />
    </>
  );
}

function WhenInputs({ fields, onChange }: InputsProps) {
  const { grants, people } = useAdminWords();
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          type="datetime-local"
          label={grants.validFrom}
          description={grants.validityHint}
          value={fields.validFrom}
          onChange={(event) => onChange({ validFrom: event.currentTarget.value })}
        />
        <TextInput
          type="datetime-local"
          label={grants.validTo}
          description={grants.validityHint}
          value={fields.validTo}
          onChange={(event) => onChange({ validTo: event.currentTarget.value })}
        />
      </SimpleGrid>
      <TextInput
        label={grants.note}
        description={grants.noteHint}
        maxLength={500}
        value={fields.note}
        onChange={(event) => onChange({ note: event.currentTarget.value })}
      />
      <Picker
        kind="site"
        label={grants.site}
        description={people.siteHint}
        value={fields.siteId}
        onChange={(siteId) => onChange({ siteId })}
      />
      <Checkbox
        label={grants.disabled}
        checked={fields.isDisabled}
        onChange={(event) => onChange({ isDisabled: event.currentTarget.checked })}
      />
    </>
  );
}

function optionsOf(named: readonly { id: string; name: string }[] | undefined): readonly Option[] {
  return (named ?? []).map(({ id, name }) => ({ value: id, label: name }));
}
