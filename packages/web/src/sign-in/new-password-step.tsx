import { Button, Stack, Text, TextInput } from "@mantine/core";
import { chooseFirstPassword } from "@poterne/contract";
import { type SyntheticEvent, useState } from "react";
import { useEntryWords, useLanguage } from "../i18n/tongue.tsx";
import { FailureView } from "../ui/failure-view.tsx";
import { SecretInput } from "../ui/secret-input.tsx";
import { Frame } from "./frame.tsx";
import type { StepProps } from "./password-steps.tsx";
import { callState, useStep } from "./use-step.ts";

/** A new password; the first administrator also gives login and name. */
export function NewPasswordStep({ state, onState }: StepProps<"new-password-needed">) {
  const { signIn, common } = useEntryWords();
  const { language } = useLanguage();
  const [form, setForm] = useState({ login: state.login, name: state.name, password: "", again: "" });
  const [isDifferent, setDifferent] = useState(false);
  const step = useStep(onState);
  const change = (name: keyof typeof form) => (event: { currentTarget: { value: string } }) => {
    const { value } = event.currentTarget;
    setForm((old) => ({ ...old, [name]: value }));
  };
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    setDifferent(form.password !== form.again);
    if (form.password !== form.again) return;
    const profile = state.asksProfile ? { login: form.login, name: form.name } : {};
    step.run(() =>
      callState(chooseFirstPassword, { body: { password: form.password, language, ...profile } }),
    );
  };
  const title = state.asksProfile ? signIn.newPasswordFirst : signIn.newPasswordTitle;
  return (
    <Frame title={title}>
      <Text size="sm">{state.asksProfile ? signIn.newPasswordFirstText : signIn.welcome(state.name)}</Text>
      {step.error !== null && <FailureView error={step.error} />}
      <form onSubmit={submit}>
        <Stack>
          {state.asksProfile ? (
            <>
              <TextInput
                label={signIn.login}
                autoComplete="username"
                required
                value={form.login}
                onChange={change("login")}
              />
              <TextInput
                label={signIn.yourName}
                autoComplete="name"
                required
                value={form.name}
                onChange={change("name")}
              />
            </>
          ) : (
            <input type="text" hidden readOnly autoComplete="username" value={state.login} />
          )}
          <SecretInput
            label={signIn.newPassword}
            description={signIn.rules(state.rules.minLength, state.rules.rememberedCount)}
            autoComplete="new-password"
            required
            minLength={state.rules.minLength}
            value={form.password}
            onChange={change("password")}
          />
          <SecretInput
            label={signIn.passwordAgain}
            autoComplete="new-password"
            required
            error={isDifferent ? signIn.passwordsDiffer : null}
            value={form.again}
            onChange={change("again")}
          />
          <Button type="submit" loading={step.isBusy}>
            {common.next}
          </Button>
        </Stack>
      </form>
    </Frame>
  );
}
