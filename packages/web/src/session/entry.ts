import { type Protocol, SESSION_KIND } from "@poterne/contract";
import { loadTerminalView, type SessionTicket, warmDesktop } from "@poterne/viewer";
import { beginSession } from "./connect.ts";
import { handOver } from "./handover.ts";

// The way from other pages to a session's, fetched apart from them.

const done = new Set<Protocol>();

/** Fetches what a session over this protocol needs, so that nobody waits for it after the click; once for each. */
export async function preloadSession(protocol: Protocol): Promise<void> {
  if (done.has(protocol)) return;
  done.add(protocol);
  await import("./session-page.tsx");
  if (SESSION_KIND[protocol] === "desktop") await warmDesktop(protocol);
  else await loadTerminalView();
}

/** How long the next page waits for a gateway that is slow to take the socket. */
const GREETING_LIMIT_MS = 150;

/**
 * Begins a session that was just opened, and leaves it for its page; resolves when that may be shown. Drawing it holds the
 * page's thread: the gateway is greeted before, and reaches the target meanwhile.
 */
export async function begin(opened: {
  readonly sessionId: string;
  readonly protocol: Protocol;
  readonly ticket: SessionTicket;
}): Promise<void> {
  const { sessionId, protocol, ticket } = opened;
  const begun = beginSession({ sessionId, role: "controller", ticket });
  handOver({ sessionId, protocol, begun });
  await Promise.race([begun.greeted, new Promise((resolve) => setTimeout(resolve, GREETING_LIMIT_MS))]);
}
