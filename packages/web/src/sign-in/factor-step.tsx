import { Anchor, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import {
  type FactorMethod,
  signInWithPasskey,
  signInWithRecoveryCode,
  signInWithTotp,
} from "@poterne/contract";
import { type SyntheticEvent, useState } from "react";
import { answerPasskey, canUsePasskeys } from "../api/passkey.ts";
import { useEntryWords } from "../i18n/tongue.tsx";
import { CodeInput } from "../ui/code-input.tsx";
import { FailureView } from "../ui/failure-view.tsx";
import { Frame } from "./frame.tsx";
import type { StepProps } from "./password-steps.tsx";
import { callState, useStep } from "./use-step.ts";

const LAST_METHOD_KEY = "poterne-last-factor";

/** The second factor, by the method used last on this browser first. */
export function FactorStep({ state, onState }: StepProps<"factor-needed">) {
  const { signIn, common } = useEntryWords();
  const methods = state.methods.filter((method) => method !== "passkey" || canUsePasskeys());
  const [method, setMethod] = useState<FactorMethod>(pickMethod(methods));
  const [code, setCode] = useState("");
  const [isCancelled, setCancelled] = useState(false);
  const step = useStep((next) => {
    localStorage.setItem(LAST_METHOD_KEY, method);
    onState(next);
  });
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    setCancelled(false);
    step.run(async () => {
      if (method === "totp") return await callState(signInWithTotp, { body: { code } });
      if (method === "recovery-code") {
        return await callState(signInWithRecoveryCode, { body: { recoveryCode: code } });
      }
      const outcome = await answerPasskey();
      setCancelled(!outcome.isDone);
      return outcome.isDone ? await callState(signInWithPasskey, { body: outcome.answer }) : null;
    });
  };
  const choose = (chosen: FactorMethod): void => {
    setCode("");
    step.setError(null);
    setMethod(chosen);
  };
  const names = { passkey: common.usePasskey, totp: common.useTotp, "recovery-code": common.useRecoveryCode };
  return (
    <Frame title={signIn.factorTitle}>
      <Text size="sm">{signIn.factorText}</Text>
      {step.error !== null && <FailureView error={step.error} />}
      {isCancelled && (
        <Text size="sm" role="alert">
          {common.passkeyCancelled}
        </Text>
      )}
      <form onSubmit={submit}>
        <Stack>
          {method === "totp" && <CodeInput value={code} onChange={setCode} />}
          {method === "recovery-code" && (
            <TextInput
              label={common.recoveryCode}
              description={common.recoveryHint}
              autoComplete="off"
              required
              autoFocus
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
            />
          )}
          <Button type="submit" loading={step.isBusy}>
            {method === "passkey" ? common.usePasskey : common.confirm}
          </Button>
        </Stack>
      </form>
      {methods.length > 1 && (
        <Group gap="md">
          {methods
            .filter((other) => other !== method)
            .map((other) => (
              <Anchor key={other} component="button" type="button" size="sm" onClick={() => choose(other)}>
                {names[other]}
              </Anchor>
            ))}
        </Group>
      )}
    </Frame>
  );
}

function pickMethod(methods: readonly FactorMethod[]): FactorMethod {
  const last = localStorage.getItem(LAST_METHOD_KEY);
  return methods.find((method) => method === last) ?? methods[0] ?? "totp";
}
