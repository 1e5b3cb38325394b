import { Button, Group, NativeSelect, Stack, Text, TextInput, useMantineColorScheme } from "@mantine/core";
import { updateMe } from "@poterne/contract";
import { type SyntheticEvent, useState } from "react";
import { useAction } from "../../api/use-call.ts";
import { useLanguage, useWords } from "../../i18n/tongue.tsx";
import { chooseKeyboard, followProfileKeyboard } from "../../session/keyboard-choice.ts";
import { useSignedIn } from "../../shell/signed-in.tsx";
import { SaveFailure } from "../../ui/form-modal.tsx";
import { AppLink } from "../../ui/link.tsx";
import { Section } from "../../ui/section.tsx";

/** Name, language, appearance and keyboard. */
export function ProfileSection() {
  const { me, common } = useWords();
  const { person } = useSignedIn();
  const { language, setLanguage } = useLanguage();
  const { setColorScheme } = useMantineColorScheme();
  const [form, setForm] = useState({
    name: person.name,
    language,
    theme: person.theme,
    keyboardMode: person.keyboardMode,
  });
  const action = useAction(updateMe, () => {
    setLanguage(form.language);
    setColorScheme(form.theme);
    // A new wish in the profile holds in this browser too, whatever was chosen here before.
    if (form.keyboardMode !== person.keyboardMode) chooseKeyboard(null);
    followProfileKeyboard(form.keyboardMode);
  });
  const change = (part: Partial<typeof form>): void => setForm((old) => ({ ...old, ...part }));
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    action.mutate({ body: form });
  };
  return (
    <Section title={me.profile}>
      <form onSubmit={submit}>
        <Stack maw={520}>
          <TextInput label={me.login} value={person.login} readOnly disabled />
          <TextInput
            label={me.yourName}
            required
            maxLength={200}
            autoComplete="name"
            value={form.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
          <NativeSelect
            label={common.language}
            value={form.language}
            data={[
              { value: "fr", label: "Français" },
              { value: "en", label: "English" },
            ]}
            onChange={(event) => change({ language: event.currentTarget.value as "fr" | "en" })}
          />
          <NativeSelect
            label={common.theme}
            value={form.theme}
            data={[
              { value: "auto", label: common.themeAuto },
              { value: "light", label: common.themeLight },
              { value: "dark", label: common.themeDark },
            ]}
            onChange={(event) => change({ theme: event.currentTarget.value as typeof form.theme })}
          />
          <NativeSelect
            label={me.keyboard}
            value={form.keyboardMode}
            data={[
              { value: "positions", label: me.keyboardPositions },
              { value: "characters", label: me.keyboardCharacters },
            ]}
            onChange={(event) =>
              change({ keyboardMode: event.currentTarget.value as typeof form.keyboardMode })
            }
          />
          <SaveFailure error={action.error} />
          <Group>
            <Button type="submit" loading={action.isPending}>
              {common.save}
            </Button>
            <AppLink to="/keyboard">{me.keyboardTest}</AppLink>
            {action.isSuccess && (
              <Text size="sm" role="status">
                {me.saved}
              </Text>
            )}
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
