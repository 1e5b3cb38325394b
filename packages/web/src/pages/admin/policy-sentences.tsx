import { List, Stack, Text } from "@mantine/core";
import type { Policy } from "@poterne/contract";
import { useAdminWords } from "../../i18n/admin-words.ts";
import type { Words } from "../../i18n/fr.ts";

/** A policy in plain sentences: first what the gateway enforces, then what only deters. */
export function PolicySentences({ rules }: { readonly rules: Policy }) {
  const words = useAdminWords();
  const { policies } = words;
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
    sentences.sound[rules.audio ? (rules.recordAudio ? "recorded" : "played") : "off"],
    sentences.files(rules.filesToTarget, rules.filesFromTarget, rules.fileMaxBytes),
    rules.filesToTarget || rules.filesFromTarget
      ? sentences.drive(rules.driveQuotaBytes, rules.driveKept)
      : "",
    rules.readOnly ? sentences.readOnly : "",
    sentences.reason[rules.reason],
    rules.needsGuardian ? sentences.guardian : "",
    rules.tellWatched ? sentences.told : sentences.notTold,
    sentences.length(rules.maxMinutes),
    rules.idleMinutes === null ? "" : sentences.idle(rules.idleMinutes),
    ...accessSentences(rules, words.rules.sentences),
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

/** Where, when and under which approval, in sentences. */
function accessSentences(policy: Policy, sentences: Words["rules"]["sentences"]): string[] {
  const { hours, approval, sourceNetworks, maxSessionsInTotal } = policy;
  const slots = hours?.slots.map(({ days, from, to }) => sentences.slot(days, from, to)).join(" ; ") ?? "";
  const emergency = approval?.emergencyMinutes ?? null;
  return [
    sourceNetworks.length === 0 ? "" : sentences.networks(sourceNetworks.join(", ")),
    hours === null ? "" : sentences.hours(hours.timeZone, slots),
    hours?.onHolidays === "closed" ? sentences.holidays : "",
    approval === null ? "" : sentences.approval(approval.quorum, approval.maxMinutes),
    emergency === null ? "" : sentences.emergency(emergency),
    maxSessionsInTotal === null ? "" : sentences.total(maxSessionsInTotal),
  ];
}
