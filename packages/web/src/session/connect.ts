import { createTicket } from "@poterne/contract";
import {
  browserDecodes,
  browserTimers,
  type ConnectionEnvironment,
  decodeFileEvent,
  openBrowserSocket,
  SessionConnection,
  type SessionTicket,
  type Size,
  TicketRefused,
  type ViewerSize,
  wantedRoom,
} from "@poterne/viewer";
import { Channel, type FileEvent, type ViewerRole } from "@poterne/wire";
import { ApiFailure, UNREACHABLE } from "../api/api-failure.ts";
import { call } from "../api/call.ts";
import { EarlyEvents } from "./early-events.ts";
import { preferences } from "./preferences.ts";

/** How high a pinned bar is (`session.css`) where its buttons stand in one row; the page measures it later. */
const PINNED_BAR_PX = 44;

/** Answers of the API that trying again cannot change: every refusal of the caller, but for "too many requests". */
function isFinal(error: ApiFailure): boolean {
  return error.code !== UNREACHABLE && error.status >= 400 && error.status < 500 && error.status !== 429;
}

function makeEnvironment(
  sessionId: string,
  role: ViewerRole,
  firstTicket: SessionTicket | null,
): ConnectionEnvironment {
  let handed = firstTicket;
  return {
    timers: browserTimers,
    random: () => Math.random(),
    openSocket: openBrowserSocket,
    decodes: browserDecodes,
    async getTicket() {
      const first = handed;
      handed = null;
      if (first !== null) return first;
      try {
        return await call(createTicket, { params: { sessionId }, body: { role } });
      } catch (error) {
        if (error instanceof ApiFailure && isFinal(error)) throw new TicketRefused(error.code, error.details);
        throw error;
      }
    },
  };
}

/**
 * What a viewer in this room says of its size before anything is drawn; the display measures it exactly later. A desktop
 * that is opened at another size than its display's changes it at once, which servers are slow and clumsy at.
 */
function guessSize(whole: Size): ViewerSize {
  const { isSharp } = preferences.read().desktop;
  const room = wantedRoom(whole, { isSharp, pixelRatio: devicePixelRatio });
  const cell = { widthPx: 9, heightPx: 18 };
  return {
    columns: Math.max(20, Math.floor(whole.width / cell.widthPx)),
    rows: Math.max(4, Math.floor(whole.height / cell.heightPx)),
    widthPx: room.width,
    heightPx: room.height,
    scalePercent: room.scalePercent,
  };
}

/**
 * Tells the room of the picture's place once the page stands, unless a display has measured it by then: what was told
 * first was reckoned from the window.
 */
export function tellRoom(connection: SessionConnection, host: HTMLElement, isMeasured: () => boolean): void {
  requestAnimationFrame(() => {
    const { clientWidth: width, clientHeight: height } = host;
    if (!isMeasured() && width > 0 && height > 0) connection.resize(guessSize({ width, height }));
  });
}

/** What a session page hears beside the connection's state. */
export interface SessionPageEvents {
  clipboard(kind: number, content: Uint8Array): void;
  fileEvent(event: FileEvent): void;
  sound(payload: Uint8Array): void;
}

/** Which session a page shows, to whom, and its first ticket where somebody has one already. */
export interface SessionPlace {
  readonly sessionId: string;
  readonly role: ViewerRole;
  readonly ticket: SessionTicket | null;
}

/** The connection of one session page, begun before the page or by it. */
export interface BegunSession {
  readonly connection: SessionConnection;
  /** Resolves when the gateway has been greeted the first time. */
  readonly greeted: Promise<void>;
  /** Gives the page's ears: what came before is told first. */
  listen(events: SessionPageEvents): void;
}

/** Begins to attach; the connection keeps its frames until a display takes them. */
export function beginSession({ sessionId, role, ticket }: SessionPlace): BegunSession {
  const whole = { width: window.innerWidth, height: window.innerHeight };
  const early = new EarlyEvents<SessionPageEvents>();
  let greet = () => {};
  const greeted = new Promise<void>((resolve) => {
    greet = resolve;
  });
  const connection = new SessionConnection(
    makeEnvironment(sessionId, role, ticket),
    guessSize(roomBeside(whole)),
    {
      clipboard: (kind, content) => early.tell((page) => page.clipboard(kind, content)),
      sound: (payload) => early.tellNow((page) => page.sound(payload)),
      event(frame) {
        const event = frame.channel === Channel.file ? decodeFileEvent(frame.payload) : null;
        if (event !== null) early.tell((page) => page.fileEvent(event));
      },
      greeted: () => greet(),
    },
  );
  connection.start();
  return { connection, greeted, listen: (page) => early.listen(page) };
}

/** What a pinned bar leaves of the window. */
function roomBeside(whole: Size): Size {
  const { isBarPinned } = preferences.read();
  return isBarPinned ? { width: whole.width, height: whole.height - PINNED_BAR_PX } : whole;
}
