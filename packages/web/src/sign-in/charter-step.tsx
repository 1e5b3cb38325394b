import "../theme/enrol-styles.css";
import { Button, Checkbox, Paper, Stack, Text } from "@mantine/core";
import { acceptCharter } from "@poterne/contract";
import { useState } from "react";
import { useEntryWords, useLanguage } from "../i18n/tongue.tsx";
import { FailureView } from "../ui/failure-view.tsx";
import { Markdown } from "../ui/markdown.tsx";
import { Frame } from "./frame.tsx";
import type { StepProps } from "./password-steps.tsx";
import { callState, useStep } from "./use-step.ts";

/** The charter, read and accepted. */
export function CharterStep({ state, onState }: StepProps<"charter-needed">) {
  const { signIn, common } = useEntryWords();
  const { language } = useLanguage();
  const [isAccepted, setAccepted] = useState(false);
  const step = useStep(onState);
  const accept = (): void =>
    step.run(() => callState(acceptCharter, { body: { version: state.charter.version } }));
  return (
    <Frame title={signIn.charterTitle} isWide>
      <Text size="sm">{signIn.charterText}</Text>
      <Paper
        withBorder
        p="md"
        mah={360}
        className="scroll-y"
        tabIndex={0}
        role="region"
        aria-label={signIn.charterTitle}
      >
        <Markdown text={language === "fr" ? state.charter.textFr : state.charter.textEn} />
      </Paper>
      {step.error !== null && <FailureView error={step.error} />}
      <Stack>
        <Checkbox
          label={signIn.charterAccept}
          checked={isAccepted}
          onChange={(event) => setAccepted(event.currentTarget.checked)}
        />
        <Button disabled={!isAccepted} loading={step.isBusy} onClick={accept}>
          {common.next}
        </Button>
      </Stack>
    </Frame>
  );
}
