import { Button, Code, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { getSession } from "@poterne/contract";
import { ApiFailure } from "../api/api-failure.ts";
import { useCall } from "../api/use-call.ts";
import { formatDuration, formatSize } from "../i18n/format.ts";
import { useEntryWords, useLanguage } from "../i18n/tongue.tsx";
import { describeFailure } from "../ui/failure-text.ts";
import { ButtonLink } from "../ui/link.tsx";
import { useSessionState, useStageState } from "./use-stage.ts";
import { useSessionTexts } from "./use-texts.ts";

/** Ends that nothing went wrong with. */
const PEACEFUL: ReadonlySet<string> = new Set([
  "left",
  "closed-by-target",
  "another-page",
  "hours-over",
  "grant-over",
  "checkout-over",
]);
/** So much of the session's id tells it apart for support. */
const SUPPORT_ID_LENGTH = 13;

/** After a session: what happened, why, what next, how long, what was moved, how to come back. */
export function EndPage({
  sessionId,
  onAgain,
}: {
  readonly sessionId: string;
  readonly onAgain: () => void;
}) {
  const { end, hello } = useSessionState();
  const texts = useSessionTexts();
  const words = useEndWords();
  const code = end?.code ?? "internal";
  const reason = end?.details.reason ?? "";
  const supportCode = `${code} · ${sessionId.slice(0, SUPPORT_ID_LENGTH)}`;
  return (
    <div className="session-overlay" data-solid="true">
      <Paper withBorder p="lg" className="session-card" role="status">
        <Stack>
          <Title order={1} size="h2">
            {PEACEFUL.has(code) ? texts.end.title : texts.end.titleFailed}
          </Title>
          <div>
            <Text fw={600}>{words.what}</Text>
            {code === "ended-by-guardian" && reason !== "" && <Text>{texts.end.reason(String(reason))}</Text>}
            <Text>{words.next}</Text>
          </div>
          <Facts />
          <Group>
            {code === "another-page" ? (
              <Button onClick={onAgain}>{texts.end.takeBack}</Button>
            ) : (
              hello?.role === "controller" && <Reconnect sessionId={sessionId} />
            )}
            <ButtonLink to="/" variant="default">
              {texts.end.home}
            </ButtonLink>
          </Group>
          <Group gap="xs">
            <Text size="xs" c="dimmed">
              {texts.end.support} : <Code>{supportCode}</Code>
            </Text>
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => void navigator.clipboard?.writeText(`${code} ${sessionId}`)}
            >
              {texts.end.copySupport}
            </Button>
          </Group>
        </Stack>
      </Paper>
    </div>
  );
}

function useEndWords(): { readonly what: string; readonly next: string } {
  const { end, hello } = useSessionState();
  const texts = useSessionTexts();
  const entryWords = useEntryWords();
  if (end?.code === "another-page") return { what: texts.end.anotherPage, next: texts.end.anotherPageNext };
  if (end?.code === "left" && hello?.role !== "controller")
    return { what: texts.end.stopped, next: texts.end.stoppedNext };
  return describeFailure(
    new ApiFailure(end?.code ?? "internal", { details: end?.details ?? {}, status: 400 }),
    entryWords,
  );
}

function Facts() {
  const { end } = useSessionState();
  const { fileEvents } = useStageState();
  const { language } = useLanguage();
  const { end: texts } = useSessionTexts();
  const done = fileEvents.filter((event) => event.outcome === "done");
  const sum = (direction: "to-target" | "from-target"): string => {
    const events = done.filter((event) => event.direction === direction);
    const bytes = events.reduce((total, event) => total + event.sizeBytes, 0);
    return `${texts.transferCount(events.length)}, ${formatSize(language, bytes)}`;
  };
  return (
    <dl>
      {end?.durationMs != null && (
        <Fact name={texts.duration}>{formatDuration(language, end.durationMs)}</Fact>
      )}
      {done.length > 0 && (
        <Fact name={texts.transfers}>
          {texts.toTarget} : {sum("to-target")} · {texts.fromTarget} : {sum("from-target")}
        </Fact>
      )}
    </dl>
  );
}

function Fact(props: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <Text component="dt" size="xs" c="dimmed">
        {props.name}
      </Text>
      <Text component="dd" size="sm">
        {props.children}
      </Text>
    </div>
  );
}

function Reconnect({ sessionId }: { readonly sessionId: string }) {
  const { end } = useSessionTexts();
  const session = useCall(getSession, { params: { sessionId } });
  if (session.data === undefined) return null;
  return <ButtonLink to={`/open/${session.data.targetId}`}>{end.reconnect}</ButtonLink>;
}
