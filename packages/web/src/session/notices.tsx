import { Alert, CloseButton, Group, Stack, Text } from "@mantine/core";
import type { Notice } from "@poterne/viewer";
import { useEffect, useState } from "react";
import { useEntryWords } from "../i18n/tongue.tsx";
import { describeCode } from "../ui/failure-text.ts";
import { useNow } from "./use-observable.ts";
import { useSessionState, useStage, useStageState } from "./use-stage.ts";
import { useSessionTexts } from "./use-texts.ts";

/** The countdown to a session's end is shown from this time on. */
const COUNTDOWN_FROM_MS = 10 * 60_000;
/** From here on it is an alert, spoken at once. */
const COUNTDOWN_URGENT_MS = 60_000;
/** At most so many notices stand on the picture; older ones are in the way. */
const MAX_SHOWN = 4;

/** Messages of a guardian, warnings, the countdown, what was blocked: over the picture, each one can be closed. */
export function Notices() {
  const { notices } = useSessionState();
  const { pasteRefused, pastedFiles } = useStageState();
  const words = useEntryWords();
  const stage = useStage();
  const texts = useSessionTexts();
  const [dismissed, setDismissed] = useState<ReadonlySet<number>>(new Set());
  const shown = notices.filter((notice) => !dismissed.has(notice.noticeId)).slice(-MAX_SHOWN);
  return (
    <div className="session-notices" aria-live="polite">
      <Countdown />
      <BriefSigns />
      {pasteRefused !== null && (
        <NoticeCard title={texts.clipboard.label} onClose={() => stage.dismissPasteRefused()}>
          {texts.paste.refused[pasteRefused]}
        </NoticeCard>
      )}
      {pastedFiles !== null && (
        <NoticeCard title={texts.clipboard.label} onClose={() => stage.dismissPastedFiles()}>
          {pastedFiles.error === null
            ? texts.paste.files[pastedFiles.state](pastedFiles.count)
            : describeCode(pastedFiles.error.code, words, pastedFiles.error.details)}
        </NoticeCard>
      )}
      {shown.map((notice) => (
        <OneNotice
          key={notice.noticeId}
          notice={notice}
          onClose={() => setDismissed(new Set([...dismissed, notice.noticeId]))}
        />
      ))}
    </div>
  );
}

function OneNotice({ notice, onClose }: { readonly notice: Notice; readonly onClose: () => void }) {
  const texts = useSessionTexts();
  const words = useEntryWords();
  if (notice.kind === "message")
    return (
      <NoticeCard title={texts.notices.messageFrom(notice.from)} onClose={onClose}>
        {notice.text}
      </NoticeCard>
    );
  if (notice.kind === "clipboard-blocked")
    return (
      <NoticeCard title={texts.clipboard.label} onClose={onClose}>
        {texts.clipboard.blocked[notice.text] ?? notice.text}
      </NoticeCard>
    );
  return (
    <NoticeCard title={texts.notices.warning} onClose={onClose}>
      {describeCode(notice.text, words, notice.details)}
    </NoticeCard>
  );
}

function NoticeCard(props: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: React.ReactNode;
}) {
  const { notices } = useSessionTexts();
  return (
    <Alert color="teal" variant="default" p="sm">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Stack gap={2}>
          <Text size="sm" fw={600}>
            {props.title}
          </Text>
          <Text size="sm">{props.children}</Text>
        </Stack>
        <CloseButton aria-label={notices.dismiss} onClick={props.onClose} size="sm" />
      </Group>
    </Alert>
  );
}

function Countdown() {
  const endsAtMs = useSessionState().hello?.policy.endsAtMs ?? null;
  const { notices } = useSessionTexts();
  const nowMs = useNow(1000, endsAtMs !== null);
  if (endsAtMs === null) return null;
  const leftMs = endsAtMs - nowMs;
  if (leftMs > COUNTDOWN_FROM_MS || leftMs <= 0) return null;
  const isUrgent = leftMs <= COUNTDOWN_URGENT_MS;
  const shownMs = isUrgent ? leftMs : Math.ceil(leftMs / 60_000) * 60_000;
  return (
    <Alert color={isUrgent ? "red" : "orange"} variant="default" p="sm" role={isUrgent ? "alert" : "status"}>
      <Text size="sm" fw={600}>
        {notices.endsSoon}
      </Text>
      <Text size="sm" className="numeric">
        {notices.endsIn(shownMs)}
      </Text>
    </Alert>
  );
}

/** Signs that go away by themselves: the target rang, or wrote the clipboard. */
function BriefSigns() {
  const { bellCount, clipboardWrites } = useStageState();
  const texts = useSessionTexts();
  const bell = useBrief(bellCount);
  const write = useBrief(clipboardWrites);
  const text = write ? texts.osc52 : bell ? texts.notices.bell : null;
  return text === null ? null : (
    <Alert color="gray" variant="default" p="xs">
      <Text size="sm">{text}</Text>
    </Alert>
  );
}

function useBrief(count: number): boolean {
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    if (count === 0) return;
    setShown(true);
    const timer = setTimeout(() => setShown(false), 2500);
    return () => clearTimeout(timer);
  }, [count]);
  return isShown;
}
