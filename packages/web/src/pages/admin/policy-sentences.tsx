import { List, Stack, Text } from "@mantine/core";
import type { Policy } from "@poterne/contract";
import { useWords } from "../../i18n/tongue.tsx";

/** A policy in plain sentences: first what the gateway enforces, then what only deters. */
export function PolicySentences({ rules }: { readonly rules: Policy }) {
  const { policies } = useWords();
  const { sentences } = policies;
  const enforced = [
    sentences.recording[rules.recording],
    rules.recordInput ? sentences.input(rules.recordInputPurpose) : "",
    rules.recording === "off" ? "" : sentences.retention(rules.retentionDays),
    sentences.clipboard(
      policies.clipboards[rules.clipboardToTarget].toLowerCase(),
      policies.clipboards[rules.clipboardFromTarget].toLowerCase(),
      rules.clipboardMaxBytes,
    ),
    sentences.files(rules.filesToTarget, rules.filesFromTarget, rules.fileMaxBytes),
    rules.readOnly ? sentences.readOnly : "",
    sentences.reason[rules.reason],
    rules.needsGuardian ? sentences.guardian : "",
    rules.tellWatched ? sentences.told : sentences.notTold,
    sentences.length(rules.maxMinutes),
    rules.idleMinutes === null ? "" : sentences.idle(rules.idleMinutes),
    sentences.identity[rules.targetIdentity],
  ].filter((sentence) => sentence !== "");
  return (
    <Stack gap="sm">
      <div>
        <Text fw={600} size="sm">
          {policies.enforced}
        </Text>
        <Text size="xs" c="dimmed">
          {policies.enforcedText}
        </Text>
        <List size="sm">
          {enforced.map((sentence) => (
            <List.Item key={sentence}>{sentence}</List.Item>
          ))}
        </List>
      </div>
      <div>
        <Text fw={600} size="sm">
          {policies.deterrent}
        </Text>
        <Text size="xs" c="dimmed">
          {policies.deterrentText}
        </Text>
        {rules.watermark && (
          <List size="sm">
            <List.Item>{sentences.watermark}</List.Item>
          </List>
        )}
      </div>
    </Stack>
  );
}
