import { Button, Group, Text, Title } from "@mantine/core";
import { downloadRecording, exportAsciicast, getRecording, type RecordingDetail } from "@poterne/contract";
import { useEffect, useState } from "react";
import { buildPath } from "../api/call.ts";
import { useCall } from "../api/use-call.ts";
import { formatDateTime, formatDuration } from "../i18n/format.ts";
import { useLanguage, useWords } from "../i18n/tongue.tsx";
import { VerifyDialogue } from "../pages/recordings/verify-dialogue.tsx";
import { useObservable } from "../session/use-observable.ts";
import { FailureView } from "../ui/failure-view.tsx";
import { AppLink } from "../ui/link.tsx";
import { saveUrl } from "../ui/save-file.ts";
import { StateMark } from "../ui/state-mark.tsx";
import type { Playback } from "./playback.ts";
import { usePlayerTexts } from "./use-texts.ts";

const MARKS = {
  running: "recording",
  unfinished: "degraded",
  complete: "up",
  sealed: "degraded",
  shorter: "down",
  altered: "down",
  missing: "down",
  deleted: "unknown",
} as const;

/** Whose session on what machine, when, how sound the file is, and what can be taken out of it. */
export function PlayerHead(props: { readonly sessionId: string; readonly playback: Playback | null }) {
  const texts = usePlayerTexts();
  const recording = useCall(getRecording, { params: { sessionId: props.sessionId } });
  const row = recording.data;
  useEffect(() => {
    document.title = `${texts.title(row?.machineName ?? "")} · Poterne`;
  }, [texts, row?.machineName]);
  return (
    <header className="player-head">
      <AppLink to="/recordings">← {texts.back}</AppLink>
      <Title order={1} size="h4">
        {texts.title(row?.machineName ?? "…")}
      </Title>
      {recording.error !== null && (
        <FailureView error={recording.error} onRetry={() => void recording.refetch()} />
      )}
      {row !== undefined && <HeadFacts row={row} playback={props.playback} />}
    </header>
  );
}

function HeadFacts({ row, playback }: { readonly row: RecordingDetail; readonly playback: Playback | null }) {
  const texts = usePlayerTexts();
  const { recordings } = useWords();
  const { language } = useLanguage();
  const [isVerifying, setVerifying] = useState(false);
  const params = { sessionId: row.sessionId };
  return (
    <>
      <Text size="sm">
        {row.personName} · {row.targetName} · {row.accountName}
      </Text>
      <Text size="sm" c="dimmed">
        {formatDateTime(language, row.startedAtMs)}
        {row.endedAtMs !== null && ` · ${formatDuration(language, row.endedAtMs - row.startedAtMs)}`}
      </Text>
      <StateMark
        state={MARKS[row.integrity]}
        word={`${texts.integrity} : ${recordings.integrityStates[row.integrity]}`}
      />
      <Group gap={4}>
        <Button size="compact-sm" variant="default" onClick={() => setVerifying(true)}>
          {texts.verify}
        </Button>
        {playback !== null && (
          <Exports playback={playback} isTerminal={row.kind === "terminal"} params={params} />
        )}
      </Group>
      {isVerifying && <VerifyDialogue row={row} onClose={() => setVerifying(false)} />}
    </>
  );
}

function Exports(props: {
  readonly playback: Playback;
  readonly isTerminal: boolean;
  readonly params: { readonly sessionId: string };
}) {
  const texts = usePlayerTexts();
  const index = useObservable(props.playback.index);
  if (index === null) return null;
  return (
    <>
      {props.isTerminal && (
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => saveUrl(buildPath(exportAsciicast.path, props.params, {}))}
        >
          {texts.asciicast}
        </Button>
      )}
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => saveUrl(buildPath(downloadRecording.path, props.params, {}))}
      >
        {texts.download}
      </Button>
    </>
  );
}
