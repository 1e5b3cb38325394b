/** What the connection needs of a WebSocket; the browser's own fits. */
export interface ViewerSocket {
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number }) => void) | null;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

/** A one-time ticket and where to bring it: `POST /api/v1/sessions/:sessionId/tickets`. */
export interface SessionTicket {
  readonly ticket: string;
  /** Path of the WebSocket on this origin: `/n/NODE/session/SESSION`. */
  readonly path: string;
}

/**
 * The gateway will not give a ticket, now or later: the session has ended, or is not this person's. `code` is of the
 * error catalogue. Any other rejection of `getTicket` counts as a lost network and is tried again.
 */
export class TicketRefused extends Error {
  readonly code: string;
  readonly details: Readonly<Record<string, string | number>>;

  constructor(code: string, details: Readonly<Record<string, string | number>> = {}) {
    super(code);
    this.name = "TicketRefused";
    this.code = code;
    this.details = details;
  }
}

/** Opens the viewer's WebSocket on this page's origin with the two subprotocols the gateway wants. */
export function openBrowserSocket(ticket: SessionTicket): ViewerSocket {
  const url = new URL(ticket.path, location.href);
  url.protocol = url.protocol === "http:" ? "ws:" : "wss:";
  return new WebSocket(url, ["poterne.v1", `ticket.${ticket.ticket}`]) as ViewerSocket;
}
