import { Checkbox, NativeSelect, Stack, TextInput } from "@mantine/core";
import { createPerson, type PersonRow, ROLES, type Role, updatePerson } from "@poterne/contract";
import { useState } from "react";
import { useAction } from "../../api/use-call.ts";
import { useAdminWords } from "../../i18n/admin-words.ts";
import { useWords } from "../../i18n/tongue.tsx";
import { FormModal } from "../../ui/form-modal.tsx";
import { MultiPicker, Picker } from "../../ui/pickers.tsx";
import type { OneTimeLink } from "./link-dialogue.tsx";

interface PersonFields {
  readonly login: string;
  readonly name: string;
  readonly email: string;
  readonly language: "fr" | "en";
  readonly siteId: string | null;
  readonly roles: Role[];
  readonly administeredSiteIds: string[] | null;
}

const NOBODY: PersonFields = {
  login: "",
  name: "",
  email: "",
  language: "fr",
  siteId: null,
  roles: ["user"],
  administeredSiteIds: null,
};

/** Creates a person; ends with the link for the first sign-in. */
export function NewPersonForm(props: {
  readonly onClose: () => void;
  readonly onCreated: (link: OneTimeLink) => void;
}) {
  const { people, common } = useAdminWords();
  const [fields, setFields] = useState(NOBODY);
  const [groupIds, setGroupIds] = useState<string[]>([]);
  const action = useAction(createPerson, (reply) => props.onCreated(reply.link));
  return (
    <FormModal
      title={people.create}
      action={common.create}
      onSubmit={() => action.mutate({ body: { ...fields, groupIds } })}
      onClose={props.onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <PersonInputs fields={fields} onChange={setFields} />
      <MultiPicker kind="group" label={people.groups} value={groupIds} onChange={setGroupIds} />
    </FormModal>
  );
}

/** Changes a person. */
export function EditPersonForm(props: { readonly person: PersonRow; readonly onClose: () => void }) {
  const { common } = useWords();
  const { person } = props;
  const [fields, setFields] = useState<PersonFields>({
    login: person.login,
    name: person.name,
    email: person.email,
    language: person.language,
    siteId: person.siteId,
    roles: person.roles,
    administeredSiteIds: person.administeredSiteIds,
  });
  const action = useAction(updatePerson, props.onClose);
  return (
    <FormModal
      title={`${common.edit} : ${person.name}`}
      action={common.save}
      onSubmit={() => action.mutate({ params: { personId: person.personId }, body: fields })}
      onClose={props.onClose}
      isBusy={action.isPending}
      error={action.error}
    >
      <PersonInputs fields={fields} onChange={setFields} />
    </FormModal>
  );
}

function PersonInputs(props: {
  readonly fields: PersonFields;
  readonly onChange: (fields: PersonFields) => void;
}) {
  const { people, common } = useAdminWords();
  const { fields } = props;
  const change = (part: Partial<PersonFields>): void => props.onChange({ ...fields, ...part });
  return (
    <Stack>
      <TextInput
        label={common.name}
        required
        maxLength={200}
        value={fields.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <TextInput
        label={people.login}
        required
        maxLength={128}
        autoCapitalize="none"
        spellCheck={false}
        value={fields.login}
        onChange={(event) => change({ login: event.currentTarget.value })}
      />
      <TextInput
        type="email"
        label={people.email}
        value={fields.email}
        onChange={(event) => change({ email: event.currentTarget.value })}
      />
      <NativeSelect
        label={common.language}
        value={fields.language}
        data={[
          { value: "fr", label: "Français" },
          { value: "en", label: "English" },
        ]}
        onChange={(event) => change({ language: event.currentTarget.value as "fr" | "en" })}
      />
      <Checkbox.Group
        label={people.rolesLabel}
        value={fields.roles}
        onChange={(roles) => change({ roles: roles as Role[] })}
      >
        <Stack gap="xs" mt="xs">
          {ROLES.map((role) => (
            <Checkbox
              key={role}
              value={role}
              label={people.roles[role]}
              description={people.rolesHint[role]}
            />
          ))}
        </Stack>
      </Checkbox.Group>
      {fields.roles.includes("administrator") && (
        <>
          <Checkbox
            label={people.everywhere}
            checked={fields.administeredSiteIds === null}
            onChange={(event) => change({ administeredSiteIds: event.currentTarget.checked ? null : [] })}
          />
          {fields.administeredSiteIds !== null && (
            <MultiPicker
              kind="site"
              label={people.administeredSites}
              isRequired
              value={fields.administeredSiteIds}
              onChange={(administeredSiteIds) => change({ administeredSiteIds })}
            />
          )}
        </>
      )}
      <Picker
        kind="site"
        label={people.site}
        description={people.siteHint}
        value={fields.siteId}
        onChange={(siteId) => change({ siteId })}
      />
    </Stack>
  );
}
