import type { RecordingIndex } from "@poterne/contract";
import { useMemo } from "react";
import { useObservable } from "../session/use-observable.ts";
import { writeClock } from "./clock-text.ts";
import type { Playback } from "./playback.ts";
import { usePlayerTexts } from "./use-texts.ts";

/** The drawing's own units; the picture is stretched to the window's width. */
const WIDTH = 1000;
const HEIGHT = 56;
const ACTIVITY_BASE = 44;
const ACTIVITY_HEIGHT = 38;

/** Activity, events and marks along the time, with the place now. Seeks by pointer and, as a slider, by keys. */
export function Timeline({ playback }: { readonly playback: Playback }) {
  const { positionMs, index: playerIndex } = useObservable(playback.player.state);
  const index = useObservable(playback.index);
  const texts = usePlayerTexts();
  const durationMs = Math.max(1, playerIndex?.durationMs ?? 1);
  const place = (ms: number): number => (Math.min(ms, durationMs) / durationMs) * WIDTH;
  return (
    <div className="player-line">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <rect x={0} y={ACTIVITY_BASE} width={WIDTH} height={4} fill="var(--mantine-color-default-border)" />
        {index !== null && <Activity index={index} durationMs={durationMs} />}
        <rect
          x={0}
          y={ACTIVITY_BASE}
          width={place(positionMs)}
          height={4}
          fill="var(--mantine-primary-color-filled)"
        />
        {index !== null && <Ticks index={index} place={place} />}
        <rect
          x={Math.max(0, place(positionMs) - 1)}
          y={0}
          width={2}
          height={HEIGHT}
          fill="var(--mantine-primary-color-filled)"
        />
      </svg>
      <input
        type="range"
        min={0}
        max={durationMs}
        step={100}
        value={Math.min(positionMs, durationMs)}
        aria-label={texts.timeline}
        aria-valuetext={texts.at(writeClock(positionMs), writeClock(durationMs))}
        onChange={(event) => playback.player.seek(Number(event.currentTarget.value))}
      />
    </div>
  );
}

/** Bytes of change over time, on a logarithmic scale: typing must show beside a video. */
function Activity({ index, durationMs }: { readonly index: RecordingIndex; readonly durationMs: number }) {
  const path = useMemo(() => {
    const { bucketMs, bytes } = index.activity;
    const most = Math.log1p(Math.max(1, ...bytes));
    const width = (bucketMs / durationMs) * WIDTH;
    return bytes
      .map((count, bucket) => {
        if (count === 0) return "";
        const height = Math.max(2, (Math.log1p(count) / most) * ACTIVITY_HEIGHT);
        return `M${(bucket * width).toFixed(2)} ${ACTIVITY_BASE}v${(-height).toFixed(1)}h${width.toFixed(2)}V${ACTIVITY_BASE}z`;
      })
      .join("");
  }, [index, durationMs]);
  return <path d={path} fill="var(--mantine-color-dimmed)" opacity={0.45} />;
}

function Ticks(props: { readonly index: RecordingIndex; readonly place: (ms: number) => number }) {
  const { markers, comments } = props.index;
  return (
    <>
      {markers.map(({ ms, marker }, order) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: events have no id and are only ever added at the end
          key={order}
          x={props.place(ms)}
          y={ACTIVITY_BASE + 4}
          width={1.5}
          height={HEIGHT - ACTIVITY_BASE - 4}
          fill={
            marker.type === "file" || marker.type === "clipboard"
              ? "var(--state-degraded)"
              : "var(--mantine-color-dimmed)"
          }
        />
      ))}
      {comments.map((comment) => (
        <path
          key={comment.commentId}
          d={`M${props.place(comment.ms)} 0l5 7h-10z`}
          fill="var(--mantine-primary-color-filled)"
        />
      ))}
    </>
  );
}
