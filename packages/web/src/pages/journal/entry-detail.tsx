import { Code, Group, Stack, Text } from "@mantine/core";
import { readJournalEntry } from "@poterne/contract";
import { useCall } from "../../api/use-call.ts";
import { useWords } from "../../i18n/tongue.tsx";
import { FailureView } from "../../ui/failure-view.tsx";
import { AppLink } from "../../ui/link.tsx";
import { PageLoader } from "../../ui/page-loader.tsx";
import { SimpleTable } from "../../ui/simple-table.tsx";

/** One entry unfolded: the change side by side, the other facts, its place in the chain, and what is related. */
export function EntryDetail({ entryId }: { readonly entryId: string }) {
  const { journal } = useWords();
  const entry = useCall(readJournalEntry, { params: { entryId } });
  if (entry.error !== null) return <FailureView error={entry.error} />;
  if (entry.data === undefined) return <PageLoader />;
  const { changes, details, subject, hash, sequence, epoch } = entry.data;
  const facts = Object.entries(details).filter(([name]) => !/^(before|after)\./.test(name));
  return (
    <Stack gap="xs" p="xs">
      {changes.length > 0 && (
        <SimpleTable
          label={`${journal.before} / ${journal.after}`}
          headings={[journal.value, journal.before, journal.after]}
          rows={changes.map((change) => ({
            key: change.name,
            cells: [change.name, show(change.before), show(change.after)],
          }))}
        />
      )}
      {facts.length > 0 && (
        <SimpleTable
          label={journal.details}
          headings={[journal.details, journal.value]}
          rows={facts.map(([name, value]) => ({ key: name, cells: [name, show(value)] }))}
        />
      )}
      <Group gap="md">
        {subject.sessionId !== null && (
          <AppLink to="/journal" search={{ sessionId: subject.sessionId }}>
            {journal.sameSession}
          </AppLink>
        )}
        {subject.personId !== null && (
          <AppLink to="/journal" search={{ personId: subject.personId }}>
            {journal.samePerson}
          </AppLink>
        )}
        {subject.machineId !== null && (
          <AppLink to="/journal" search={{ machineId: subject.machineId }}>
            {journal.sameMachine}
          </AppLink>
        )}
      </Group>
      <Text size="xs" c="dimmed">
        {journal.chain} : {journal.chainText(sequence, epoch)} — <Code>{hash}</Code>
      </Text>
    </Stack>
  );
}

function show(value: unknown): string {
  return value === undefined || value === null ? "—" : String(value);
}
