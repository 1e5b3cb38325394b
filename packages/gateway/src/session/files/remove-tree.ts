import { Failure } from "@poterne/contract";
import type { DriverFiles } from "../driver.ts";

/** Files and folders one order may remove. */
export const MAX_REMOVED = 10_000;

/**
 * Removes a folder and all below it, children first; links are removed and never followed. Counts before it removes
 * anything: over `MAX_REMOVED` it throws `too-many-files` and nothing is gone. `stillAllowed` is asked before each step.
 */
export async function removeTree(
  files: DriverFiles,
  root: string,
  stillAllowed: () => boolean,
): Promise<number> {
  const paths = await collect(files, root);
  for (const path of paths.toReversed()) {
    if (!stillAllowed()) throw new Failure("session-not-active");
    await files.remove(path);
  }
  return paths.length;
}

/** Every path below and with `root`, parents first. */
async function collect(files: DriverFiles, root: string): Promise<string[]> {
  const paths = [root];
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const { entries } = await files.list(folder, MAX_REMOVED);
    for (const entry of entries) {
      const path = folder === "/" ? `/${entry.name}` : `${folder}/${entry.name}`;
      paths.push(path);
      if (paths.length > MAX_REMOVED) throw new Failure("too-many-files", { path: root, limit: MAX_REMOVED });
      if (entry.kind === "folder") folders.push(path);
    }
  }
  return paths;
}
