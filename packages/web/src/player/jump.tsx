import type { ReactNode } from "react";
import { writeClock } from "./clock-text.ts";
import type { Playback } from "./playback.ts";

/** A line of a list that jumps to its time. */
export function Jump(props: {
  readonly ms: number;
  readonly playback: Playback;
  readonly isCurrent?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <button
      type="button"
      className="player-jump"
      aria-current={props.isCurrent === true ? "true" : undefined}
      onClick={() => props.playback.player.seek(props.ms)}
    >
      <time>{writeClock(props.ms)}</time>
      <span>{props.children}</span>
    </button>
  );
}
