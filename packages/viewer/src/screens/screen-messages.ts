import type { DesktopPlace, InputEvent, WirePolicy } from "@poterne/wire";
import type { SessionPhase } from "../connection/session-state.ts";
import type { WindowRoom } from "./arrange.ts";

// What the page of a session and its further windows say to each other. Both are pages of this origin; nothing of it
// leaves the browser.

/** What a further window is told of its session, whole at each change. */
export interface ScreenState {
  readonly phase: SessionPhase;
  /** Whether what is typed and clicked goes to the target now. */
  readonly canAct: boolean;
  readonly isPaused: boolean;
  readonly machineName: string;
  readonly policy: WirePolicy | null;
  /** The part of the desktop this window shows; null while the target has no screen for it. */
  readonly part: DesktopPlace | null;
  readonly desktop: { readonly width: number; readonly height: number };
}

/** A further window asks for its place: posted to the window that opened it, with a port for words and one for pixels. */
export interface ScreenGreeting {
  readonly poterne: "screen";
  readonly sessionId: string;
  readonly screenId: number;
}

/** From a further window to the page. */
export type FromScreenWindow =
  | { readonly type: "room"; readonly room: WindowRoom }
  | { readonly type: "input"; readonly events: readonly InputEvent[] }
  | { readonly type: "clipboard"; readonly kind: number; readonly content: Uint8Array }
  /** It goes, or is loaded again. */
  | { readonly type: "bye" };

/** From the page to a further window. */
export type ToScreenWindow =
  | { readonly type: "state"; readonly state: ScreenState }
  | { readonly type: "clipboard"; readonly kind: number; readonly content: Uint8Array }
  /** The page goes, or is loaded again: ask for a place until one is given. */
  | { readonly type: "away" }
  /** Another window has this one's place. */
  | { readonly type: "replaced" }
  /** The session is over, or the person wants this window no more. */
  | { readonly type: "end" };

/** Whether a message between windows is a greeting for a session's page. */
export function isGreeting(data: unknown, sessionId: string): data is ScreenGreeting {
  if (typeof data !== "object" || data === null) return false;
  const greeting = data as Partial<ScreenGreeting>;
  return (
    greeting.poterne === "screen" && greeting.sessionId === sessionId && Number.isInteger(greeting.screenId)
  );
}

/** The channel on which a page that was loaded again calls its windows. */
export function callChannel(sessionId: string): string {
  return `poterne-screens-${sessionId}`;
}
