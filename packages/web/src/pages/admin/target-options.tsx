import { Checkbox, NativeSelect, NumberInput, TextInput } from "@mantine/core";
import { type Protocol, RDP_LAYOUTS, type RdpLayout } from "@poterne/contract";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { MultiPicker } from "../../ui/pickers.tsx";

/** Options of a target by name; what is absent takes the gateway's default. */
export type OptionValues = Readonly<Record<string, unknown>>;

interface OptionsProps {
  readonly values: OptionValues;
  readonly onChange: (values: OptionValues) => void;
}

/** The form of a protocol's own options. */
export function TargetOptions(props: OptionsProps & { readonly protocol: Protocol }) {
  const { protocol, ...rest } = props;
  if (protocol === "ssh") return <SshOptionInputs {...rest} />;
  if (protocol === "rdp") return <RdpOptionInputs {...rest} />;
  return protocol === "telnet" ? <TelnetOptionInputs {...rest} /> : <VncOptionInputs {...rest} />;
}

function SshOptionInputs({ values, onChange }: OptionsProps) {
  const { inventory } = useAdminWords();
  const jumps = Array.isArray(values.jumpTargetIds) ? (values.jumpTargetIds as string[]) : [];
  return (
    <>
      <Checkbox
        label={inventory.legacy}
        description={inventory.legacyHint}
        checked={values.legacyAlgorithms === true}
        onChange={(event) => onChange({ ...values, legacyAlgorithms: event.currentTarget.checked })}
      />
      <MultiPicker
        kind="target"
        label={inventory.jumps}
        query={{ protocol: "ssh" }}
        value={jumps}
        onChange={(jumpTargetIds) => onChange({ ...values, jumpTargetIds })}
      />
      <OptionText name="terminalType" label={inventory.terminalType} values={values} onChange={onChange} />
      <NumberInput
        label={inventory.keepalive}
        min={0}
        max={600}
        value={typeof values.keepaliveSeconds === "number" ? values.keepaliveSeconds : ""}
        placeholder="30"
        onChange={(keepaliveSeconds) =>
          onChange(
            withOption(values, "keepaliveSeconds", keepaliveSeconds === "" ? "" : Number(keepaliveSeconds)),
          )
        }
      />
      <OptionText name="locale" label={inventory.locale} values={values} onChange={onChange} />
      <NativeSelect
        label={inventory.sshKerberos}
        description={inventory.sshKerberosHint}
        data={Object.entries(inventory.sshKerberosModes).map(([value, label]) => ({ value, label }))}
        value={typeof values.kerberos === "string" ? values.kerberos : "no"}
        onChange={(event) => onChange({ ...values, kerberos: event.currentTarget.value })}
      />
    </>
  );
}

function TelnetOptionInputs({ values, onChange }: OptionsProps) {
  const { inventory } = useAdminWords();
  return (
    <>
      <OptionText name="loginPrompt" label={inventory.loginPrompt} values={values} onChange={onChange} />
      <OptionText
        name="passwordPrompt"
        label={inventory.passwordPrompt}
        values={values}
        onChange={onChange}
      />
      <OptionText name="failurePrompt" label={inventory.failurePrompt} values={values} onChange={onChange} />
      <OptionText name="terminalType" label={inventory.terminalType} values={values} onChange={onChange} />
      <NativeSelect
        label={inventory.encoding}
        data={[
          { value: "utf-8", label: "UTF-8" },
          { value: "latin1", label: "Latin-1" },
        ]}
        value={values.encoding === "latin1" ? "latin1" : "utf-8"}
        onChange={(event) => onChange({ ...values, encoding: event.currentTarget.value })}
      />
    </>
  );
}

function VncOptionInputs({ values, onChange }: OptionsProps) {
  const { inventory } = useAdminWords();
  const security = typeof values.minimumSecurity === "string" ? values.minimumSecurity : "vncauth";
  const quality = values.quality === undefined ? 8 : values.quality;
  return (
    <>
      <NativeSelect
        label={inventory.minimumSecurity}
        data={Object.entries(inventory.minimumSecurities).map(([value, label]) => ({ value, label }))}
        value={security}
        onChange={(event) => onChange({ ...values, minimumSecurity: event.currentTarget.value })}
      />
      <NumberInput
        label={inventory.quality}
        description={inventory.qualityHint}
        min={0}
        max={9}
        value={typeof quality === "number" ? quality : ""}
        onChange={(value) => onChange({ ...values, quality: value === "" ? null : Number(value) })}
      />
      <Checkbox
        label={inventory.shared}
        checked={values.isShared !== false}
        onChange={(event) => onChange({ ...values, isShared: event.currentTarget.checked })}
      />
    </>
  );
}

function RdpOptionInputs({ values, onChange }: OptionsProps) {
  const { inventory } = useAdminWords();
  const layouts = Object.keys(RDP_LAYOUTS) as RdpLayout[];
  return (
    <>
      <NativeSelect
        label={inventory.rdpSecurity}
        description={inventory.rdpSecurityHint}
        data={Object.entries(inventory.rdpSecurities).map(([value, label]) => ({ value, label }))}
        value={typeof values.security === "string" ? values.security : "automatic"}
        onChange={(event) => onChange({ ...values, security: event.currentTarget.value })}
      />
      <Checkbox
        label={inventory.rdpOldNla}
        description={inventory.rdpOldNlaHint}
        checked={values.allowsOldNla === true}
        onChange={(event) => onChange({ ...values, allowsOldNla: event.currentTarget.checked })}
      />
      <NativeSelect
        label={inventory.rdpKerberos}
        description={inventory.rdpKerberosHint}
        data={Object.entries(inventory.rdpKerberosModes).map(([value, label]) => ({ value, label }))}
        value={typeof values.kerberos === "string" ? values.kerberos : "first"}
        onChange={(event) => onChange({ ...values, kerberos: event.currentTarget.value })}
      />
      <OptionText
        name="domain"
        label={inventory.rdpDomain}
        description={inventory.rdpDomainHint}
        values={values}
        onChange={onChange}
      />
      <NativeSelect
        label={inventory.rdpLayout}
        description={inventory.rdpLayoutHint}
        data={layouts.map((value) => ({ value, label: inventory.rdpLayouts[value] }))}
        value={typeof values.keyboardLayout === "string" ? values.keyboardLayout : "fr"}
        onChange={(event) => onChange({ ...values, keyboardLayout: event.currentTarget.value })}
      />
    </>
  );
}

interface OptionTextProps extends OptionsProps {
  readonly name: string;
  readonly label: string;
  readonly description?: string;
}

function OptionText(props: OptionTextProps) {
  const value = props.values[props.name];
  return (
    <TextInput
      label={props.label}
      description={props.description}
      spellCheck={false}
      value={typeof value === "string" ? value : ""}
      onChange={(event) => props.onChange(withOption(props.values, props.name, event.currentTarget.value))}
    />
  );
}

/** An emptied option is left out, so that the gateway's default holds again. */
function withOption(values: OptionValues, name: string, value: unknown): OptionValues {
  const { [name]: _old, ...others } = values;
  return value === "" ? others : { ...others, [name]: value };
}
