import { Alert, Button, Stack, Text } from "@mantine/core";
import { getVendorReport } from "@poterne/contract";
import { useParams } from "@tanstack/react-router";
import type { ReplyOf } from "../../api/call.ts";
import { useCall } from "../../api/use-call.ts";
import { formatDateTime, formatDuration, formatSize } from "../../i18n/format.ts";
import { useLanguage, useWords } from "../../i18n/tongue.tsx";
import { describeCode } from "../../ui/failure-text.ts";
import { FailureView } from "../../ui/failure-view.tsx";
import { AppLink } from "../../ui/link.tsx";
import { Page } from "../../ui/page.tsx";
import { PageLoader } from "../../ui/page-loader.tsx";
import { Section } from "../../ui/section.tsx";
import { SimpleTable } from "../../ui/simple-table.tsx";
import { slotText } from "../../ui/slot-text.ts";
import { StateMark } from "../../ui/state-mark.tsx";
import { targetName } from "../../ui/target-name.ts";
import { When } from "../../ui/when.tsx";
import { PASS_MARKS } from "./pass-card.tsx";
import { PassFacts } from "./pass-facts.tsx";
import { useVendorWords } from "./vendor-words.ts";

type Report = ReplyOf<typeof getVendorReport>;

/** What was done under a pass: who agreed, sessions, files, recordings; made to be printed. */
export function VendorReportPage() {
  const words = useVendorWords();
  const { language } = useLanguage();
  const { pass: passId = "" } = useParams({ strict: false }) as { pass?: string };
  const report = useCall(getVendorReport, { params: { passId } });
  if (report.error !== null)
    return <FailureView error={report.error} onRetry={() => void report.refetch()} />;
  if (report.data === undefined) return <PageLoader />;
  const { organisation, madeAtMs, pass, sessions, watches, files } = report.data;
  const isOver = pass.state === "ended" || pass.state === "revoked";
  return (
    <Page
      title={words.reportTitle(pass.person.name)}
      intro={
        <>
          {words.reportIntro(organisation)} — {words.made} <When atMs={madeAtMs} />
        </>
      }
      actions={
        <Button variant="default" className="not-printed" onClick={() => window.print()}>
          {words.print}
        </Button>
      }
    >
      {!isOver && <Alert color="orange" variant="outline" title={words.unfinished} />}
      <Section
        title={words.agreed}
        text={`${pass.company} — ${words.contract} ${pass.contract}`}
        actions={<StateMark state={PASS_MARKS[pass.state]} word={words.states[pass.state]} />}
      >
        <Text size="sm">{slotText(language, pass.fromMs, pass.toMs)}</Text>
        <PassFacts pass={pass} />
      </Section>
      <Sessions sessions={sessions} fileCount={files.length} />
      <Watches watches={watches} sessions={sessions} needsGuardian={pass.needsGuardian} />
      <Files files={files} />
      <Text size="sm" c="dimmed">
        {words.evidence}
      </Text>
    </Page>
  );
}

function Sessions(props: { readonly sessions: Report["sessions"]; readonly fileCount: number }) {
  const words = useVendorWords();
  const all = useWords();
  const { language } = useLanguage();
  const { sessions } = props;
  return (
    <Section title={words.sessions} text={words.count(sessions.length, props.fileCount)}>
      {sessions.length === 0 ? (
        <Text size="sm">{words.noSessions}</Text>
      ) : (
        <SimpleTable
          label={words.sessions}
          headings={[words.opened, words.duration, words.target, words.source, words.end, words.recording]}
          rows={sessions.map(({ session, hasRecording }) => ({
            key: session.sessionId,
            cells: [
              formatDateTime(language, session.openedAtMs),
              session.endedAtMs === null
                ? words.running
                : formatDuration(language, session.endedAtMs - session.openedAtMs),
              `${targetName(session.machineName, session.targetName)} (${session.protocol.toUpperCase()}), ${session.accountName}`,
              session.sourceAddress,
              session.endCode === null
                ? ""
                : (words.ends[session.endCode] ?? describeCode(session.endCode, all)),
              <Recording key="recording" sessionId={session.sessionId} isThere={hasRecording} />,
            ],
          }))}
        />
      )}
    </Section>
  );
}

/** On paper a link is its address. */
function Recording(props: { readonly sessionId: string; readonly isThere: boolean }) {
  const words = useVendorWords();
  if (!props.isThere) return words.noRecording;
  return (
    <Stack gap={0}>
      <AppLink to={`/recordings/${props.sessionId}`} size="sm">
        {words.replay}
      </AppLink>
      <Text size="xs" c="dimmed" miw="8rem" style={{ overflowWrap: "anywhere" }}>
        {props.sessionId}
      </Text>
    </Stack>
  );
}

/** Who watched, and from when to when. */
function Watches(props: {
  readonly watches: Report["watches"];
  readonly sessions: Report["sessions"];
  readonly needsGuardian: boolean;
}) {
  const words = useVendorWords();
  const { language } = useLanguage();
  const targetOf = (sessionId: string): string => {
    const found = props.sessions.find(({ session }) => session.sessionId === sessionId)?.session;
    return found === undefined ? "" : targetName(found.machineName, found.targetName);
  };
  return (
    <Section title={words.watches} text={props.needsGuardian ? words.guardianWasNeeded : ""}>
      {props.watches.length === 0 ? (
        <Text size="sm">{words.noWatches}</Text>
      ) : (
        <SimpleTable
          label={words.watches}
          headings={[words.watcher, words.role, words.target, words.came, words.left]}
          rows={props.watches.map((watch) => ({
            key: `${watch.sessionId} ${watch.name} ${watch.cameAtMs}`,
            cells: [
              watch.name,
              words.watchRoles[watch.role],
              targetOf(watch.sessionId),
              formatDateTime(language, watch.cameAtMs),
              watch.leftAtMs === null ? words.stillThere : formatDateTime(language, watch.leftAtMs),
            ],
          }))}
        />
      )}
    </Section>
  );
}

function Files({ files }: { readonly files: Report["files"] }) {
  const words = useVendorWords();
  const { language } = useLanguage();
  return (
    <Section title={words.files}>
      {files.length === 0 ? (
        <Text size="sm">{words.noFiles}</Text>
      ) : (
        <SimpleTable
          label={words.files}
          headings={[words.when, words.direction, words.file, words.size, words.hash]}
          rows={files.map((file) => ({
            key: `${file.sessionId} ${file.atMs} ${file.path}`,
            cells: [
              formatDateTime(language, file.atMs),
              words.directions[file.direction] ?? file.direction,
              [file.path, words.outcomes[file.outcome] ?? file.outcome]
                .filter((text) => text !== "")
                .join(" — "),
              formatSize(language, file.sizeBytes),
              <Text key="hash" size="xs" miw="10rem" style={{ overflowWrap: "anywhere" }}>
                {file.sha256}
              </Text>,
            ],
          }))}
        />
      )}
    </Section>
  );
}
