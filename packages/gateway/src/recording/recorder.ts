import type { Frame } from "@poterne/wire";

/** The recorder of one session as the hub sees it. */
export interface Recorder {
  /**
   * Takes one frame, in order. The payload must not change afterwards. Never throws; a failure is told by `onFailure`.
   */
  write(frame: Frame): void;
  /** Bytes taken and not yet handed to the file: the hub slows the target by it. At most 1 s or 256 kB behind. */
  readonly queuedBytes: number;
  /** Bytes of change since the last entry point, and its time: the hub asks for one after 60 s or 8 MB of change. */
  readonly sinceEntryPoint: { readonly changedBytes: number; readonly timeMs: number };
  /** Writes what is left, a signed final checkpoint, closes. Resolves when it is durable. */
  finish(end: { readonly code: string }): Promise<void>;
}

/** Opens recordings; rejects with the Failure `no-place-to-record` when the disk is full, over its watermark or unwritable. */
export interface RecorderFactory {
  open(
    header: RecordingHeader,
    events: { onFailure(error: Error): void; onDrain(): void },
  ): Promise<Recorder>;
}

/** What a recording says about its session, in its own (encrypted) header frame; ids and times stand in clear. */
export interface RecordingHeader {
  readonly sessionId: string;
  readonly kind: "desktop" | "terminal";
  readonly protocol: string;
  readonly startedAtMs: number;
  readonly personId: string;
  readonly personName: string;
  readonly targetId: string;
  readonly targetName: string;
  readonly machineName: string;
  readonly siteId: string;
  readonly accountName: string;
  readonly grantId: string;
  readonly reason: string;
  readonly retentionDays: number;
}
