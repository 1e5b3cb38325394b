import { Anchor, Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { confirmFactor, type FactorMethod, getSignIn } from "@poterne/contract";
import { type SyntheticEvent, useEffect, useState } from "react";
import { toApiFailure } from "../api/api-failure.ts";
import { type CallInput, call, setFactorPrompt } from "../api/call.ts";
import { answerPasskey, canUsePasskeys } from "../api/passkey.ts";
import { useWords } from "../i18n/tongue.tsx";
import { CodeInput } from "../ui/code-input.tsx";
import { FailureView } from "../ui/failure-view.tsx";
import { SecretInput } from "../ui/secret-input.tsx";
import { router } from "./router.tsx";

type Way = FactorMethod | "password";
type Proof = NonNullable<CallInput<typeof confirmFactor>["body"]>;
interface Pending {
  readonly ways: readonly Way[];
  readonly answer: (isGiven: boolean) => void;
}

/** Asks for a factor when the gateway wants a fresh one; the refused call then goes on by itself. */
export function FactorPrompt() {
  const { common } = useWords();
  const [pending, setPending] = useState<Pending | null>(null);
  useEffect(() => {
    setFactorPrompt(async () => {
      const ways = await waysOf();
      return await new Promise<boolean>((resolve) => setPending({ ways, answer: resolve }));
    });
    return () => setFactorPrompt(null);
  }, []);
  const finish = (isGiven: boolean): void => {
    pending?.answer(isGiven);
    setPending(null);
  };
  const hasNothing = pending?.ways.length === 0;
  return (
    <Modal
      opened={pending !== null}
      onClose={() => finish(false)}
      title={hasNothing ? common.noDeviceTitle : common.freshTitle}
      zIndex={400}
      closeButtonProps={{ "aria-label": common.close }}
    >
      {pending !== null && !hasNothing && <ProofForm ways={pending.ways} onGiven={() => finish(true)} />}
      {hasNothing && <EnrolFirst onLeave={() => finish(false)} />}
    </Modal>
  );
}

/** What the person can confirm with; nothing when they have neither a device nor a password. */
async function waysOf(): Promise<readonly Way[]> {
  const state = await call(getSignIn);
  if (state.state !== "signed-in") return ["password"];
  if (state.factors.length === 0) return state.hasPassword ? ["password"] : [];
  const usable = state.factors.filter((factor) => factor !== "passkey" || canUsePasskeys());
  return [...new Set<Way>([...usable, "recovery-code"])];
}

/** There is nothing to confirm with: says so and leads to where a device is enrolled. */
function EnrolFirst(props: { readonly onLeave: () => void }) {
  const { common } = useWords();
  const enrol = (): void => {
    props.onLeave();
    void router.navigate({ to: "/me" });
  };
  return (
    <Stack>
      <Text size="sm">{common.noDeviceText}</Text>
      <Button onClick={enrol}>{common.noDeviceEnrol}</Button>
    </Stack>
  );
}

function ProofForm(props: { readonly ways: readonly Way[]; readonly onGiven: () => void }) {
  const { common } = useWords();
  const [way, setWay] = useState<Way>(props.ways[0] ?? "totp");
  const [text, setText] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [isCancelled, setCancelled] = useState(false);
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    prove(way, text)
      .then((isGiven) => {
        setCancelled(!isGiven);
        if (isGiven) props.onGiven();
      })
      .catch((thrown: unknown) => setError(toApiFailure(thrown)))
      .finally(() => setBusy(false));
  };
  const names: Readonly<Record<Way, string>> = {
    passkey: common.usePasskey,
    totp: common.useTotp,
    "recovery-code": common.useRecoveryCode,
    password: common.password,
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text size="sm">{way === "password" ? common.freshPasswordText : common.freshText}</Text>
        {error !== null && <FailureView error={error} />}
        {isCancelled && (
          <Text size="sm" role="alert">
            {common.passkeyCancelled}
          </Text>
        )}
        {way === "totp" && <CodeInput value={text} onChange={setText} />}
        {way === "recovery-code" && (
          <TextInput
            label={common.recoveryCode}
            description={common.recoveryHint}
            required
            autoComplete="off"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
        {way === "password" && (
          <SecretInput
            label={common.password}
            autoComplete="current-password"
            required
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
        <Button type="submit" loading={isBusy}>
          {way === "passkey" ? common.usePasskey : common.confirm}
        </Button>
        <Group gap="md">
          {props.ways
            .filter((other) => other !== way)
            .map((other) => (
              <Anchor
                key={other}
                component="button"
                type="button"
                size="sm"
                onClick={() => {
                  setText("");
                  setWay(other);
                }}
              >
                {names[other]}
              </Anchor>
            ))}
        </Group>
      </Stack>
    </form>
  );
}

async function prove(way: Way, text: string): Promise<boolean> {
  const proof = await proofOf(way, text);
  if (proof === null) return false;
  await call(confirmFactor, { body: proof });
  return true;
}

async function proofOf(way: Way, text: string): Promise<Proof | null> {
  if (way === "totp") return { method: "totp", code: text };
  if (way === "recovery-code") return { method: "recovery-code", recoveryCode: text };
  if (way === "password") return { method: "password", password: text };
  const outcome = await answerPasskey();
  return outcome.isDone ? { method: "passkey", answer: outcome.answer } : null;
}
