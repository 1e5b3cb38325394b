import type { RequestContext } from "../http/context.ts";
import { journalRecording, type RecordingActor, type RecordingParts } from "./recording-parts.ts";
import type { RecordingRow } from "./recording-tables.ts";

/** A player asks many times: its openings of one recording are one entry within this time. */
export const OPENING_WINDOW_MS = 10 * 60_000;

/** Openings remembered; the oldest are forgotten, which only makes another entry. */
const MAX_REMEMBERED = 2_000;

/** Who asks, for the journal. */
export function actorOf(context: RequestContext): RecordingActor {
  const { personId, name } = context.person();
  return { personId, name, sourceAddress: context.sourceAddress };
}

/** Journals that somebody looks into a recording, before anything of it is given out. */
export class OpeningJournal {
  readonly #parts: RecordingParts;
  readonly #openedAtMs = new Map<string, number>();

  constructor(parts: RecordingParts) {
    this.#parts = parts;
  }

  /** Journals playing: once per person and recording within ten minutes. Rejects with `journal-unavailable`. */
  async playing(row: RecordingRow, context: RequestContext): Promise<void> {
    const name = `${context.person().personId} ${row.id}`;
    const now = this.#parts.environment.monotonicMs();
    const openedAtMs = this.#openedAtMs.get(name);
    if (openedAtMs !== undefined && now - openedAtMs < OPENING_WINDOW_MS) return;
    await this.taking(row, context, "play");
    this.#openedAtMs.delete(name);
    this.#openedAtMs.set(name, now);
    for (const oldest of this.#openedAtMs.keys()) {
      if (this.#openedAtMs.size <= MAX_REMEMBERED) break;
      this.#openedAtMs.delete(oldest);
    }
  }

  /** Journals one use of the contents, each time. */
  async taking(
    row: RecordingRow,
    context: RequestContext,
    use: "play" | "export" | "download",
  ): Promise<void> {
    await journalRecording(this.#parts.journal, row, {
      kind: "recording.opened",
      level: "notice",
      actor: actorOf(context),
      details: { use },
    });
  }
}
