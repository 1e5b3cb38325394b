/** What the player must know of a recording before its first frame. Times are milliseconds since its start. */
export interface PlayerIndex {
  readonly kind: "desktop" | "terminal";
  readonly durationMs: number;
  /** The session still runs: the index grows. */
  readonly isRunning: boolean;
  readonly entryPointsMs: readonly number[];
  /** Bytes of change in each bucket; 0 is idle. */
  readonly activity: { readonly bucketMs: number; readonly bytes: readonly number[] };
}

/** Some frames of a recording. */
export interface FrameReply {
  /** Whole frames back to back. */
  readonly bytes: Uint8Array;
  /** From where to go on with `isAfter`, null when nothing more is there up to `toMs`, which is inclusive. */
  readonly nextMs: number | null;
}

/** What part of a recording to load. */
export interface FrameRequest {
  readonly fromMs: number;
  readonly toMs: number;
  /** Go on behind an earlier reply; otherwise the reply begins at the entry point at or before `fromMs`. */
  readonly isAfter: boolean;
  /** Only the picture at `toMs` will be shown: what is drawn over until there may be left out. */
  readonly isEndOnly: boolean;
  readonly signal: AbortSignal;
}

/** Where a player gets a recording from. */
export interface RecordingSource {
  index(): Promise<PlayerIndex>;
  frames(request: FrameRequest): Promise<FrameReply>;
}

/** Fetches a recording's frames from the gateway; `toFailure` turns a refusal into the page's own error. */
export async function fetchFrames(
  sessionId: string,
  request: FrameRequest,
  toFailure: (response: Response) => Promise<Error>,
): Promise<FrameReply> {
  const query = new URLSearchParams({
    fromMs: String(Math.floor(request.fromMs)),
    toMs: String(Math.ceil(request.toMs)),
    after: String(request.isAfter),
    endOnly: String(request.isEndOnly),
  });
  const path = `/api/v1/recordings/${encodeURIComponent(sessionId)}/frames?${query}`;
  const response = await fetch(path, { credentials: "same-origin", signal: request.signal });
  if (!response.ok) throw await toFailure(response);
  const next = response.headers.get("x-poterne-next-ms");
  return { bytes: new Uint8Array(await response.arrayBuffer()), nextMs: next === null ? null : Number(next) };
}
