import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { type RecordingHit, searchRecording } from "@poterne/contract";
import { useState } from "react";
import { useCall } from "../api/use-call.ts";
import { FailureView } from "../ui/failure-view.tsx";
import { Jump } from "./jump.tsx";
import type { Playback } from "./playback.ts";
import { usePlayerTexts } from "./use-texts.ts";

const MAX_TEXT_LENGTH = 200;

/** Finds text that a terminal showed and jumps to it. */
export function SearchPanel({
  sessionId,
  playback,
}: {
  readonly sessionId: string;
  readonly playback: Playback;
}) {
  const texts = usePlayerTexts();
  const [text, setText] = useState("");
  const [wanted, setWanted] = useState("");
  const result = useCall(
    searchRecording,
    { params: { sessionId }, query: { text: wanted } },
    { isEnabled: wanted !== "" },
  );
  const hits = wanted === "" ? null : (result.data?.hits ?? null);
  return (
    <Stack gap="xs">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setWanted(text.trim());
        }}
      >
        <Group gap="xs" p="sm" align="flex-end" wrap="nowrap">
          <TextInput
            label={texts.searchField}
            flex={1}
            miw={0}
            value={text}
            maxLength={MAX_TEXT_LENGTH}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" flex="none" loading={result.isFetching}>
            {texts.searchAction}
          </Button>
        </Group>
      </form>
      {result.error !== null && <FailureView error={result.error} />}
      {hits !== null && (
        <Text size="xs" c="dimmed" px="sm" role="status">
          {hits.length === 0 ? texts.noHits : texts.hits(hits.length)}
          {result.data?.isCut === true && ` ${texts.hitsCut}`}
        </Text>
      )}
      <ol className="plain-list">
        {hits?.map((hit) => (
          <li key={`${hit.ms} ${hit.start} ${hit.line}`}>
            <Jump ms={hit.ms} playback={playback}>
              <HitLine hit={hit} />
            </Jump>
          </li>
        ))}
      </ol>
    </Stack>
  );
}

function HitLine({ hit }: { readonly hit: RecordingHit }) {
  const end = hit.start + hit.length;
  return (
    <span className="player-line-text">
      {hit.line.slice(0, hit.start)}
      <mark>{hit.line.slice(hit.start, end)}</mark>
      {hit.line.slice(end)}
    </span>
  );
}
