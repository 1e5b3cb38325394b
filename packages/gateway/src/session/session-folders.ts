import { rm } from "node:fs/promises";
import path from "node:path";
import type { SessionFolders } from "./driver.ts";

/** A session's folders below `drives`: ids only, so that no name of a person or a target can lead elsewhere. */
export function foldersOf(
  drives: string,
  session: { readonly sessionId: string; readonly personId: string; readonly targetId: string },
): SessionFolders {
  return {
    session: path.join(drives, "live", session.sessionId),
    kept: path.join(drives, "kept", session.personId, session.targetId),
  };
}

/** Removes what sessions of a gateway that died have left; to be called before the first session opens. */
export async function removeLeftFolders(drives: string): Promise<void> {
  await rm(path.join(drives, "live"), { recursive: true, force: true });
}

/** Removes what was kept for a person, when the person is erased. */
export async function removeKeptFolders(drives: string, personId: string): Promise<void> {
  await rm(path.join(drives, "kept", path.basename(personId)), { recursive: true, force: true });
}
