import { Paper, Stack, Text, Title } from "@mantine/core";
import {
  BarChord,
  detectPlatform,
  enterFullScreen,
  leaveFullScreen,
  loadScreenView,
  type ScreenView,
  type ScreenViewState,
  Watermark,
} from "@poterne/viewer";
import { useEffect, useRef, useState } from "react";
import { formatDateTime } from "../i18n/format.ts";
import { useLanguage } from "../i18n/tongue.tsx";
import { BarButton } from "./bar-button.tsx";
import { BarHandle } from "./bar-handle.tsx";
import { preferences } from "./preferences.ts";
import { type ScreensWords, screensEn, screensFr } from "./screens-words.ts";
import { SessionIcon } from "./session-icons.ts";
import { useBarOpening } from "./use-bar-opening.ts";
import { useFullScreen } from "./use-full-screen.ts";
import { useObservable } from "./use-observable.ts";
import { useSessionTexts } from "./use-texts.ts";

/** A further window of a session, `/s/SESSION?screen=2`: one screen of its desktop, and a small bar. */
export function ScreenPage(props: { readonly sessionId: string; readonly screenId: number }) {
  const { language } = useLanguage();
  const words = language === "fr" ? screensFr : screensEn;
  const texts = useSessionTexts();
  const hostRef = useRef<HTMLDivElement>(null);
  const fieldRef = useRef<HTMLTextAreaElement>(null);
  const view = useScreenView(hostRef, fieldRef, props);
  return (
    <div className="session-root">
      {view !== null && <ScreenBar view={view} words={words} screenId={props.screenId} />}
      <main className="session-main">
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
          {view !== null && <Around view={view} words={words} host={hostRef} screenId={props.screenId} />}
        </div>
      </main>
    </div>
  );
}

function useScreenView(
  hostRef: React.RefObject<HTMLDivElement | null>,
  fieldRef: React.RefObject<HTMLTextAreaElement | null>,
  { sessionId, screenId }: { readonly sessionId: string; readonly screenId: number },
): ScreenView | null {
  const [view, setView] = useState<ScreenView | null>(null);
  useEffect(() => {
    let made: ScreenView | null = null;
    let isOver = false;
    void loadScreenView().then((View) => {
      const [host, field] = [hostRef.current, fieldRef.current];
      if (isOver || host === null || field === null) return;
      const { desktop, keyboardMode, commandKeyAs } = preferences.read();
      const keyboard = { mode: keyboardMode, commandKeyAs, platform: detectPlatform(navigator.platform) };
      made = new View({ host, field, sessionId, screenId, desktop, keyboard });
      setView(made);
    });
    return () => {
      isOver = true;
      made?.dispose();
    };
  }, [hostRef, fieldRef, sessionId, screenId]);
  return view;
}

/** The same handle as the session's own page has; behind it only what concerns this window. */
function ScreenBar(props: {
  readonly view: ScreenView;
  readonly words: ScreensWords;
  readonly screenId: number;
}) {
  const { view, words } = props;
  const { session } = useObservable(view.state);
  const isFullScreen = useFullScreen();
  const { isOpen, open, close, placeRef, firstRef } = useBarOpening(false, useBarCalls());
  const toggleFullScreen = async (): Promise<void> => {
    if (isFullScreen) await leaveFullScreen();
    else await enterFullScreen(document.documentElement);
    view.focus();
  };
  return (
    <section
      className="session-bar-place"
      data-pinned={false}
      ref={placeRef}
      aria-label={words.bar}
      onPointerEnter={open}
    >
      <div className="session-bar" data-hidden={!isOpen}>
        <div className="session-bar-left">
          <Text span size="sm" fw={600} className="session-bar-machine">
            {session?.machineName}
          </Text>
          <Text span size="sm" c="dimmed" className="session-bar-name">
            {words.screen(props.screenId)}
          </Text>
        </div>
        <div className="session-bar-right" role="toolbar" aria-label={words.bar}>
          <BarButton
            label={isFullScreen ? words.exitFullScreen : words.fullScreen}
            icon={
              isFullScreen ? (
                <SessionIcon.exitFullScreen size={18} aria-hidden />
              ) : (
                <SessionIcon.fullScreen size={18} aria-hidden />
              )
            }
            onClick={() => void toggleFullScreen().catch(() => undefined)}
          />
          <BarButton
            label={words.close}
            icon={<SessionIcon.leave size={18} aria-hidden />}
            onClick={() => window.close()}
          />
        </div>
      </div>
      <BarHandle ref={firstRef} isOpen={isOpen} open={open} close={close} focusPicture={() => view.focus()} />
    </section>
  );
}

/** How often the bar was called by its keys in this window. */
function useBarCalls(): number {
  const [calls, setCalls] = useState(0);
  useEffect(() => {
    const chord = new BarChord();
    const abort = new AbortController();
    const options = { signal: abort.signal, capture: true };
    window.addEventListener("keydown", (event) => chord.keyDown(event), options);
    window.addEventListener(
      "keyup",
      (event) => {
        if (chord.keyUp(event)) setCalls((count) => count + 1);
      },
      options,
    );
    return () => abort.abort();
  }, []);
  return calls;
}

/** The window's name, the watermark, and what is to be said over the picture. */
function Around(props: {
  readonly view: ScreenView;
  readonly words: ScreensWords;
  readonly host: React.RefObject<HTMLDivElement | null>;
  readonly screenId: number;
}) {
  const { view, words, host, screenId } = props;
  const { connection, session } = useObservable(view.state);
  const { language } = useLanguage();
  const machine = session?.machineName ?? "";
  const watermark = session?.policy?.watermark ?? null;
  const note = noteOf({ connection, session });
  useEffect(() => {
    document.title = `${machine === "" ? words.screen(screenId) : words.page(machine, screenId)} · Poterne`;
    const element = host.current;
    if (element === null) return;
    element.dataset.kind = "desktop";
    element.dataset.frozen = String(note !== null);
    element.setAttribute("role", "region");
    element.setAttribute("aria-label", words.picture(machine, screenId));
  }, [host, machine, screenId, words, note]);
  useEffect(() => {
    const place = host.current?.parentElement;
    if (watermark === null || place == null) return;
    const drawn = new Watermark(place, watermark, (timeMs) => formatDateTime(language, timeMs));
    return () => drawn.dispose();
  }, [host, watermark, language]);
  return (
    <>
      {session?.policy?.recordedBecause != null && (
        <div className="session-signs">
          <span className="session-sign" data-kind="recorded">
            <span aria-hidden>● </span>
            {words.recorded}
          </span>
        </div>
      )}
      {note !== null && (
        <div className="session-overlay">
          <Paper withBorder p="lg" className="session-card" role="status">
            <Stack gap="sm">
              <Title order={1} size="h3">
                {words[note].title}
              </Title>
              <Text>{words[note].text}</Text>
            </Stack>
          </Paper>
        </div>
      )}
      {note === null && session?.isPaused === true && (
        <div className="session-chip" role="status">
          <strong>
            <span aria-hidden>‖ </span>
            {words.paused}
          </strong>
        </div>
      )}
    </>
  );
}

/** What stands in the way of the picture, null for nothing. */
function noteOf({ connection, session }: ScreenViewState) {
  if (connection === "no-page") return "noPage";
  if (connection === "replaced" || connection === "ended") return connection;
  if (connection === "waiting" || session === null) return "waiting";
  if (session.phase === "ended") return "ended";
  if (session.phase === "reattaching") return "lost";
  return session.part === null ? "notTaken" : null;
}
