import { createTicket } from "@poterne/contract";
import {
  browserDecodes,
  browserTimers,
  type ConnectionEnvironment,
  decodeFileEvent,
  openBrowserSocket,
  SessionConnection,
  TicketRefused,
  type ViewerSize,
} from "@poterne/viewer";
import { Channel, type FileEvent, type ViewerRole } from "@poterne/wire";
import { ApiFailure, UNREACHABLE } from "../api/api-failure.ts";
import { call } from "../api/call.ts";

/** Answers of the API that trying again cannot change: every refusal of the caller, but for "too many requests". */
function isFinal(error: ApiFailure): boolean {
  return error.code !== UNREACHABLE && error.status >= 400 && error.status < 500 && error.status !== 429;
}

function makeEnvironment(sessionId: string, role: ViewerRole): ConnectionEnvironment {
  return {
    timers: browserTimers,
    random: () => Math.random(),
    openSocket: openBrowserSocket,
    decodes: browserDecodes,
    async getTicket() {
      try {
        return await call(createTicket, { params: { sessionId }, body: { role } });
      } catch (error) {
        if (error instanceof ApiFailure && isFinal(error)) throw new TicketRefused(error.code, error.details);
        throw error;
      }
    },
  };
}

/** The room this window has before anything is drawn; the display measures it exactly later. */
function guessSize(): ViewerSize {
  const cell = { widthPx: 9, heightPx: 18 };
  return {
    columns: Math.max(20, Math.floor(window.innerWidth / cell.widthPx)),
    rows: Math.max(4, Math.floor(window.innerHeight / cell.heightPx)),
    widthPx: window.innerWidth & ~1,
    heightPx: window.innerHeight,
  };
}

/** What a session page hears beside the connection's state. */
export interface SessionPageEvents {
  clipboard(kind: number, content: Uint8Array): void;
  fileEvent(event: FileEvent): void;
  sound(payload: Uint8Array): void;
}

/** Makes the connection of one session page. */
export function makeConnection(
  sessionId: string,
  role: ViewerRole,
  events: SessionPageEvents,
): SessionConnection {
  return new SessionConnection(makeEnvironment(sessionId, role), guessSize(), {
    clipboard: events.clipboard,
    sound: events.sound,
    event(frame) {
      const event = frame.channel === Channel.file ? decodeFileEvent(frame.payload) : null;
      if (event !== null) events.fileEvent(event);
    },
  });
}
