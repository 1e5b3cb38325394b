import { Button, Stack, Text } from "@mantine/core";
import { changeMyPassword } from "@poterne/contract";
import { type SyntheticEvent, useState } from "react";
import { useAction } from "../../api/use-call.ts";
import { useWords } from "../../i18n/tongue.tsx";
import { useSignedIn } from "../../shell/signed-in.tsx";
import { SaveFailure } from "../../ui/form-modal.tsx";
import { SecretInput } from "../../ui/secret-input.tsx";
import { Section } from "../../ui/section.tsx";

const EMPTY = { current: "", next: "", again: "" };

/** Changes one's password, or sets the first one. */
export function PasswordSection() {
  const { me } = useWords();
  const { person, hasPassword, providerName } = useSignedIn();
  const [form, setForm] = useState(EMPTY);
  const action = useAction(changeMyPassword, () => setForm(EMPTY));
  const isDifferent = form.again !== "" && form.next !== form.again;
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (form.next === form.again) {
      const currentPassword = hasPassword ? form.current : null;
      action.mutate({ body: { currentPassword, newPassword: form.next } });
    }
  };
  const change = (name: keyof typeof form) => (event: { currentTarget: { value: string } }) => {
    const { value } = event.currentTarget;
    setForm((old) => ({ ...old, [name]: value }));
  };
  if (providerName !== null)
    return (
      <Section title={me.passwordTitle}>
        {<Text size="sm">{me.passwordElsewhere(providerName)}</Text>}
      </Section>
    );
  return (
    <Section title={me.passwordTitle}>
      <form onSubmit={submit}>
        <Stack maw={420}>
          <input type="text" hidden readOnly autoComplete="username" value={person.login} />
          {hasPassword ? (
            <SecretInput
              label={me.currentPassword}
              autoComplete="current-password"
              required
              value={form.current}
              onChange={change("current")}
            />
          ) : (
            <Text size="sm">{me.passwordNone}</Text>
          )}
          <SecretInput
            label={me.newPassword}
            autoComplete="new-password"
            required
            value={form.next}
            onChange={change("next")}
          />
          <SecretInput
            label={me.newPasswordAgain}
            autoComplete="new-password"
            required
            error={isDifferent ? me.passwordsDiffer : null}
            value={form.again}
            onChange={change("again")}
          />
          <SaveFailure error={action.error} />
          {action.isSuccess && (
            <Text size="sm" role="status">
              {me.passwordChanged}
            </Text>
          )}
          <div>
            <Button type="submit" variant="default" loading={action.isPending} disabled={isDifferent}>
              {hasPassword ? me.passwordChange : me.passwordSet}
            </Button>
          </div>
        </Stack>
      </form>
    </Section>
  );
}
