import { Tabs, Text } from "@mantine/core";
import { useMemo } from "react";
import { formatSize } from "../i18n/format.ts";
import { useLanguage, useWords } from "../i18n/tongue.tsx";
import { useObservable } from "../session/use-observable.ts";
import { describeCode } from "../ui/failure-text.ts";
import { tellEvents } from "./event-text.ts";
import { Jump } from "./jump.tsx";
import { MarksPanel } from "./marks-panel.tsx";
import type { Playback } from "./playback.ts";
import { SearchPanel } from "./search-panel.tsx";
import { usePlayerTexts } from "./use-texts.ts";

/** Beside the picture: events, marks, and for terminals the search; each line jumps. */
export function PlayerSide({
  sessionId,
  playback,
}: {
  readonly sessionId: string;
  readonly playback: Playback;
}) {
  const texts = usePlayerTexts();
  const index = useObservable(playback.index);
  return (
    <aside className="player-side" aria-label={texts.details}>
      <Tabs defaultValue="events" className="player-tabs" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="events">{texts.events}</Tabs.Tab>
          <Tabs.Tab value="marks">{texts.marks}</Tabs.Tab>
          {index?.isSearchable === true && <Tabs.Tab value="search">{texts.search}</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="events" className="player-side-list">
          <Events playback={playback} />
        </Tabs.Panel>
        <Tabs.Panel value="marks" className="player-side-list">
          <MarksPanel sessionId={sessionId} playback={playback} />
        </Tabs.Panel>
        <Tabs.Panel value="search" className="player-side-list">
          <SearchPanel sessionId={sessionId} playback={playback} />
        </Tabs.Panel>
      </Tabs>
      <Text size="xs" c="dimmed" p="xs">
        {texts.journaled}
      </Text>
    </aside>
  );
}

function Events({ playback }: { readonly playback: Playback }) {
  const texts = usePlayerTexts();
  const words = useWords();
  const { language } = useLanguage();
  const index = useObservable(playback.index);
  const events = useMemo(
    () =>
      tellEvents(index?.markers ?? [], {
        texts,
        size: (bytes) => formatSize(language, bytes),
        what: (code) => describeCode(code, words),
      }),
    [index, texts, words, language],
  );
  const { positionMs } = useObservable(playback.player.state);
  if (events.length === 0)
    return (
      <Text size="sm" c="dimmed" p="sm">
        {texts.noEvents}
      </Text>
    );
  const current = events.findLastIndex(({ ms }) => ms <= positionMs);
  return (
    <>
      <ol className="plain-list">
        {events.map(({ ms, text }, order) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: events have no id and are only ever added at the end
          <li key={order}>
            <Jump ms={ms} playback={playback} isCurrent={order === current}>
              {text}
            </Jump>
          </li>
        ))}
      </ol>
      {index?.areMarkersCut === true && (
        <Text size="xs" c="dimmed" p="sm">
          {texts.eventsCut}
        </Text>
      )}
    </>
  );
}
