import { TightType } from "../codecs/tight.ts";
import type { CacheCommand, CopyCommand, DrawCommand, MapCommand, PictureCommand } from "../commands.ts";
import { Codec, CodecStateAction, type Rectangle } from "../language.ts";
import { AvcRests } from "./avc-rest.ts";
import { drawAll, type KnownSurface, type Needs, type Size } from "./needs.ts";
import { ProgressiveRests } from "./progressive-rest.ts";
import { readRemoteFxRest } from "./remotefx-rest.ts";
import type { LeaveOut, Rest } from "./rest.ts";
import { ShownSurfaces } from "./shown-surfaces.ts";

const SCREEN = 0;
/** Low bits of Tight's control byte: zlib streams to be reset. */
const TIGHT_RESETS = 15;

/** Codecs that draw all of their rectangle and keep nothing of it: left out where it is drawn over. */
const STAND_ALONE: ReadonlySet<number> = new Set([
  Codec.raw,
  Codec.rre,
  Codec.hextile,
  Codec.trle,
  Codec.jpeg,
  Codec.planar,
  Codec.rle8,
  Codec.rle15,
  Codec.rle16,
  Codec.rle24,
  Codec.raw8,
  Codec.raw15,
  Codec.raw16,
  Codec.raw24,
  Codec.raw32,
  Codec.nsCodec,
]);

/** Codecs that draw all of their rectangle, but later draws need what they leave behind. */
const STREAMS: ReadonlySet<number> = new Set([Codec.tight, Codec.zrle]);

/** Codecs that may leave pixels of their rectangle as they were, or keep them. */
const BUILDS_ON_PIXELS: ReadonlySet<number> = new Set([Codec.clearCodec, Codec.alpha]);

const AVC: ReadonlySet<number> = new Set([Codec.avc420, Codec.avc444, Codec.avc444v2]);

const KEEP: LeaveOut = () => "all";
const LEAVE_OUT: LeaveOut = () => "none";

/** `LeaveOut` of a command; "barrier" for one that nothing can be left out before. */
export type Read = LeaveOut | "barrier";

/**
 * Reads commands in order, as a decoder does but for the pixels, and says of each how to find out, on the way back, what
 * of it is needed. At a barrier (something is not understood, surfaces are shown one above the other) everything up to
 * there is kept as it came.
 */
export class ForwardReader {
  readonly #surfaces = new Map<number, KnownSurface>();
  readonly #shown = new ShownSurfaces();
  readonly #slots = new Map<number, Size>();
  readonly #progressive = new ProgressiveRests();
  readonly #avc = new AvcRests();

  /** Reads a whole command (pieces joined); throws `DecodeError`. */
  read(command: PictureCommand): Read {
    switch (command.op) {
      case "draw":
        return this.#draw(command);
      case "fill":
        return this.#fill(command.surface, [command.rectangle]);
      case "solidList":
        return this.#fill(command.surface, command.rectangles);
      case "copy":
        return this.#copy(command);
      case "present":
        return this.#present();
      case "surface":
        return this.#surface(command);
      case "forget":
        return this.#forget(command.surface);
      case "map":
        return this.#map(command);
      case "cacheStore":
      case "cacheDraw":
      case "cacheForget":
        return this.#cache(command);
      case "codecState":
        return this.#codecState(command.action, command.surface);
      case "more":
      case "extension":
        return "barrier";
      default:
        return KEEP;
    }
  }

  /** The surface that rectangles, none of them empty, are drawn on; null where that is not understood. */
  #on(number: number, rectangles: readonly Rectangle[]): KnownSurface | null {
    const surface = this.#surfaces.get(number);
    // What is drawn on the screen beside the surfaces shown there depends on when these are shown.
    if (surface === undefined || (number === SCREEN && !this.#shown.isEmpty)) return null;
    const isInside = rectangles.every(
      ({ x, y, width, height }) =>
        width > 0 && height > 0 && x + width <= surface.width && y + height <= surface.height,
    );
    return isInside ? surface : null;
  }

  #draw(command: DrawCommand): Read {
    const { rectangle, codec } = command;
    const surface = this.#on(command.surface, [rectangle]);
    if (surface === null) return "barrier";
    const draw = { command, surface };
    if (codec === Codec.progressive) return this.#progressive.read(draw);
    if (codec === Codec.remoteFx) return readRemoteFxRest(draw) ?? KEEP;
    if (AVC.has(codec)) return this.#avc.read(draw);
    if (STAND_ALONE.has(codec) || isTightJpeg(command)) return drawing(surface, [rectangle]);
    if (STREAMS.has(codec))
      return (needs) => {
        needs.of(surface).draw(rectangle);
        return "all";
      };
    if (!BUILDS_ON_PIXELS.has(codec)) return "barrier";
    return (needs) => {
      needs.of(surface).want(rectangle);
      return "all";
    };
  }

