// The package's door for what reads recordings, `@poterne/picture/covered`: it knows headers of codecs that a viewer
// fetches late.
import { ByteWriter, concatBytes, DecodeError } from "@poterne/bytes";
import { type DrawCommand, type LocatedCommand, locateCommands } from "./commands.ts";
import { ForwardReader, type Read } from "./covered/forward-reader.ts";
import { Needs } from "./covered/needs.ts";
import type { DrawRest, Rest } from "./covered/rest.ts";
import { PictureOp, WHOLE_PICTURE } from "./language.ts";

export { leaveOutPointers } from "./covered/last-pointer.ts";

/** Commands, and bytes of them, looked at between two pauses. */
const COMMANDS_PER_STEP = 500;
const BYTES_PER_STEP = 256 * 1024;

/** Says when others are to go on. */
class Pace {
  #commands = 0;
  #bytes = 0;

  isDue(sizeBytes: number): boolean {
    this.#commands++;
    this.#bytes += sizeBytes;
    if (this.#commands < COMMANDS_PER_STEP && this.#bytes < BYTES_PER_STEP) return false;
    this.#commands = 0;
    this.#bytes = 0;
    return true;
  }
}

interface Step extends LocatedCommand {
  /** Which payload it is in. */
  readonly place: number;
}

/** A command as decoders take it: a draw in pieces is one. */
interface Whole {
  /** Its pieces, in order. */
  readonly steps: readonly Step[];
  readonly command: LocatedCommand["command"];
}

/** Bytes of a payload, and what stands for them. */
interface Cut {
  readonly start: number;
  readonly end: number;
  readonly rest: Uint8Array | null;
}

/** By payload. */
type Cuts = Map<number, Cut[]>;

/**
 * Payloads of picture frames, in order and from an empty state on, without what the picture at their last `present` does
 * not need: draws, tiles, copies and fills that are drawn over, also after having been copied, or are on surfaces that go,
 * and presents that show nothing that is still seen. Nothing is left out that later draws build on: zlib's history, tiles
 * and H.264 since they last came whole, caches. Headers are read, pixels are not. Before what is not understood nothing is
 * left out.
 * The generator pauses now and then so that its caller can let others go on; it returns the payloads, those that stay
 * whole themselves.
 */
export function* leaveOutCovered(
  payloads: readonly Uint8Array[],
): Generator<void, readonly Uint8Array[], void> {
  try {
    const wholes = joinPieces(yield* readSteps(payloads));
    const cuts: Cuts = new Map();
    yield* cutCovered(wholes, cuts);
    return payloads.map((payload, place) => withoutCuts(payload, cuts.get(place)));
  } catch (error) {
    if (error instanceof DecodeError) return payloads;
    throw error;
  }
}

function* readSteps(payloads: readonly Uint8Array[]): Generator<void, Step[], void> {
  const steps: Step[] = [];
  const pace = new Pace();
  for (const [place, payload] of payloads.entries())
    for (const located of locateCommands(payload)) {
      steps.push({ ...located, place });
      if (pace.isDue(0)) yield;
    }
  return steps;
}

/** Commands up to the last `present`: what is drawn behind it is not shown yet, and stays. */
function joinPieces(steps: readonly Step[]): Whole[] {
  const wholes: Whole[] = [];
  const end = steps.findLastIndex(({ command }) => command.op === "present") + 1;
  let pieces: Step[] = [];
  for (const step of steps.slice(0, end)) {
    const { command } = step;
    if (command.op === "draw" && command.hasMore) {
      pieces = [step];
      continue;
    }
    const [first] = pieces;
    if (command.op !== "more" || first?.command.op !== "draw") {
      wholes.push({ steps: [step], command });
      continue;
    }
    pieces.push(step);
    if (command.hasMore) continue;
    wholes.push({ steps: pieces, command: joinDraw(first.command, pieces) });
    pieces = [];
  }
  return wholes;
}

function joinDraw(draw: DrawCommand, pieces: readonly Step[]): DrawCommand {
  const parts: Uint8Array[] = [];
  for (const { command } of pieces) if ("payload" in command) parts.push(command.payload);
  return { ...draw, hasMore: false, payload: concatBytes(parts) };
}

function* cutCovered(wholes: readonly Whole[], cuts: Cuts): Generator<void, void, void> {
  const forward = new ForwardReader();
  const reads: Read[] = [];
  const pace = new Pace();
  let barrier = -1;
  for (const [index, { command, steps }] of wholes.entries()) {
    const read = forward.read(command);
    if (read === "barrier") barrier = index;
    reads.push(read);
    if (pace.isDue(sizeOf(steps))) yield;
  }
  const needs = new Needs();
  for (let index = wholes.length - 1; index > barrier; index--) {
    const [whole, read] = [wholes[index] as Whole, reads[index] as Read];
    if (pace.isDue(sizeOf(whole.steps))) yield;
    if (read === "barrier") continue;
    const rest = read(needs);
    // The last one is what shows the picture.
    if (index < wholes.length - 1) cut(cuts, whole, rest);
  }
}

function sizeOf(steps: readonly Step[]): number {
  return steps.reduce((sum, { start, end }) => sum + end - start, 0);
}

function cut(cuts: Cuts, { steps, command }: Whole, rest: Rest): void {
  if (rest === "all") return;
  for (const [index, { place, start, end }] of steps.entries()) {
    const isDraw = index === 0 && rest !== "none" && command.op === "draw";
    const one = { start, end, rest: isDraw ? writeDraw(command, rest) : null };
    const known = cuts.get(place);
    if (known === undefined) cuts.set(place, [one]);
    else known.push(one);
  }
}

function writeDraw({ surface, rectangle, codec }: DrawCommand, rest: DrawRest): Uint8Array {
  const { x, y, width, height } = rectangle;
  const writer = new ByteWriter(32 + rest.payload.length).u8(PictureOp.draw).u16le(surface);
  writer.u16le(x).u16le(y).u16le(width).u16le(height);
  writer.u8(codec).u8(rest.isWholePicture ? WHOLE_PICTURE : 0);
  return writer.u32le(rest.payload.length).put(rest.payload).finish();
}

function withoutCuts(payload: Uint8Array, cuts: Cut[] | undefined): Uint8Array {
  if (cuts === undefined) return payload;
  const kept: Uint8Array[] = [];
  let from = 0;
  for (const { start, end, rest } of cuts.sort((one, other) => one.start - other.start)) {
    if (start > from) kept.push(payload.subarray(from, start));
    if (rest !== null) kept.push(rest);
    from = end;
  }
  if (from < payload.length) kept.push(payload.subarray(from));
  return concatBytes(kept);
}
