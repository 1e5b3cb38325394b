import { concatBytes, DecodeError } from "@poterne/bytes";
import { TightType } from "./codecs/tight.ts";
import {
  type CopyCommand,
  type DrawCommand,
  type LocatedCommand,
  locateCommands,
  type PictureCommand,
} from "./commands.ts";
import { Codec } from "./language.ts";
import { NeedMap } from "./need-map.ts";

/** Commands looked at between two pauses. */
const COMMANDS_PER_STEP = 500;

/** Commands that neither draw nor read what was drawn. Others (caches, maps, more surfaces) may need all of it. */
const LEAVES_PIXELS: ReadonlySet<PictureCommand["op"]> = new Set([
  "present",
  "dictionary",
  "reset",
  "cursor",
  "cursorPosition",
  "cursorHide",
  "cursorDefault",
]);

/** Low bits of Tight's control byte: zlib streams to be reset. */
const TIGHT_RESETS = 15;

type SurfaceCommand = Extract<PictureCommand, { readonly op: "surface" }>;

interface Step extends LocatedCommand {
  /** Which payload it is in. */
  readonly place: number;
}

interface Cut {
  readonly start: number;
  readonly end: number;
}

/** Bytes to leave out, by payload. */
type Cuts = Map<number, Cut[]>;

/**
 * Payloads of picture frames, in order, without what the picture at their end does not need: JPEG rectangles, fills
 * and copies that are drawn over, also after having been copied, and all presents but the last. Headers are read, pixels
 * are not. What runs through zlib stays, since later rectangles depend on it. Of what is not understood, nothing is left out. The generator
 * pauses now and then so that its caller can let others go on; it returns the payloads, those that stay whole themselves.
 */
export function* leaveOutCovered(
  payloads: readonly Uint8Array[],
): Generator<void, readonly Uint8Array[], void> {
  const steps: Step[] = [];
  try {
    for (const [place, payload] of payloads.entries())
      for (const located of locateCommands(payload)) {
        steps.push({ ...located, place });
        if (steps.length % COMMANDS_PER_STEP === 0) yield;
      }
  } catch (error) {
    if (error instanceof DecodeError) return payloads;
    throw error;
  }
  const cuts: Cuts = new Map();
  cutPresents(steps, cuts);
  yield* cutCovered(steps, cuts);
  return payloads.map((payload, place) => withoutCuts(payload, cuts.get(place)));
}

function cutPresents(steps: readonly Step[], cuts: Cuts): void {
  const last = steps.findLastIndex(({ command }) => command.op === "present");
  for (const [index, step] of steps.entries())
    if (step.command.op === "present" && index < last) cut(cuts, step);
}

function* cutCovered(steps: readonly Step[], cuts: Cuts): Generator<void, void, void> {
  const screen = steps.findLast(({ command }) => command.op === "surface")?.command;
  if (screen?.op !== "surface" || screen.surface !== 0) return;
  const backwards = new BackwardsReader(screen, cuts);
  for (let index = steps.length - 1; index >= 0; index--) {
    if (index % COMMANDS_PER_STEP === 0) yield;
    if (!backwards.read(steps[index] as Step)) return;
  }
}

/** Reads commands from the last to the first and cuts what nothing behind them needs. */
class BackwardsReader {
  readonly #screen: SurfaceCommand;
  readonly #cuts: Cuts;
  readonly #map: NeedMap;
  /** Of the draw that comes next, the last first. */
  #pieces: Step[] = [];

  constructor(screen: SurfaceCommand, cuts: Cuts) {
    this.#screen = screen;
    this.#cuts = cuts;
    this.#map = new NeedMap(screen.width, screen.height);
  }

  /** False where it knows no more what is needed. */
  read(step: Step): boolean {
    const { command } = step;
    switch (command.op) {
      case "more":
        this.#pieces.push(step);
        return true;
      case "draw":
        return this.#draw(step, command);
      case "fill":
        if (command.surface !== 0 || !this.#map.holds(command.rectangle)) return false;
        if (!this.#map.draw(command.rectangle)) cut(this.#cuts, step);
        return true;
      case "copy":
        return this.#copy(step, command);
      case "surface": {
        const { width, height } = this.#screen;
        return command.surface === 0 && command.width === width && command.height === height;
      }
      default:
        return LEAVES_PIXELS.has(command.op);
    }
  }

  #draw(step: Step, command: DrawCommand): boolean {
    if (command.surface !== 0 || !this.#map.holds(command.rectangle)) return false;
    const pieces = this.#pieces;
    this.#pieces = [];
    // One whose last piece is behind the end draws nothing.
    if (command.hasMore && !isLastPiece(pieces[0])) return true;
    if (!this.#map.draw(command.rectangle) && isPlainJpeg(command))
      for (const part of [step, ...pieces]) cut(this.#cuts, part);
    return true;
  }

  #copy(step: Step, command: CopyCommand): boolean {
    const to = { ...command.rectangle, x: command.toX, y: command.toY };
    if (command.from !== 0 || command.to !== 0) return false;
    if (!this.#map.holds(command.rectangle) || !this.#map.holds(to)) return false;
    if (!this.#map.copy(command)) cut(this.#cuts, step);
    return true;
  }
}

function isLastPiece(step: Step | undefined): boolean {
  return step?.command.op === "more" && !step.command.hasMore;
}

/** A JPEG that changes nothing but its rectangle. */
function isPlainJpeg({ codec, payload }: DrawCommand): boolean {
  const control = payload[0] ?? 0;
  const isTightJpeg = control >> 4 === TightType.jpeg && (control & TIGHT_RESETS) === 0;
  return codec === Codec.jpeg || (codec === Codec.tight && isTightJpeg);
}

function cut(cuts: Cuts, { place, start, end }: Step): void {
  const known = cuts.get(place);
  if (known === undefined) cuts.set(place, [{ start, end }]);
  else known.push({ start, end });
}

function withoutCuts(payload: Uint8Array, cuts: Cut[] | undefined): Uint8Array {
  if (cuts === undefined) return payload;
  const kept: Uint8Array[] = [];
  let from = 0;
  for (const { start, end } of cuts.sort((one, other) => one.start - other.start)) {
    if (start > from) kept.push(payload.subarray(from, start));
    from = end;
  }
  if (from < payload.length) kept.push(payload.subarray(from));
  return concatBytes(kept);
}
