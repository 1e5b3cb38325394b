import "../theme/enrol-styles.css";
import { Text } from "@mantine/core";
import { useState } from "react";
import { useEntryWords } from "../i18n/tongue.tsx";
import { EnrolDevice, type Enrolled } from "../ui/enrol-device.tsx";
import { RecoveryCodes } from "../ui/recovery-codes.tsx";
import { Frame } from "./frame.tsx";
import type { StepProps } from "./password-steps.tsx";

/** The first device, then its recovery codes; the next state waits until these are declared saved. */
export function EnrolmentStep({ state, onState }: StepProps<"enrolment-needed">) {
  const { signIn } = useEntryWords();
  const [enrolled, setEnrolled] = useState<Enrolled | null>(null);
  const goOn = (done: Enrolled): void => {
    if (done.recoveryCodes === null) onState(done.signIn);
    else setEnrolled(done);
  };
  if (enrolled !== null) {
    return (
      <Frame title={signIn.codesTitle} isWide>
        <RecoveryCodes codes={enrolled.recoveryCodes ?? []} onSaved={() => onState(enrolled.signIn)} />
      </Frame>
    );
  }
  return (
    <Frame title={signIn.enrolTitle} isWide>
      <Text size="sm">{signIn.enrolText}</Text>
      <EnrolDevice passkeys={state.passkeys} onEnrolled={goOn} />
    </Frame>
  );
}
