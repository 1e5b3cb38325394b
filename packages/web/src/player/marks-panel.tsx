import { Button, CloseButton, Group, Stack, Text, Textarea } from "@mantine/core";
import { addRecordingComment, deleteRecordingComment } from "@poterne/contract";
import { useState } from "react";
import { useAction } from "../api/use-call.ts";
import { useObservable } from "../session/use-observable.ts";
import { useSignedIn } from "../shell/signed-in.tsx";
import { FailureView } from "../ui/failure-view.tsx";
import { writeClock } from "./clock-text.ts";
import { Jump } from "./jump.tsx";
import type { Playback } from "./playback.ts";
import { usePlayerTexts } from "./use-texts.ts";

const MAX_COMMENT_LENGTH = 2000;

/** Marks with comments: seen by all who may play the recording, removed by their author only. */
export function MarksPanel({
  sessionId,
  playback,
}: {
  readonly sessionId: string;
  readonly playback: Playback;
}) {
  const texts = usePlayerTexts();
  const { person } = useSignedIn();
  const index = useObservable(playback.index);
  const refresh = (): void => void playback.player.refresh();
  const remove = useAction(deleteRecordingComment, refresh);
  const comments = index?.comments.toSorted((left, right) => left.ms - right.ms) ?? [];
  return (
    <Stack gap="xs">
      <AddMark sessionId={sessionId} playback={playback} onAdded={refresh} />
      {remove.error !== null && <FailureView error={remove.error} />}
      {comments.length === 0 && (
        <Text size="sm" c="dimmed" px="sm">
          {texts.noMarks}
        </Text>
      )}
      <ol className="plain-list">
        {comments.map((comment) => (
          <li key={comment.commentId}>
            <Group gap={0} wrap="nowrap" align="flex-start">
              <Jump ms={comment.ms} playback={playback}>
                {comment.text}
                <Text span size="xs" c="dimmed">
                  {" "}
                  {texts.by(comment.authorName)}
                </Text>
              </Jump>
              {comment.authorId === person.personId && (
                <CloseButton
                  size="sm"
                  aria-label={texts.removeMark(comment.text)}
                  onClick={() => remove.mutate({ params: { sessionId, commentId: comment.commentId } })}
                />
              )}
            </Group>
          </li>
        ))}
      </ol>
    </Stack>
  );
}

function AddMark(props: {
  readonly sessionId: string;
  readonly playback: Playback;
  readonly onAdded: () => void;
}) {
  const texts = usePlayerTexts();
  const { positionMs } = useObservable(props.playback.player.state);
  const [text, setText] = useState("");
  const add = useAction(addRecordingComment, () => {
    setText("");
    props.onAdded();
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const body = { ms: Math.floor(positionMs), text: text.trim() };
        if (body.text !== "") add.mutate({ params: { sessionId: props.sessionId }, body });
      }}
    >
      <Stack gap={6} p="sm">
        <Textarea
          id="player-mark"
          label={texts.markText}
          value={text}
          rows={2}
          maxLength={MAX_COMMENT_LENGTH}
          onFocus={() => props.playback.player.pause()}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {add.error !== null && <FailureView error={add.error} />}
        <Button type="submit" size="xs" variant="default" loading={add.isPending}>
          {texts.addMark(writeClock(positionMs))}
        </Button>
      </Stack>
    </form>
  );
}