  #fill(number: number, rectangles: readonly Rectangle[]): Read {
    const surface = this.#on(number, rectangles);
    return surface === null ? "barrier" : drawing(surface, rectangles);
  }

  #copy({ from, rectangle, to, toX, toY }: CopyCommand): Read {
    const source = this.#on(from, [rectangle]);
    const target = this.#on(to, [{ ...rectangle, x: toX, y: toY }]);
    if (source === null || target === null) return "barrier";
    return (needs) => keepIf(needs.of(target).copy(needs.of(source), rectangle, toX, toY));
  }

  #present(): Read {
    const screen = this.#surfaces.get(SCREEN);
    return screen === undefined ? LEAVE_OUT : this.#shown.present(screen);
  }

  #surface(command: Extract<PictureCommand, { op: "surface" }>): Read {
    const { surface: number, width, height } = command;
    const before = this.#surfaces.get(number);
    if (before?.width === width && before.height === height) return KEEP;
    const after = { number, width, height };
    this.#surfaces.set(number, after);
    if (before === undefined) return KEEP;
    this.#shown.replace(before, after);
    this.#progressive.forget(number);
    this.#avc.forgetLuma(number);
    return (needs) => {
      needs.resized(before, after);
      return "all";
    };
  }

  #forget(number: number): Read {
    this.#progressive.forget(number);
    this.#avc.end(number);
    const surface = this.#surfaces.get(number);
    if (surface === undefined) return KEEP;
    this.#surfaces.delete(number);
    this.#shown.hide(surface);
    return (needs) => {
      needs.gone(surface);
      return "all";
    };
  }

  #map({ surface: number, place }: MapCommand): Read {
    const surface = this.#surfaces.get(number);
    if (surface === undefined) return "barrier";
    if (place.width > 0 && place.height > 0) return this.#shown.show(surface, place) ? KEEP : "barrier";
    this.#shown.hide(surface);
    return KEEP;
  }

  #cache(command: CacheCommand): Read {
    const { slot } = command;
    if (command.op === "cacheForget") {
      this.#slots.delete(slot);
      return (needs) => {
        needs.emptySlot(slot);
        return "all";
      };
    }
    if (command.op === "cacheStore") {
      const { rectangle } = command;
      const surface = this.#on(command.surface, [rectangle]);
      if (surface === null) return "barrier";
      this.#slots.set(slot, rectangle);
      return (needs) => keepIf(needs.fillSlot(slot, surface, rectangle));
    }
    const size = this.#slots.get(slot);
    if (size === undefined) return "barrier";
    const { width, height } = size;
    const places = command.places.map(({ x, y }) => ({ x, y, width, height }));
    const surface = this.#on(command.surface, places);
    if (surface === null) return "barrier";
    return (needs) => keepIf(needs.drawSlot(slot, surface, places));
  }

  #codecState(action: number, surface: number): Read {
    if (action === CodecStateAction.forgetProgressive) this.#progressive.forgetContext(surface);
    else if (action === CodecStateAction.reset) {
      this.#progressive.forgetAll();
      this.#avc.endAll();
    } else if (action !== CodecStateAction.palette) return "barrier";
    return KEEP;
  }
}

function drawing(surface: KnownSurface, rectangles: readonly Rectangle[]): LeaveOut {
  return (needs: Needs) => keepIf(drawAll(needs.of(surface), rectangles));
}

function keepIf(isNeeded: boolean): Rest {
  return isNeeded ? "all" : "none";
}

/** A JPEG that changes nothing but its rectangle. */
function isTightJpeg({ codec, payload }: DrawCommand): boolean {
  const control = payload[0] ?? 0;
  return codec === Codec.tight && control >> 4 === TightType.jpeg && (control & TIGHT_RESETS) === 0;
}
