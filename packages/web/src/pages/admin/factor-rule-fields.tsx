import {
  Button,
  Checkbox,
  Fieldset,
  Group,
  NativeSelect,
  NumberInput,
  SimpleGrid,
  TextInput,
} from "@mantine/core";
import type { FactorRule, SignInDemand } from "@poterne/contract";
import { NetworksInput } from "../../ui/networks-input.tsx";
import { MultiPicker, type Option } from "../../ui/pickers.tsx";
import { useFactorWords } from "./factor-words.ts";

/** One rule of the second factor: whom it is for, from where, for what, and what it asks. */
export function FactorRuleFields(props: {
  readonly rule: FactorRule;
  readonly known: readonly Option[];
  readonly isLocked: boolean;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly onChange: (rule: FactorRule) => void;
  readonly onMove: (by: -1 | 1) => void;
  readonly onRemove: () => void;
}) {
  const words = useFactorWords();
  const { rule, known, isLocked, onChange } = props;
  const buttons = [
    ...(props.isFirst ? [] : [{ word: words.up, run: () => props.onMove(-1) }]),
    ...(props.isLast ? [] : [{ word: words.down, run: () => props.onMove(1) }]),
    { word: words.remove, run: props.onRemove },
  ];
  return (
    <Fieldset legend={rule.name === "" ? words.add : rule.name} disabled={isLocked}>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <TextInput
          label={words.name}
          required
          maxLength={120}
          value={rule.name}
          onChange={(event) => onChange({ ...rule, name: event.currentTarget.value })}
        />
        <Demand {...props} />
        <MultiPicker
          kind="group"
          label={words.groups}
          description={words.groupsHint}
          known={known}
          value={rule.groupIds}
          onChange={(groupIds) => onChange({ ...rule, groupIds })}
        />
        <NetworksInput
          label={words.networks}
          description={words.networksHint}
          value={rule.networks}
          isLocked={isLocked}
          onChange={(networks) => onChange({ ...rule, networks })}
        />
        {rule.moment === "opening" && (
          <>
            <MultiPicker
              kind="target"
              label={words.targets}
              description={words.objectsHint}
              known={known}
              value={rule.targetIds}
              onChange={(targetIds) => onChange({ ...rule, targetIds })}
            />
            <MultiPicker
              kind="site"
              label={words.sites}
              description={words.objectsHint}
              known={known}
              value={rule.siteIds}
              onChange={(siteIds) => onChange({ ...rule, siteIds })}
            />
          </>
        )}
        <Checkbox
          label={words.enabled}
          checked={rule.isEnabled}
          onChange={(event) => onChange({ ...rule, isEnabled: event.currentTarget.checked })}
        />
      </SimpleGrid>
      {!isLocked && (
        <Group gap="xs" mt="sm">
          {buttons.map(({ word, run }) => (
            <Button
              key={word}
              size="compact-sm"
              variant="default"
              aria-label={`${word} : ${rule.name}`}
              onClick={run}
            >
              {word}
            </Button>
          ))}
        </Group>
      )}
    </Fieldset>
  );
}

function Demand(props: { readonly rule: FactorRule; readonly onChange: (rule: FactorRule) => void }) {
  const words = useFactorWords();
  const { rule, onChange } = props;
  if (rule.moment === "sign-in")
    return (
      <NativeSelect
        label={words.demand}
        data={Object.entries(words.demands).map(([value, label]) => ({ value, label }))}
        value={rule.demand}
        onChange={(event) => onChange({ ...rule, demand: event.currentTarget.value as SignInDemand })}
      />
    );
  return (
    <NumberInput
      label={words.fresh}
      description={words.freshHint}
      min={1}
      max={60}
      allowDecimal={false}
      value={rule.freshMinutes ?? ""}
      onChange={(value) => onChange({ ...rule, freshMinutes: value === "" ? null : Number(value) })}
    />
  );
}
