import { Checkbox, Textarea, TextInput } from "@mantine/core";
import { createMachine, updateMachine } from "@poterne/contract";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useAction } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { FormModal } from "../../ui/form-modal.tsx";
import { Picker } from "../../ui/pickers.tsx";
import { readFacts, readLines, writeFacts } from "./machine-text.ts";

/** What the form needs of an existing machine. */
export interface MachineToEdit {
  readonly machineId: string;
  readonly version: number;
  readonly name: string;
  readonly siteId: string;
  readonly sitePath: readonly string[];
  readonly addresses: readonly string[];
  readonly facts: Readonly<Record<string, string>>;
  readonly kerberosName: string;
  readonly notes: string;
  readonly isDisabled: boolean;
}

/** Creates a machine, or changes one. */
export function MachineForm(props: { readonly machine: MachineToEdit | null; readonly onClose: () => void }) {
  const { inventory, common } = useAdminWords();
  const navigate = useNavigate();
  const { machine } = props;
  const [fields, setFields] = useState({
    name: machine?.name ?? "",
    siteId: machine?.siteId ?? null,
    addresses: machine?.addresses.join("\n") ?? "",
    facts: writeFacts(machine?.facts ?? {}),
    kerberosName: machine?.kerberosName ?? "",
    notes: machine?.notes ?? "",
    isDisabled: machine?.isDisabled ?? false,
  });
  const create = useAction(createMachine, (row) => void navigate({ to: `/admin/machines/${row.machineId}` }));
  const update = useAction(updateMachine, props.onClose);
  const change = (part: Partial<typeof fields>): void => setFields({ ...fields, ...part });
  const submit = (): void => {
    if (fields.siteId === null) return;
    const body = {
      ...fields,
      siteId: fields.siteId,
      addresses: readLines(fields.addresses),
      facts: readFacts(fields.facts),
    };
    if (machine === null) create.mutate({ body });
    else
      update.mutate({
        params: { machineId: machine.machineId },
        body: { version: machine.version, ...body },
      });
  };
  return (
    <FormModal
      title={machine === null ? inventory.machineCreate : `${common.edit} : ${machine.name}`}
      action={machine === null ? common.create : common.save}
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
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <Picker
        kind="site"
        label={inventory.machineSite}
        isRequired
        value={fields.siteId}
        onChange={(siteId) => change({ siteId })}
      />
      <Textarea
        label={inventory.machineAddresses}
        description={inventory.machineAddressesHint}
        required
        autosize
        minRows={2}
        value={fields.addresses}
        onChange={(event) => change({ addresses: event.currentTarget.value })}
      />
      <Textarea
        label={inventory.machineFacts}
        description={inventory.machineFactsHint}
        autosize
        minRows={2}
        value={fields.facts}
        onChange={(event) => change({ facts: event.currentTarget.value })}
      />
      <TextInput
        label={inventory.machineKerberos}
        value={fields.kerberosName}
        onChange={(event) => change({ kerberosName: event.currentTarget.value })}
      />
      <Textarea
        label={inventory.notes}
        autosize
        value={fields.notes}
        onChange={(event) => change({ notes: event.currentTarget.value })}
      />
      <Checkbox
        label={inventory.machineDisabled}
        checked={fields.isDisabled}
        onChange={(event) => change({ isDisabled: event.currentTarget.checked })}
      />
    </FormModal>
  );
}
