import { Button, Stack, Text, TextInput } from "@mantine/core";
import { type SignInState, signInByTicket, signInWithPasskey, signInWithPassword } from "@poterne/contract";
import { type SyntheticEvent, useState } from "react";
import { answerPasskey, canUsePasskeys } from "../api/passkey.ts";
import { useEntryWords } from "../i18n/tongue.tsx";
import { FailureView } from "../ui/failure-view.tsx";
import { SecretInput } from "../ui/secret-input.tsx";
import { goToFederation } from "./federation.ts";
import { Frame } from "./frame.tsx";
import { callState, useStep } from "./use-step.ts";

type StateOf<Name extends SignInState["state"]> = Extract<SignInState, { state: Name }>;

/** What every step gets: the state it shows and where the next state goes. */
export interface StepProps<Name extends SignInState["state"]> {
  readonly state: StateOf<Name>;
  readonly onState: (state: SignInState) => void;
}

/** Name and password, or a passkey alone. */
export function NobodyStep({ state, onState }: StepProps<"nobody">) {
  const { signIn, common } = useEntryWords();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [isCancelled, setCancelled] = useState(false);
  const step = useStep(onState);
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    setCancelled(false);
    step.run(() => callState(signInWithPassword, { body: { login, password } }));
  };
  const givePasskey = (): void => {
    setCancelled(false);
    step.run(async () => {
      const outcome = await answerPasskey();
      setCancelled(!outcome.isDone);
      return outcome.isDone ? await callState(signInWithPasskey, { body: outcome.answer }) : null;
    });
  };
  return (
    <Frame title={signIn.title} organisation={state.organisation}>
      {state.isFirstStart && <Text size="sm">{signIn.firstStart}</Text>}
      {step.error !== null && <FailureView error={step.error} />}
      {isCancelled && (
        <Text size="sm" role="alert">
          {common.passkeyCancelled}
        </Text>
      )}
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label={signIn.login}
            description={
              state.directories.length === 0 ? signIn.loginHint : signIn.loginHintDirectory(state.directories)
            }
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            autoFocus
            value={login}
            onChange={(event) => setLogin(event.currentTarget.value)}
          />
          <SecretInput
            label={common.password}
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Button type="submit" loading={step.isBusy}>
            {signIn.withPassword}
          </Button>
        </Stack>
      </form>
      {state.hasTicketSignIn && (
        <Button
          variant="default"
          onClick={() => step.run(() => callState(signInByTicket))}
          disabled={step.isBusy}
        >
          {signIn.withTicket}
        </Button>
      )}
      {state.passkeys.isOffered && canUsePasskeys() && (
        <Button variant="default" onClick={givePasskey} disabled={step.isBusy}>
          {common.usePasskey}
        </Button>
      )}
      {state.federations.map(({ providerId, name }) => (
        <Button
          key={providerId}
          variant="default"
          onClick={() => step.run(() => goToFederation(providerId))}
          disabled={step.isBusy}
        >
          {signIn.withFederation(name)}
        </Button>
      ))}
      {state.passkeys.reason !== null && (
        <Text size="xs" c="dimmed">
          {signIn.passkeyHidden[state.passkeys.reason]}
        </Text>
      )}
    </Frame>
  );
}
