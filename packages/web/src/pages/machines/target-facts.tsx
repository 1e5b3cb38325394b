import { Badge, Group, List } from "@mantine/core";
import type { MyTarget } from "@poterne/contract";
import { formatDateTime } from "../../i18n/format.ts";
import { useLanguage, useWords } from "../../i18n/tongue.tsx";
import { StateMark } from "../../ui/state-mark.tsx";

/** A target's rules in a few marks: what one should know before the click. */
export function FactMarks({ target }: { readonly target: MyTarget }) {
  const { machines } = useWords();
  const { facts } = target;
  return (
    <Group gap={6}>
      {facts.recording !== "off" && <StateMark state="recording" word="REC" />}
      {facts.needsReason !== "none" && (
        <FactBadge word={facts.needsReason === "ticket" ? machines.needsTicket : machines.needsReason} />
      )}
      {facts.needsGuardian && <FactBadge word={machines.guardian} />}
      {facts.isReadOnly && <FactBadge word={machines.readOnly} />}
    </Group>
  );
}

function FactBadge({ word }: { readonly word: string }) {
  return (
    <Badge variant="default" size="sm" tt="none" fw={500}>
      {word}
    </Badge>
  );
}

/** A target's rules in whole sentences. */
export function FactSentences({ target }: { readonly target: MyTarget }) {
  const { machines } = useWords();
  const { language } = useLanguage();
  const { facts } = target;
  const recording = {
    must: machines.recordedLong(target.policyName),
    should: machines.recordedShould(target.policyName),
    off: machines.notRecorded,
  }[facts.recording];
  const sentences = [
    recording,
    facts.isInputRecorded ? machines.inputRecorded : null,
    facts.needsGuardian ? machines.guardianLong : null,
    facts.isReadOnly ? machines.readOnlyLong : null,
    machines.clipboard(facts.clipboardToTarget, facts.clipboardFromTarget),
    machines.files(facts.filesToTarget, facts.filesFromTarget),
    facts.maxMinutes === null ? null : machines.maxLength(facts.maxMinutes),
    target.validToMs === null ? null : machines.validUntil(formatDateTime(language, target.validToMs)),
  ].filter((sentence) => sentence !== null);
  return (
    <List size="sm">
      {sentences.map((sentence) => (
        <List.Item key={sentence}>{sentence}</List.Item>
      ))}
    </List>
  );
}
