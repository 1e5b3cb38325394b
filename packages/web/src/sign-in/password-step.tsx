import { Button, Stack, Text } from "@mantine/core";
import { signInWithPassword } from "@poterne/contract";
import { type SyntheticEvent, useState } from "react";
import { useEntryWords } from "../i18n/tongue.tsx";
import { FailureView } from "../ui/failure-view.tsx";
import { SecretInput } from "../ui/secret-input.tsx";
import { goToFederation } from "./federation.ts";
import { Frame } from "./frame.tsx";
import type { StepProps } from "./password-steps.tsx";
import { callState, useStep } from "./use-step.ts";

/** The current password, after a link that replaces the devices. */
export function PasswordStep({ state, onState }: StepProps<"password-needed">) {
  const { signIn, common } = useEntryWords();
  const { federation } = state;
  const [password, setPassword] = useState("");
  const step = useStep(onState);
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    step.run(() => callState(signInWithPassword, { body: { login: state.login, password } }));
  };
  return (
    <Frame title={signIn.welcome(state.name)}>
      <Text size="sm">{federation === null ? signIn.passwordNeededText : signIn.federationNeededText}</Text>
      {step.error !== null && <FailureView error={step.error} />}
      {federation !== null && (
        <Button loading={step.isBusy} onClick={() => step.run(() => goToFederation(federation.providerId))}>
          {signIn.withFederation(federation.name)}
        </Button>
      )}
      <form onSubmit={submit} hidden={federation !== null}>
        <Stack>
          <SecretInput
            label={common.password}
            autoComplete="current-password"
            required
            autoFocus
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Button type="submit" loading={step.isBusy}>
            {common.next}
          </Button>
        </Stack>
      </form>
    </Frame>
  );
}
