import { Checkbox, Fieldset, NativeSelect, NumberInput, SimpleGrid, Stack, Textarea } from "@mantine/core";
import type { Policy } from "@poterne/contract";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { PolicyAccessInputs } from "./policy-access-inputs.tsx";

interface RulesProps {
  readonly rules: Policy;
  readonly onChange: (rules: Policy) => void;
  readonly isLocked: boolean;
}

type KeysOf<Type> = { [Key in keyof Policy]: Policy[Key] extends Type ? Key : never }[keyof Policy];

/** All rules of a policy, by subject, deterrents apart. */
export function PolicyInputs(props: RulesProps) {
  const { policies } = useAdminWords();
  return (
    <Stack>
      <Fieldset legend={policies.groups.evidence} disabled={props.isLocked}>
        <Evidence {...props} />
      </Fieldset>
      <Fieldset legend={policies.groups.exchange} disabled={props.isLocked}>
        <Exchange {...props} />
      </Fieldset>
      <Fieldset legend={policies.groups.session} disabled={props.isLocked}>
        <SessionRules {...props} />
      </Fieldset>
      <PolicyAccessInputs {...props} />
      <Fieldset legend={policies.groups.target} disabled={props.isLocked}>
        <Choice {...props} name="targetIdentity" words={policies.identities} />
      </Fieldset>
      <Fieldset legend={policies.deterrent} disabled={props.isLocked}>
        <Tick {...props} name="watermark" />
      </Fieldset>
    </Stack>
  );
}

function Evidence(props: RulesProps) {
  const { policies } = useAdminWords();
  return (
    <Stack gap="sm">
      <Choice {...props} name="recording" words={policies.recordings} />
      <Tick {...props} name="recordInput" />
      {props.rules.recordInput && (
        <Textarea
          label={policies.fields.recordInputPurpose}
          required
          maxLength={500}
          autosize
          value={props.rules.recordInputPurpose}
          onChange={(event) =>
            props.onChange({ ...props.rules, recordInputPurpose: event.currentTarget.value })
          }
        />
      )}
      <Tick {...props} name="recordClipboardContents" />
      {props.rules.audio && <Tick {...props} name="recordAudio" />}
      <Amount {...props} name="retentionDays" min={1} max={3650} />
    </Stack>
  );
}

function Exchange(props: RulesProps) {
  const { policies } = useAdminWords();
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Choice {...props} name="clipboardToTarget" words={policies.clipboards} />
        <Choice {...props} name="clipboardFromTarget" words={policies.clipboards} />
      </SimpleGrid>
      <Amount {...props} name="clipboardMaxBytes" min={1} max={8_388_608} />
      <Tick {...props} name="terminalClipboardWrite" />
      <Tick {...props} name="audio" />
      <Tick {...props} name="filesToTarget" />
      <Tick {...props} name="filesFromTarget" />
      <Amount {...props} name="fileMaxBytes" min={1} max={1_099_511_627_776} />
      <Amount {...props} name="driveQuotaBytes" min={65_536} max={1_099_511_627_776} />
      <Tick {...props} name="driveKept" />
    </Stack>
  );
}

function SessionRules(props: RulesProps) {
  const { policies } = useAdminWords();
  return (
    <Stack gap="sm">
      <Tick {...props} name="readOnly" />
      <Choice {...props} name="reason" words={policies.reasons} />
      <Tick {...props} name="needsGuardian" />
      <Tick {...props} name="tellWatched" />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Limit {...props} name="maxMinutes" max={1440} />
        <Limit {...props} name="idleMinutes" max={1440} />
        <Limit {...props} name="maxSessionsPerPerson" max={1000} />
        <Limit {...props} name="maxSessionsPerTarget" max={1000} />
        <Limit {...props} name="maxSessionsInTotal" max={5000} />
      </SimpleGrid>
      <Amount {...props} name="graceSeconds" min={0} max={3600} />
    </Stack>
  );
}

function Tick(props: RulesProps & { readonly name: KeysOf<boolean> }) {
  const { policies } = useAdminWords();
  return (
    <Checkbox
      label={policies.fields[props.name]}
      checked={props.rules[props.name]}
      onChange={(event) => props.onChange({ ...props.rules, [props.name]: event.currentTarget.checked })}
    />
  );
}

function Choice(
  props: RulesProps & {
    readonly name: "recording" | "clipboardToTarget" | "clipboardFromTarget" | "reason" | "targetIdentity";
    readonly words: Readonly<Record<string, string>>;
  },
) {
  const { policies } = useAdminWords();
  return (
    <NativeSelect
      label={policies.fields[props.name]}
      data={Object.entries(props.words).map(([value, label]) => ({ value, label }))}
      value={props.rules[props.name]}
      onChange={(event) => props.onChange({ ...props.rules, [props.name]: event.currentTarget.value })}
    />
  );
}

function Amount(
  props: RulesProps & {
    readonly name:
      | "retentionDays"
      | "clipboardMaxBytes"
      | "fileMaxBytes"
      | "driveQuotaBytes"
      | "graceSeconds";
    readonly min: number;
    readonly max: number;
  },
) {
  const { policies } = useAdminWords();
  return (
    <NumberInput
      label={policies.fields[props.name]}
      required
      min={props.min}
      max={props.max}
      allowDecimal={false}
      thousandSeparator=" "
      value={props.rules[props.name]}
      onChange={(value) => props.onChange({ ...props.rules, [props.name]: Number(value) })}
    />
  );
}

function Limit(
  props: RulesProps & {
    readonly name:
      | "maxMinutes"
      | "idleMinutes"
      | "maxSessionsPerPerson"
      | "maxSessionsPerTarget"
      | "maxSessionsInTotal";
    readonly max: number;
  },
) {
  const { policies } = useAdminWords();
  return (
    <NumberInput
      label={policies.fields[props.name]}
      description={policies.emptyMeans}
      min={1}
      max={props.max}
      allowDecimal={false}
      value={props.rules[props.name] ?? ""}
      onChange={(value) =>
        props.onChange({ ...props.rules, [props.name]: value === "" ? null : Number(value) })
      }
    />
  );
}
