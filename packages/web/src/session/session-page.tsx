import "./session.css";
import { hasControl, Watermark } from "@poterne/viewer";
import { MAX_SCREENS, type ViewerRole } from "@poterne/wire";
import { useParams, useSearch } from "@tanstack/react-router";
import { type DragEvent, lazy, Suspense, useEffect, useState } from "react";
import { formatDateTime } from "../i18n/format.ts";
import { useLanguage } from "../i18n/tongue.tsx";
import { FailureView } from "../ui/failure-view.tsx";
import { EndPage } from "./end-page.tsx";
import { LostOverlay, PausedOverlay } from "./interruption.tsx";
import { KeysChip } from "./keys-chip.tsx";
import { Notices } from "./notices.tsx";
import { OpeningOverlay } from "./opening-overlay.tsx";
import { preferences } from "./preferences.ts";
import { SessionBar } from "./session-bar.tsx";
import type { SessionStage } from "./stage.ts";
import { StageQuestionDialogue } from "./stage-question.tsx";
import { useObservable } from "./use-observable.ts";
import { StageContext, useMakeStage, useSessionState, useStage, useStageState } from "./use-stage.ts";
import { useSessionTexts } from "./use-texts.ts";

/** Fetched when somebody opens it: only SSH has files. */
const FilePanel = lazy(async () => ({ default: (await import("./files/file-panel.tsx")).FilePanel }));

/** Fetched by those few browsers that need it. */
const UndecodableSign = lazy(async () => ({
  default: (await import("../ui/undecodable-sign.tsx")).UndecodableSign,
}));

/** Fetched by further windows of a session, which hold nothing else. */
const ScreenPage = lazy(async () => ({ default: (await import("./screen-page.tsx")).ScreenPage }));

const ROLES: readonly ViewerRole[] = ["controller", "observer", "guardian"];

/**
 * One session in the whole window. `/s/SESSION?role=observer` watches, `?role=guardian` guards; `?screen=2` is a further
 * window of the page that opened it.
 */
export function SessionPage() {
  const { session } = useParams({ strict: false }) as { readonly session?: string };
  const search = useSearch({ strict: false }) as Readonly<Record<string, string>>;
  const role = ROLES.find((known) => known === search.role) ?? "controller";
  // A session that another page took over is taken back by beginning anew.
  const [round, setRound] = useState(0);
  const screenId = Number(search.screen);
  if (screenId >= 2 && screenId <= MAX_SCREENS)
    return (
      <Suspense fallback={null}>
        <ScreenPage sessionId={session ?? ""} screenId={screenId} />
      </Suspense>
    );
  return (
    <SessionRoom
      key={`${session}-${role}-${round}`}
      sessionId={session ?? ""}
      role={role}
      onAgain={() => setRound((count) => count + 1)}
    />
  );
}

function SessionRoom(props: {
  readonly sessionId: string;
  readonly role: ViewerRole;
  readonly onAgain: () => void;
}) {
  const { hostRef, fieldRef, stage } = useMakeStage(props.sessionId, props.role);
  const texts = useSessionTexts();
  return (
    <div className="session-root">
      <StageContext value={stage}>{stage !== null && <SessionFrame />}</StageContext>
      <main className="session-main" {...filesDraggedOver(stage)}>
        <div className="session-picture">
          <div className="session-host" ref={hostRef} />
          <textarea
            className="session-field"
            ref={fieldRef}
            aria-label={texts.keyboardField}
            autoCapitalize="off"
            autoComplete="off"
            autoCorrect="off"
            spellCheck={false}
            tabIndex={-1}
          />
          <div className="session-focus" />
          <StageContext value={stage}>
            {stage !== null && (
              <Overlays host={hostRef} sessionId={props.sessionId} onAgain={props.onAgain} />
            )}
          </StageContext>
        </div>
        <StageContext value={stage}>{stage !== null && <Files sessionId={props.sessionId} />}</StageContext>
      </main>
    </div>
  );
}

/** Files dragged over the picture open the file panel; dropped beside it, the browser must not open them itself. */
function filesDraggedOver(stage: SessionStage | null) {
  const isFiles = (event: DragEvent): boolean => event.dataTransfer.types.includes("Files");
  return {
    onDragEnter: (event: DragEvent) => {
      if (isFiles(event) && stage?.connection.state.read().hasFiles === true) stage.showFiles(true);
    },
    onDragOver: (event: DragEvent) => {
      if (isFiles(event)) event.preventDefault();
    },
    onDrop: (event: DragEvent) => event.preventDefault(),
  };
}

