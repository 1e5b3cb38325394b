import type { KeeperClock } from "../keeper/clock.ts";
import {
  formatLine,
  formatSignedLine,
  JOURNAL_FORMAT,
  type LineSigner,
  type LineStamp,
  NO_HASH,
} from "./journal-line.ts";

/** Where the chain stands: its last line, and what the current segment's trailer will say. */
export interface ChainState {
  readonly epoch: number;
  readonly sequence: number;
  readonly hash: string;
  readonly segmentFirstSequence: number;
  readonly segmentPrevious: string;
  readonly segmentEntryCount: number;
  readonly segmentFirstAt: string;
}

/** Why a segment begins. */
export type SegmentReason = "first" | "day" | "size" | "restored" | "altered" | "shortened";

/** Lines to be written together, linked to the chain; the chain itself moves on only when they are on disk. */
export class ChainDraft {
  readonly #node: string;
  readonly #clock: KeeperClock;
  readonly #signer: LineSigner;
  #state: ChainState;
  #lines: string[] = [];
  #sizeBytes = 0;

  constructor(by: { node: string; clock: KeeperClock; signer: LineSigner }, state: ChainState) {
    this.#node = by.node;
    this.#clock = by.clock;
    this.#signer = by.signer;
    this.#state = state;
  }

  /** Where the chain will stand. */
  get state(): ChainState {
    return this.#state;
  }

  /** The lines, each ended by a line feed. */
  get bytes(): Uint8Array {
    return Buffer.from(this.text, "utf8");
  }

  /** The same as text. */
  get text(): string {
    return this.#lines.map((line) => `${line}\n`).join("");
  }

  /** About how much it is: characters, not bytes. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Adds an entry, already JSON. */
  entry(json: string): { readonly sequence: number; readonly hash: string } {
    const written = this.#add(
      formatLine(this.#stamp(), [
        ["type", '"entry"'],
        ["entry", json],
      ]),
    );
    this.#state = { ...this.#state, segmentEntryCount: this.#state.segmentEntryCount + 1 };
    return written;
  }

  /** Adds a signature over everything so far. */
  checkpoint(): { readonly sequence: number; readonly hash: string } {
    return this.#add(
      formatSignedLine(this.#stamp(), [["type", '"checkpoint"'], ...this.#place()], this.#signer),
    );
  }

  /** Ends the segment. */
  trailer(): void {
    const { segmentFirstSequence, segmentPrevious, segmentEntryCount, segmentFirstAt } = this.#state;
    const parts = [
      ["type", '"trailer"'],
      ...this.#place(),
      ["firstSequence", String(segmentFirstSequence)],
      ["segmentPrevious", JSON.stringify(segmentPrevious)],
      ["entryCount", String(segmentEntryCount)],
      ["firstAt", JSON.stringify(segmentFirstAt)],
    ] as const;
    this.#add(formatSignedLine(this.#stamp(), parts, this.#signer));
  }

  /** Begins a segment; `epochBefore` only with a new epoch after the first, which starts counting at 1 again. */
  segment(
    reason: SegmentReason,
    epochBefore: { epoch: number; sequence: number; hash: string } | null,
  ): void {
    const at = this.#stamp();
    this.#add(
      formatLine(at, [
        ["type", '"segment"'],
        ["format", JSON.stringify(JOURNAL_FORMAT)],
        ...this.#place(),
        ["reason", JSON.stringify(reason)],
        ["epochBefore", JSON.stringify(epochBefore)],
      ]),
    );
    this.#state = {
      ...this.#state,
      segmentFirstSequence: at.sequence,
      segmentPrevious: at.previous,
      segmentEntryCount: 0,
      segmentFirstAt: at.at,
    };
  }

  #place(): readonly (readonly [string, string])[] {
    return [
      ["node", JSON.stringify(this.#node)],
      ["epoch", String(this.#state.epoch)],
    ];
  }

  #stamp(): LineStamp {
    return {
      sequence: this.#state.sequence + 1,
      at: new Date(this.#clock.now()).toISOString(),
      monotonicMs: Math.floor(this.#clock.monotonicMs()),
      boot: this.#clock.bootId,
      previous: this.#state.hash,
    };
  }

  #add(line: { readonly text: string; readonly hash: string }): { sequence: number; hash: string } {
    const sequence = this.#state.sequence + 1;
    this.#lines.push(line.text);
    this.#sizeBytes += line.text.length + 1;
    this.#state = { ...this.#state, sequence, hash: line.hash };
    return { sequence, hash: line.hash };
  }
}

/** The state before the first line of an epoch. */
export function newEpochState(epoch: number): ChainState {
  return {
    epoch,
    sequence: 0,
    hash: NO_HASH,
    segmentFirstSequence: 1,
    segmentPrevious: NO_HASH,
    segmentEntryCount: 0,
    segmentFirstAt: "",
  };
}
