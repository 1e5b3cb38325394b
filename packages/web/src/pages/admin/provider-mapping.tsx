import {
  Button,
  Checkbox,
  Fieldset,
  Group,
  MultiSelect,
  Select,
  SimpleGrid,
  Text,
  TextInput,
} from "@mantine/core";
import { type GroupMapping, type ProviderConfig, ROLES, type Role } from "@poterne/contract";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { Picker } from "../../ui/pickers.tsx";

type Rules = Pick<ProviderConfig, "admits" | "defaultRoles" | "mappings">;

/** Who comes in, with which roles and in which groups. */
export function MappingFields(props: {
  readonly config: Rules;
  readonly onChange: (changes: Partial<Rules>) => void;
}) {
  const { providers, people } = useAdminWords();
  const { config, onChange } = props;
  const change = (index: number, changes: Partial<GroupMapping>): void =>
    onChange({
      mappings: config.mappings.map((rule, at) => (at === index ? { ...rule, ...changes } : rule)),
    });
  const roleOptions = ROLES.map((role) => ({ value: role, label: people.roles[role] }));
  return (
    <>
      <Select
        label={providers.admits}
        data={Object.entries(providers.admitted).map(([value, label]) => ({ value, label }))}
        allowDeselect={false}
        value={config.admits}
        onChange={(admits) => onChange({ admits: admits as Rules["admits"] })}
      />
      <Checkbox.Group
        label={providers.defaultRoles}
        value={[...config.defaultRoles]}
        onChange={(roles) => onChange({ defaultRoles: roles as Role[] })}
      >
        <Group mt={4}>
          {ROLES.map((role) => (
            <Checkbox key={role} value={role} label={people.roles[role]} />
          ))}
        </Group>
      </Checkbox.Group>
      <Fieldset legend={providers.mappings}>
        <Text size="sm" c="dimmed">
          {providers.mappingsHint}
        </Text>
        {config.mappings.map((rule, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a rule has no name of its own, and rules keep their order
          <SimpleGrid key={index} cols={{ base: 1, sm: 2 }} mt="sm">
            <TextInput
              label={providers.mappingGroup}
              required
              spellCheck={false}
              value={rule.group}
              onChange={(event) => change(index, { group: event.currentTarget.value })}
            />
            <Picker
              kind="group"
              label={providers.mappingTo}
              value={rule.groupId}
              onChange={(groupId) => change(index, { groupId })}
            />
            <MultiSelect
              label={people.rolesLabel}
              data={roleOptions}
              value={[...rule.roles]}
              onChange={(roles) => change(index, { roles: roles as Role[] })}
            />
            <Group align="flex-end">
              <Button
                variant="subtle"
                color="red"
                onClick={() => onChange({ mappings: config.mappings.filter((_rule, at) => at !== index) })}
              >
                {providers.mappingRemove}
              </Button>
            </Group>
          </SimpleGrid>
        ))}
        <Button
          mt="sm"
          variant="default"
          onClick={() =>
            onChange({ mappings: [...config.mappings, { group: "", groupId: null, roles: [] }] })
          }
        >
          {providers.mappingAdd}
        </Button>
      </Fieldset>
    </>
  );
}