/** What stands before the picture in the reading order: the bar and the window's title. */
function SessionFrame() {
  const state = useSessionState();
  const { title } = useStageState();
  const texts = useSessionTexts();
  const machine = state.hello?.machineName ?? "";
  useEffect(() => {
    const name = machine === "" ? texts.opening.titleSession : machine;
    document.title = `${title === "" ? name : `${name} — ${title}`} · Poterne`;
  }, [machine, title, texts]);
  if (state.phase === "ended") return null;
  return <SessionBar />;
}

function Overlays(props: {
  readonly host: React.RefObject<HTMLDivElement | null>;
  readonly sessionId: string;
  readonly onAgain: () => void;
}) {
  const state = useSessionState();
  const { kind, loadError, isUndecodable } = useStageState();
  const texts = useSessionTexts();
  useWatermark(props.host);
  useEffect(() => {
    const host = props.host.current;
    if (host === null) return;
    host.dataset.kind = kind ?? "";
    host.dataset.frozen = String(state.phase === "reattaching");
    const machine = state.hello?.machineName ?? "";
    host.setAttribute("role", "region");
    host.setAttribute(
      "aria-label",
      kind === "desktop" ? texts.desktopLabel(machine) : texts.terminalLabel(machine),
    );
  }, [props.host, kind, state.phase, state.hello?.machineName, texts]);
  if (state.phase === "ended" && state.end !== null)
    return <EndPage sessionId={props.sessionId} onAgain={props.onAgain} />;
  return (
    <>
      <StandingSigns />
      <Notices />
      <KeysChip />
      {(state.phase === "unattached" || state.phase === "opening") && <OpeningOverlay />}
      {loadError !== null && (
        <div className="session-overlay" data-solid="true">
          <FailureView error={loadError} onRetry={() => location.reload()} />
        </div>
      )}
      {isUndecodable && (
        <Suspense fallback={null}>
          <UndecodableSign />
        </Suspense>
      )}
      {state.phase === "reattaching" && <LostOverlay />}
      {state.pausedBy !== null && state.phase === "open" && <PausedOverlay />}
      <StageQuestionDialogue />
    </>
  );
}

function Files({ sessionId }: { readonly sessionId: string }) {
  const stage = useStage();
  const state = useSessionState();
  const { areFilesShown } = useStageState();
  if (!areFilesShown || !state.hasFiles || state.phase === "ended") return null;
  return (
    <Suspense fallback={null}>
      <FilePanel sessionId={sessionId} onClose={() => stage.showFiles(false)} />
    </Suspense>
  );
}

/** The signs that stay on the picture when the bar is hidden: that it is recorded, who sees it, who was lent control. */
function StandingSigns() {
  const state = useSessionState();
  const { hello, viewers } = state;
  const texts = useSessionTexts();
  // The pinned bar says itself that the session is recorded.
  const { isBarPinned } = useObservable(preferences);
  const recordedBecause = hello?.policy.recordedBecause ?? null;
  const watchers = viewers.filter((viewer) => viewer.viewerId !== hello?.viewerId);
  const isWatched = hello?.role === "controller" && watchers.length > 0;
  const lentTo = hello?.role === "controller" ? watchers.find((viewer) => viewer.hasControl) : undefined;
  const isLent = hello?.role !== "controller" && hasControl(state);
  return (
    <div className="session-signs">
      {isWatched && (
        <span className="session-sign" role="status">
          <span aria-hidden>◉ </span>
          {texts.watch.watchedBy(watchers.map((viewer) => viewer.name).join(", "))}
        </span>
      )}
      {(lentTo !== undefined || isLent) && (
        <span className="session-sign" role="status">
          {lentTo === undefined ? texts.watch.controlIsYours : texts.watch.controlIsWith(lentTo.name)}
        </span>
      )}
      {recordedBecause !== null && !isBarPinned && (
        <span className="session-sign" data-kind="recorded" title={texts.recordedWhy[recordedBecause]}>
          <span aria-hidden>● </span>
          {texts.recorded}
          <span className="visually-hidden"> — {texts.recordedLong}</span>
        </span>
      )}
    </div>
  );
}

function useWatermark(host: React.RefObject<HTMLDivElement | null>): void {
  const text = useSessionState().hello?.policy.watermark ?? null;
  const { language } = useLanguage();
  useEffect(() => {
    const place = host.current?.parentElement;
    if (text === null || place == null) return;
    const watermark = new Watermark(place, text, (timeMs) => formatDateTime(language, timeMs));
    return () => watermark.dispose();
  }, [host, text, language]);
}
