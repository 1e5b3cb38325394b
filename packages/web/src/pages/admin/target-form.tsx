import { Checkbox, Fieldset, NativeSelect, NumberInput, Stack, TextInput } from "@mantine/core";
import {
  createTarget,
  DEFAULT_PORT,
  type NewTarget,
  type Protocol,
  type TargetRow,
  updateTarget,
} from "@poterne/contract";
import { useState } from "react";
import { useAction } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { FormModal } from "../../ui/form-modal.tsx";
import { PROTOCOL_CHOICES } from "../../ui/protocols.ts";
import { type OptionValues, TargetOptions } from "./target-options.tsx";

const MAX_PORT = 65_535;

/** Adds a way in to a machine, or changes one; the protocol of an existing one stays. */
export function TargetForm(props: {
  readonly machineId: string;
  readonly target: TargetRow | null;
  readonly onClose: () => void;
}) {
  const { inventory, common } = useAdminWords();
  const { target } = props;
  const [fields, setFields] = useState({
    protocol: target?.protocol ?? ("ssh" as Protocol),
    name: target?.name ?? "",
    port: target?.port ?? DEFAULT_PORT.ssh,
    address: target?.address ?? "",
    isDisabled: target?.isDisabled ?? false,
    options: (target?.options ?? {}) as OptionValues,
  });
  const create = useAction(createTarget, props.onClose);
  const update = useAction(updateTarget, props.onClose);
  const change = (part: Partial<typeof fields>): void => setFields({ ...fields, ...part });
  const submit = (): void => {
    const { protocol, name, address, ...others } = fields;
    const common = { ...others, ...(name === "" ? {} : { name }), address: address === "" ? null : address };
    if (target === null) {
      const body = { ...common, protocol } as unknown as NewTarget;
      create.mutate({ params: { machineId: props.machineId }, body });
    } else {
      update.mutate({ params: { targetId: target.targetId }, body: { version: target.version, ...common } });
    }
  };
  return (
    <FormModal
      title={target === null ? inventory.targetAdd : `${common.edit} : ${target.name}`}
      action={target === null ? common.create : common.save}
      onSubmit={submit}
      onClose={props.onClose}
      isBusy={create.isPending || update.isPending}
      error={create.error ?? update.error}
    >
      <NativeSelect
        label={inventory.protocol}
        disabled={target !== null}
        data={[...PROTOCOL_CHOICES]}
        value={fields.protocol}
        onChange={(event) => {
          const protocol = event.currentTarget.value as Protocol;
          change({ protocol, port: DEFAULT_PORT[protocol], options: {} });
        }}
      />
      <TextInput
        label={inventory.targetName}
        description={inventory.targetNameHint}
        maxLength={120}
        value={fields.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <NumberInput
        label={inventory.targetPort}
        required
        min={1}
        max={MAX_PORT}
        value={fields.port}
        onChange={(port) => change({ port: Number(port) || DEFAULT_PORT[fields.protocol] })}
      />
      <TextInput
        label={inventory.targetAddress}
        description={inventory.targetAddressHint}
        value={fields.address}
        onChange={(event) => change({ address: event.currentTarget.value })}
      />
      <Checkbox
        label={inventory.targetDisabled}
        checked={fields.isDisabled}
        onChange={(event) => change({ isDisabled: event.currentTarget.checked })}
      />
      <Fieldset legend={inventory.targetOptions}>
        <Stack gap="sm">
          <TargetOptions
            protocol={fields.protocol}
            values={fields.options}
            onChange={(options) => change({ options })}
          />
        </Stack>
      </Fieldset>
    </FormModal>
  );
}
