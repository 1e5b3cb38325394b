export { ClipboardBridge, type ClipboardHost, type ClipboardView } from "./clipboard/clipboard-bridge.ts";
export { type ClipboardState, type ClipboardWay, decideClipboard } from "./clipboard/clipboard-decision.ts";
export { browserDecodes } from "./connection/browser-decodes.ts";
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
export type { ScaleMode, Size } from "./desktop/scaling.ts";
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
export { SoundOutlet, type SoundState } from "./sound/sound-outlet.ts";
export { decidePaste, type PasteDecision } from "./terminal/paste.ts";
export type { TerminalThemeName } from "./terminal/terminal-theme.ts";
export type { TerminalEvents, TerminalPreferences, TerminalView } from "./terminal/terminal-view.ts";
export { browserTimers, type Timers } from "./timers.ts";
export { Watermark } from "./watermark.ts";

/** Loads the terminal (xterm and its addons): a chunk of its own, fetched only when a terminal is opened. */
export async function loadTerminalView(): Promise<typeof import("./terminal/terminal-view.ts").TerminalView> {
  return (await import("./terminal/terminal-view.ts")).TerminalView;
}

/** Loads the desktop display. */
export async function loadDesktopView(): Promise<typeof import("./desktop/desktop-view.ts").DesktopView> {
  return (await import("./desktop/desktop-view.ts")).DesktopView;
}
