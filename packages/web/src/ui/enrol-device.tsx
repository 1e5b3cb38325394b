import { Button, Code, Group, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { beginTotp, confirmPasskey, confirmTotp, type SignInState } from "@poterne/contract";
import { type SyntheticEvent, useState } from "react";
import { toApiFailure } from "../api/api-failure.ts";
import { call, type ReplyOf } from "../api/call.ts";
import { canUsePasskeys, createPasskey } from "../api/passkey.ts";
import { useEntryWords } from "../i18n/tongue.tsx";
import { CodeInput } from "./code-input.tsx";
import { FailureView } from "./failure-view.tsx";
import { QrCode } from "./qr-code.tsx";

/** What an enrolment ends with. */
export interface Enrolled {
  readonly recoveryCodes: readonly string[] | null;
  readonly signIn: SignInState;
}

/** Chooses and enrols a device: a passkey where the address allows it, or an authenticator application. */
export function EnrolDevice(props: {
  readonly passkeys: { readonly isOffered: boolean; readonly reason: "ip-address" | "not-secure" | null };
  readonly onEnrolled: (enrolled: Enrolled) => void;
}) {
  const { signIn, common } = useEntryWords();
  const [totp, setTotp] = useState<ReplyOf<typeof beginTotp> | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isCancelled, setCancelled] = useState(false);
  const fail = (thrown: unknown): void => setError(toApiFailure(thrown));
  const startTotp = (): void => {
    setError(null);
    call(beginTotp).then(setTotp).catch(fail);
  };
  const startPasskey = async (): Promise<void> => {
    setError(null);
    const outcome = await createPasskey();
    setCancelled(!outcome.isDone);
    if (!outcome.isDone) return;
    props.onEnrolled(
      await call(confirmPasskey, { body: { ...outcome.answer, name: signIn.deviceNamePasskey } }),
    );
  };
  if (totp !== null) return <TotpEnrolment totp={totp} onEnrolled={props.onEnrolled} />;
  return (
    <Stack>
      {error !== null && <FailureView error={error} />}
      {isCancelled && (
        <Text size="sm" role="alert">
          {common.passkeyCancelled}
        </Text>
      )}
      {props.passkeys.isOffered && canUsePasskeys() && (
        <Choice
          title={signIn.enrolPasskey}
          text={signIn.enrolPasskeyText}
          onChoose={() => void startPasskey().catch(fail)}
        />
      )}
      <Choice title={signIn.enrolTotp} text={signIn.enrolTotpText} onChoose={startTotp} />
      {props.passkeys.reason !== null && (
        <Text size="xs" c="dimmed">
          {signIn.passkeyHidden[props.passkeys.reason]}
        </Text>
      )}
    </Stack>
  );
}

function Choice(props: { readonly title: string; readonly text: string; readonly onChoose: () => void }) {
  const { signIn } = useEntryWords();
  return (
    <Paper withBorder p="sm">
      <Group justify="space-between" wrap="nowrap">
        <div>
          <Title order={2} size="h5">
            {props.title}
          </Title>
          <Text size="sm" c="dimmed">
            {props.text}
          </Text>
        </div>
        <Button
          flex="none"
          variant="default"
          onClick={props.onChoose}
          aria-label={`${signIn.choose} : ${props.title}`}
        >
          {signIn.choose}
        </Button>
      </Group>
    </Paper>
  );
}

function TotpEnrolment(props: {
  readonly totp: ReplyOf<typeof beginTotp>;
  readonly onEnrolled: (enrolled: Enrolled) => void;
}) {
  const { signIn } = useEntryWords();
  const [code, setCode] = useState("");
  const [name, setName] = useState(signIn.deviceNameTotp);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    setBusy(true);
    call(confirmTotp, { params: { factorId: props.totp.factorId }, body: { code, name } })
      .then(props.onEnrolled)
      .catch((thrown: unknown) => setError(toApiFailure(thrown)))
      .finally(() => setBusy(false));
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text size="sm">{signIn.scan}</Text>
        <QrCode text={props.totp.uri} label={signIn.qrLabel} />
        <Text size="sm">
          {signIn.typeSecret} <Code data-secret>{props.totp.secret.replaceAll(/(.{4})(?=.)/g, "$1 ")}</Code>
        </Text>
        {error !== null && <FailureView error={error} />}
        <CodeInput value={code} onChange={setCode} />
        <TextInput
          label={signIn.deviceName}
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" loading={isBusy}>
          {signIn.finishEnrolment}
        </Button>
      </Stack>
    </form>
  );
}
