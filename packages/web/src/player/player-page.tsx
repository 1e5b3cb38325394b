import "../session/session.css";
import "./player.css";
import { Alert, Loader } from "@mantine/core";
import { useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useObservable } from "../session/use-observable.ts";
import { FailureView } from "../ui/failure-view.tsx";
import { readPlace } from "./clock-text.ts";
import { Playback } from "./playback.ts";
import { PlayerControls } from "./player-controls.tsx";
import { PlayerHead } from "./player-head.tsx";
import { PlayerSide } from "./player-side.tsx";
import { Timeline } from "./timeline.tsx";
import { usePlayerKeys } from "./use-player-keys.ts";
import { usePlayerTexts } from "./use-texts.ts";

/** Fetched by those few browsers that need it. */
const UndecodableSign = lazy(async () => ({
  default: (await import("../ui/undecodable-sign.tsx")).UndecodableSign,
}));

/** Plays one recording: `/recordings/SESSION?t=SECONDS`, also while the session runs. */
export function PlayerPage() {
  const { id } = useParams({ strict: false }) as { readonly id?: string };
  const sessionId = id ?? "";
  const search = useSearch({ strict: false }) as Readonly<Record<string, string>>;
  const texts = usePlayerTexts();
  const hostRef = useRef<HTMLDivElement>(null);
  const playback = usePlayback(hostRef, sessionId, readPlace(search.t));
  return (
    <div className="player-root">
      <PlayerHead sessionId={sessionId} playback={playback} />
      <main className="player-main">
        <section className="player-picture" aria-label={texts.stage}>
          <div className="player-host" ref={hostRef} />
          {playback !== null && <PictureSigns playback={playback} />}
        </section>
        {playback !== null && <PlayerSide sessionId={sessionId} playback={playback} />}
      </main>
      {playback !== null && <Foot playback={playback} />}
    </div>
  );
}

function Foot({ playback }: { readonly playback: Playback }) {
  const texts = usePlayerTexts();
  usePlayerKeys(playback.player);
  return (
    <section className="player-foot" aria-label={texts.controls}>
      <Timeline playback={playback} />
      <PlayerControls playback={playback} />
    </section>
  );
}

function usePlayback(
  hostRef: React.RefObject<HTMLDivElement | null>,
  sessionId: string,
  atMs: number,
): Playback | null {
  const [playback, setPlayback] = useState<Playback | null>(null);
  const firstMs = useRef(atMs);
  useEffect(() => {
    const host = hostRef.current;
    if (host === null) return;
    const made = new Playback(host, sessionId);
    setPlayback(made);
    void made.open(firstMs.current);
    return () => made.dispose();
  }, [hostRef, sessionId]);
  return playback;
}

/** Over the picture: loading, what went wrong, and where a cut recording ends. */
function PictureSigns({ playback }: { readonly playback: Playback }) {
  const state = useObservable(playback.player.state);
  const index = useObservable(playback.index);
  const isUndecodable = useObservable(playback.isUndecodable);
  const texts = usePlayerTexts();
  const isAtEnd = state.index !== null && state.positionMs >= state.index.durationMs;
  return (
    <>
      {state.error !== null && (
        <FailureView error={state.error} onRetry={() => playback.player.seek(state.positionMs)} />
      )}
      {state.isLoading && state.error === null && <Loader m="md" role="status" aria-label={texts.loading} />}
      {isUndecodable && (
        <Suspense fallback={null}>
          <UndecodableSign />
        </Suspense>
      )}
      {index?.isCut === true && isAtEnd && (
        <Alert color="orange" m="md" role="status">
          {texts.cutEnd}
        </Alert>
      )}
    </>
  );
}
