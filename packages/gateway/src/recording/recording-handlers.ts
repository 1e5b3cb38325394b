import type { Handler } from "../http/handlers.ts";
import { contentHandlers } from "./content-handlers.ts";
import { keepingHandlers } from "./keeping-handlers.ts";
import { listHandlers } from "./list-handlers.ts";
import type { Recordings } from "./recordings.ts";

/** All handlers of recordings and retention. */
export function recordingHandlers(recordings: Recordings): Handler[] {
  return [...listHandlers(recordings), ...contentHandlers(recordings), ...keepingHandlers(recordings)];
}
