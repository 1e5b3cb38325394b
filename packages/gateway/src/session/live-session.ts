import type { Policy } from "@poterne/contract";
import type { FileEvent } from "@poterne/wire";
import type { DriverFiles } from "./driver.ts";

/** A session that runs on this node, as the routes beside the viewer's socket see it (files, supervision). */
export interface LiveSession {
  readonly sessionId: string;
  readonly personId: string;
  readonly personName: string;
  readonly targetId: string;
  readonly siteId: string;
  readonly policy: Policy;
  /** Null until the session is open, and where the target has no files. */
  readonly files: DriverFiles | null;
  /** Whether the session accepts actions now: open, not paused by a guardian, not read-only. */
  readonly isActive: boolean;
  /** Records and journals one finished transfer. */
  fileTransferred(event: FileEvent): Promise<void>;
}

/** The sessions of this node. */
export interface LiveSessions {
  find(sessionId: string): LiveSession | null;
}
