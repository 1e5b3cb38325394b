import { Button, Checkbox, Fieldset, Group, NumberInput, SimpleGrid, Stack, TextInput } from "@mantine/core";
import type { Policy } from "@poterne/contract";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { NetworksInput } from "../../ui/networks-input.tsx";
import { MultiPicker } from "../../ui/pickers.tsx";

interface RulesProps {
  readonly rules: Policy;
  readonly onChange: (rules: Policy) => void;
  readonly isLocked: boolean;
}

type Hours = NonNullable<Policy["hours"]>;
type Approval = NonNullable<Policy["approval"]>;

const OFFICE_SLOT = { days: [1, 2, 3, 4, 5], from: "08:00", to: "19:00" };
const FIRST_APPROVAL: Approval = {
  quorum: 1,
  approverGroupIds: [],
  maxMinutes: 240,
  emergencyMinutes: null,
};
const FIRST_EMERGENCY_MINUTES = 60;
const MAX_SLOTS = 21;

/** Where, when and under which approval a policy opens. */
export function PolicyAccessInputs({ rules: policy, onChange, isLocked }: RulesProps) {
  const { rules } = useAdminWords();
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <Fieldset legend={rules.group} disabled={isLocked}>
      <Stack gap="sm">
        <NetworksInput
          value={policy.sourceNetworks}
          isLocked={isLocked}
          onChange={(sourceNetworks) => onChange({ ...policy, sourceNetworks })}
        />
        <Checkbox
          label={rules.hours}
          checked={policy.hours !== null}
          onChange={(event) =>
            onChange({
              ...policy,
              hours: event.currentTarget.checked
                ? { timeZone, slots: [OFFICE_SLOT], onHolidays: "closed" }
                : null,
            })
          }
        />
        {policy.hours !== null && (
          <HoursInputs hours={policy.hours} onChange={(hours) => onChange({ ...policy, hours })} />
        )}
        <Checkbox
          label={rules.approval}
          checked={policy.approval !== null}
          onChange={(event) =>
            onChange({ ...policy, approval: event.currentTarget.checked ? FIRST_APPROVAL : null })
          }
        />
        {policy.approval !== null && (
          <ApprovalInputs
            approval={policy.approval}
            onChange={(approval) => onChange({ ...policy, approval })}
          />
        )}
      </Stack>
    </Fieldset>
  );
}

function HoursInputs(props: { readonly hours: Hours; readonly onChange: (hours: Hours) => void }) {
  const { rules } = useAdminWords();
  const { hours } = props;
  const setSlot = (index: number, slot: Hours["slots"][number] | null): void => {
    const slots = hours.slots.flatMap((known, place) =>
      place !== index ? [known] : slot === null ? [] : [slot],
    );
    props.onChange({ ...hours, slots });
  };
  return (
    <Stack gap="sm" pl="md">
      <TextInput
        label={rules.timeZone}
        description={rules.timeZoneHint}
        required
        maxLength={60}
        spellCheck={false}
        value={hours.timeZone}
        onChange={(event) => props.onChange({ ...hours, timeZone: event.currentTarget.value })}
      />
      {hours.slots.map((slot, index) => (
        <SlotInputs
          // biome-ignore lint/suspicious/noArrayIndexKey: a slot is its place in the list
          key={index}
          index={index + 1}
          slot={slot}
          onChange={(next) => setSlot(index, next)}
          onRemove={hours.slots.length > 1 ? () => setSlot(index, null) : null}
        />
      ))}
      {hours.slots.length < MAX_SLOTS && (
        <Group>
          <Button
            size="xs"
            variant="default"
            onClick={() => props.onChange({ ...hours, slots: [...hours.slots, OFFICE_SLOT] })}
          >
            {rules.addSlot}
          </Button>
        </Group>
      )}
      <Checkbox
        label={rules.closedOnHolidays}
        checked={hours.onHolidays === "closed"}
        onChange={(event) =>
          props.onChange({ ...hours, onHolidays: event.currentTarget.checked ? "closed" : "open" })
        }
      />
    </Stack>
  );
}

function SlotInputs(props: {
  readonly index: number;
  readonly slot: Hours["slots"][number];
  readonly onChange: (slot: Hours["slots"][number]) => void;
  readonly onRemove: (() => void) | null;
}) {
  const { rules } = useAdminWords();
  const { slot } = props;
  return (
    <Fieldset legend={rules.slot(props.index)}>
      <Stack gap="xs">
        <Checkbox.Group
          label={rules.weekdays}
          value={slot.days.map(String)}
          onChange={(days) => props.onChange({ ...slot, days: days.map(Number).sort((a, b) => a - b) })}
        >
          <Group gap="sm" mt={4}>
            {rules.weekdayShort.map((name, index) => (
              <Checkbox key={name} value={String(index + 1)} label={name} />
            ))}
          </Group>
        </Checkbox.Group>
        <Group align="flex-end">
          <TextInput
            label={rules.from}
            required
            pattern="([01][0-9]|2[0-3]):[0-5][0-9]"
            placeholder="08:00"
            w={90}
            value={slot.from}
            onChange={(event) => props.onChange({ ...slot, from: event.currentTarget.value })}
          />
          <TextInput
            label={rules.to}
            required
            pattern="([01][0-9]|2[0-3]):[0-5][0-9]|24:00"
            placeholder="19:00"
            w={90}
            value={slot.to}
            onChange={(event) => props.onChange({ ...slot, to: event.currentTarget.value })}
          />
          {props.onRemove !== null && (
            <Button
              size="xs"
              variant="default"
              aria-label={rules.removeSlot(props.index)}
              onClick={props.onRemove}
            >
              ×
            </Button>
          )}
        </Group>
      </Stack>
    </Fieldset>
  );
}

function ApprovalInputs(props: {
  readonly approval: Approval;
  readonly onChange: (approval: Approval) => void;
}) {
  const { rules } = useAdminWords();
  const { approval } = props;
  const change = (part: Partial<Approval>): void => props.onChange({ ...approval, ...part });
  return (
    <Stack gap="sm" pl="md">
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <NumberInput
          label={rules.quorum}
          required
          min={1}
          max={5}
          allowDecimal={false}
          value={approval.quorum}
          onChange={(value) => change({ quorum: Number(value) })}
        />
        <NumberInput
          label={rules.approvalMinutes}
          required
          min={1}
          max={44_640}
          allowDecimal={false}
          value={approval.maxMinutes}
          onChange={(value) => change({ maxMinutes: Number(value) })}
        />
      </SimpleGrid>
      <MultiPicker
        kind="group"
        label={rules.approvers}
        description={rules.approversHint}
        value={approval.approverGroupIds}
        onChange={(approverGroupIds) => change({ approverGroupIds })}
      />
      <Checkbox
        label={rules.emergency}
        description={rules.emergencyHint}
        checked={approval.emergencyMinutes !== null}
        onChange={(event) =>
          change({ emergencyMinutes: event.currentTarget.checked ? FIRST_EMERGENCY_MINUTES : null })
        }
      />
      {approval.emergencyMinutes !== null && (
        <NumberInput
          label={rules.emergencyMinutes}
          required
          min={1}
          max={1440}
          allowDecimal={false}
          value={approval.emergencyMinutes}
          onChange={(value) => change({ emergencyMinutes: Number(value) })}
        />
      )}
    </Stack>
  );
}
