import type { SessionRecorder } from "./session-recorder.ts";

/** The recordings this process writes now, so that they can be played while their session runs. */
export class LiveRecordings {
  readonly #recorders = new Map<string, SessionRecorder>();

  add(sessionId: string, recorder: SessionRecorder): void {
    this.#recorders.set(sessionId, recorder);
  }

  remove(sessionId: string): void {
    this.#recorders.delete(sessionId);
  }

  find(sessionId: string): SessionRecorder | null {
    return this.#recorders.get(sessionId) ?? null;
  }

  get count(): number {
    return this.#recorders.size;
  }
}
