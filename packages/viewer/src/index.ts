import { browserDecodes } from "./connection/browser-decodes.ts";
import { fetchedOnce } from "./fetched-once.ts";

export { ClipboardBridge, type ClipboardHost, type ClipboardView } from "./clipboard/clipboard-bridge.ts";
export { type ClipboardState, type ClipboardWay, decideClipboard } from "./clipboard/clipboard-decision.ts";
export {
  type ConnectionEnvironment,
  type FrameBatch,
  type FrameSink,
  SessionConnection,
  type ViewerSize,
} from "./connection/session-connection.ts";
export {
  canAct,
  hasControl,
  initialSessionState,
  type Notice,
  type SessionEnd,
  type SessionPhase,
  type SessionState,
} from "./connection/session-state.ts";
export {
  openBrowserSocket,
  type SessionTicket,
  TicketRefused,
  type ViewerSocket,
} from "./connection/socket.ts";
export type { DesktopEvents, DesktopPreferences, DesktopView } from "./desktop/desktop-view.ts";
export { type Room, type ScaleMode, type Size, wantedRoom } from "./desktop/scaling.ts";
export type { TouchMode } from "./desktop/touch-machine.ts";
export { canLockKeyboard, enterFullScreen, leaveFullScreen } from "./full-screen.ts";
export { BarChord, type ChordKey } from "./keyboard/bar-chord.ts";
export {
  CHORD_HOLD_MS,
  chordEvents,
  DESKTOP_CHORDS,
  type DesktopChord,
  STICKY_KEYS,
  type StickyKey,
  stickyEvent,
  TERMINAL_CHORDS,
  type TerminalChord,
} from "./keyboard/chords.ts";
export {
  type CommandKeyAs,
  detectPlatform,
  type KeyboardMode,
  type KeyboardPlatform,
  type KeyFacts,
  readKeyFacts,
} from "./keyboard/key-facts.ts";
export { KeyboardCapture, type KeyboardEvents } from "./keyboard/keyboard-capture.ts";
export { KeyboardMachine, type KeyboardOptions, type KeyOutcome } from "./keyboard/keyboard-machine.ts";
export { decodeFileEvent, decodeMarker } from "./marker.ts";
export { type Observable, ObservableValue } from "./observable.ts";
export { PLAYER_SPEEDS, Player, type PlayerState } from "./player/player.ts";
export {
  type FrameReply,
  type FrameRequest,
  fetchFrames,
  type PlayerIndex,
  type RecordingSource,
} from "./player/recording-source.ts";
export { hadWindows } from "./screens/had-windows.ts";
export type { ScreenView, ScreenViewState } from "./screens/screen-view.ts";
export type { ScreenWindows, ScreenWindowsState } from "./screens/screen-windows.ts";
export { SoundOutlet, type SoundState } from "./sound/sound-outlet.ts";
export { decidePaste, type PasteDecision } from "./terminal/paste.ts";
export type { TerminalThemeName } from "./terminal/terminal-theme.ts";
export type { TerminalEvents, TerminalPreferences, TerminalView } from "./terminal/terminal-view.ts";
export { browserTimers, type Timers } from "./timers.ts";
export { Watermark } from "./watermark.ts";
export { browserDecodes };

/** Loads the terminal (xterm and its addons): a chunk of its own, fetched only when a terminal is opened. */
export const loadTerminalView = fetchedOnce(
  async () => (await import("./terminal/terminal-view.ts")).TerminalView,
);

/** Loads the desktop display. */
export const loadDesktopView = fetchedOnce(
  async () => (await import("./desktop/desktop-view.ts")).DesktopView,
);

/** Gets a display for the next desktop session ready, with the codecs its protocol needs. */
export async function warmDesktop(protocol: string): Promise<void> {
  void browserDecodes();
  (await import("./desktop/display-workers.ts")).warmDisplayWorker(protocol);
  await loadDesktopView();
}

/** Loads what opens further windows of a session, and serves them. */
export async function loadScreenWindows(): Promise<
  typeof import("./screens/screen-windows.ts").ScreenWindows
> {
  return (await import("./screens/screen-windows.ts")).ScreenWindows;
}

/** Loads what draws in a further window of a session. */
export async function loadScreenView(): Promise<typeof import("./screens/screen-view.ts").ScreenView> {
  return (await import("./screens/screen-view.ts")).ScreenView;
}
