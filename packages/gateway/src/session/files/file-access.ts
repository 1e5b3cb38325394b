import { Failure } from "@poterne/contract";
import type { FileEvent } from "@poterne/wire";
import type { RequestContext } from "../../http/context.ts";
import type { DriverFiles } from "../driver.ts";
import type { LiveSession, LiveSessions } from "../live-session.ts";

/** A live session whose files may be used now. */
export interface FileSession {
  readonly session: LiveSession;
  readonly files: DriverFiles;
}

/**
 * The session of a request, for its own person only. `need` is the direction that policy must allow, null when either
 * one will do (looking at folders). Throws the Failures `not-found`, `session-not-active`, `files-not-allowed`,
 * `files-unavailable`.
 */
export function requireFiles(
  sessions: LiveSessions,
  request: { readonly sessionId: string; readonly context: RequestContext },
  need: FileEvent["direction"] | null,
): FileSession {
  const session = sessions.find(request.sessionId);
  // Somebody else's session and none look the same.
  if (session === null || session.personId !== request.context.person().personId)
    throw new Failure("not-found");
  const { filesFromTarget, filesToTarget } = session.policy;
  const isAllowed =
    need === "from-target"
      ? filesFromTarget
      : need === "to-target"
        ? filesToTarget
        : filesFromTarget || filesToTarget;
  if (!isAllowed) throw new Failure("files-not-allowed");
  if (!session.isActive) throw new Failure("session-not-active");
  if (session.files === null) throw new Failure("files-unavailable");
  return { session, files: session.files };
}
