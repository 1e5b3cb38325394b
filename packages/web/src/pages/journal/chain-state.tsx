import { List, Text } from "@mantine/core";
import { readJournalState } from "@poterne/contract";
import type { ReplyOf } from "../../api/call.ts";
import { useCall } from "../../api/use-call.ts";
import { formatDateTime, formatSize } from "../../i18n/format.ts";
import { useLanguage, useWords } from "../../i18n/tongue.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { Section } from "../../ui/section.tsx";
import { StateMark } from "../../ui/state-mark.tsx";

const REFRESH_MS = 10_000;

/** How far the journal's chain has come and whether its followers keep up. */
export function ChainState() {
  const { journal } = useWords();
  const state = useCall(readJournalState, {}, { refreshMs: REFRESH_MS });
  if (state.error !== null) return <FailureView error={state.error} onRetry={() => void state.refetch()} />;
  if (state.data === undefined) return null;
  return (
    <Section title={journal.state}>
      <StateMark
        state={state.data.isAvailable ? "up" : "down"}
        word={state.data.isAvailable ? journal.available : journal.unavailable}
      />
      <Facts state={state.data} />
    </Section>
  );
}

function Facts({ state }: { readonly state: ReplyOf<typeof readJournalState> }) {
  const { journal } = useWords();
  const { language } = useLanguage();
  const { checkpoint, syslog } = state;
  return (
    <>
      <List size="sm">
        <List.Item>
          {checkpoint === null
            ? journal.unsigned
            : journal.signedUpTo(checkpoint.sequence, formatDateTime(language, checkpoint.atMs))}
        </List.Item>
        <List.Item>
          {journal.copied(state.copiedSequence, Math.max(0, state.sequence - state.copiedSequence))}
        </List.Item>
        <List.Item>
          {journal.kept(state.retentionMonths, state.segmentCount, formatSize(language, state.sizeBytes))}
        </List.Item>
        <List.Item>
          {syslog === null
            ? journal.syslogNone
            : syslog.isConnected
              ? journal.syslogOn(syslog.address)
              : journal.syslogOff(syslog.address)}
        </List.Item>
      </List>
      <Text size="xs" c="dimmed" ff="monospace" truncate title={state.head}>
        {state.head}
      </Text>
    </>
  );
}
