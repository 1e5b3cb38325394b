import { concatBytes, DecodeError } from "@poterne/bytes";
import type { VideoPictures } from "./codecs/avc/video-draws.ts";
import { InflateContexts } from "./codecs/codec.ts";
import { FIRST_CODECS } from "./codecs/first-codecs.ts";
import { findTightJpeg, resetTightStreams } from "./codecs/tight.ts";
import { type CacheCommand, type DrawCommand, decodeCommands, type PictureCommand } from "./commands.ts";
import { type CursorShape, decodeCursor } from "./cursor.ts";
import { DamageList, type SurfaceDamage } from "./damage.ts";
import { ALL_CONTEXTS, Codec, CodecStateAction, MAX_DRAW_EXTRA_BYTES, type Rectangle } from "./language.ts";
import { type FurtherSource, LateCodecs } from "./late-codecs.ts";
import { PictureCache } from "./picture-cache.ts";
import type { Surface } from "./surface.ts";
import { SurfaceMaps } from "./surface-maps.ts";
import { SurfaceSet } from "./surface-set.ts";

/** Payload bytes that may wait behind an image that is still being decoded. */
export const MAX_WAITING_BYTES = 64 * 1024 * 1024;

/** A decoded image: RGBA bytes, straight alpha, rows without padding. */
export interface DecodedImage {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array | Uint8ClampedArray;
}

/** What the decoder's host brings and is told. */
export interface PictureHost {
  /** Decodes a JPEG file; several run at the same time, the decoder keeps the order. `bytes` stays valid. */
  decodeImage(bytes: Uint8Array, mimeType: "image/jpeg"): Promise<DecodedImage>;
  /** The codecs beyond those of RFB, or how to fetch them when the first is needed; absent: they are refused. */
  readonly further?: FurtherSource;
  /** The picture on a surface is whole: blit these rectangles (never overlapping the outside; `isResized` = all is new). */
  presented(damage: readonly SurfaceDamage[]): void;
  /** The pointer's shape, null = hidden, "default" = the system's arrow. */
  cursor(shape: CursorShape | null | "default"): void;
  /** The target moved the pointer. */
  pointerMoved(x: number, y: number): void;
  /** A command that came in could not be drawn; the decoder has stopped until `clear`. */
  failed(error: DecodeError): void;
}

/** A command that waits, with the image it needs if it is one. */
interface Waiting {
  readonly command: PictureCommand;
  readonly sizeBytes: number;
  image: DecodedImage | VideoPictures | "pending" | "none";
}

/**
 * Turns the payloads of `picture` and `pointer` frames into surfaces. Everything is done at once and in order, except
 * that what follows a JPEG or H.264 waits until that is decoded. Errors go to `failed`, then nothing more is drawn until `clear`.
 */
export class PictureDecoder {
  readonly #host: PictureHost;
  readonly surfaces = new SurfaceSet();
  readonly #contexts = new InflateContexts();
  readonly #late: LateCodecs;
  readonly #cache = new PictureCache();
  readonly #maps = new SurfaceMaps();
  readonly #damage = new DamageList();
  #pieces: { readonly draw: DrawCommand; readonly parts: Uint8Array[]; sizeBytes: number } | null = null;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #hasFailed = false;
  /** Grows with each `clear`, so that images of an earlier life are dropped. */
  #life = 0;
  #idleWaiters: (() => void)[] = [];

  constructor(host: PictureHost) {
    this.#host = host;
    this.#late = new LateCodecs(host.further);
  }

  /** The surface with this number, 0 is the screen. */
  surface(id = 0): Surface | undefined {
    return this.surfaces.get(id);
  }

  /** Payload bytes that wait for an image. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Whether an error stopped it. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Empty state, as before the first frame: before an entry point. */
  clear(): void {
    this.#life++;
    this.surfaces.clear();
    this.#contexts.resetAll();
    this.#late.drop();
    this.#late.codecs?.clear();
    this.#cache.clear();
    this.#maps.clear();
    this.#damage.clear();
    this.#pieces = null;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#hasFailed = false;
    this.#wakeIdle();
  }

  /** Takes the payload of one picture or pointer frame, in order. The bytes must not change until they are drawn. */
  push(payload: Uint8Array): void {
    if (this.#hasFailed) return;
    this.#guard(() => {
      for (const command of decodeCommands(payload)) {
        const whole = this.#joinPieces(command);
        if (whole !== null) this.#take(whole);
      }
    });
  }

  /** Resolves when everything pushed so far is drawn, or has failed. */
  idle(): Promise<void> {
    if (this.#waiting.length === 0 && !this.#late.isHolding) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
    });
  }

  #wakeIdle(): void {
    for (const wake of this.#idleWaiters.splice(0)) wake();
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#fail(error);
    }
  }

  #fail(error: DecodeError): void {
    this.#hasFailed = true;
    this.#late.drop();
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#pieces = null;
    this.#host.failed(error);
    this.#wakeIdle();
  }

  /** Puts the pieces of a draw together; null while some are missing. */
  #joinPieces(command: PictureCommand): PictureCommand | null {
    if (command.op === "more") return this.#addPiece(command.payload, command.hasMore);
    if (this.#pieces !== null && !command.op.startsWith("cursor"))
      throw new DecodeError("invalid", "draw", 0, "another command before its last piece");
    if (command.op !== "draw" || !command.hasMore) return command;
    this.#pieces = { draw: command, parts: [], sizeBytes: 0 };
    return this.#addPiece(command.payload, true);
  }

  #addPiece(payload: Uint8Array, hasMore: boolean): PictureCommand | null {
    const pieces = this.#pieces;
    if (pieces === null) throw new DecodeError("invalid", "more", 0, "no draw before it");
    const { width, height } = pieces.draw.rectangle;
    pieces.sizeBytes += payload.length;
    if (pieces.sizeBytes > width * height * 4 + MAX_DRAW_EXTRA_BYTES)
      throw new DecodeError("limit", "draw", 0, `${pieces.sizeBytes} bytes`);
    pieces.parts.push(payload);
    if (hasMore) return null;
    this.#pieces = null;
    return { ...pieces.draw, hasMore: false, payload: concatBytes(pieces.parts) };
  }

  #take(command: PictureCommand): void {
    const isHeld = this.#late.hold(
      command,
      (held) => this.#released(held),
      (error) => this.#fail(error),
    );
    if (isHeld) this.#countWaiting(sizeOf(command));
    else this.#takeNow(command);
  }

  #released(held: readonly PictureCommand[]): void {
    for (const command of held) this.#waitingBytes -= sizeOf(command);
    this.#guard(() => {
      for (const command of held) this.#takeNow(command);
    });
    if (this.#waiting.length === 0) this.#wakeIdle();
  }

  #countWaiting(sizeBytes: number): void {
    this.#waitingBytes += sizeBytes;
    if (this.#waitingBytes > MAX_WAITING_BYTES)
      throw new DecodeError("limit", "draw", 0, "too much waits for an image");
  }

  #takeNow(command: PictureCommand): void {
    const image = this.#startImage(command);
    if (image === null && this.#waiting.length === 0) {
      this.#execute(command);
      return;
    }
    const sizeBytes = sizeOf(command);
    this.#countWaiting(sizeBytes);
    const waiting: Waiting = { command, sizeBytes, image: image === null ? "none" : "pending" };
    this.#waiting.push(waiting);
    if (image !== null) this.#awaitImage(waiting, image);
  }

  /** Begins what the host decodes; null for a command that needs nothing of the kind. */
  #startImage(command: PictureCommand): Promise<DecodedImage | VideoPictures> | null {
    const { codecs } = this.#late;
    const video = command.op === "draw" ? codecs?.startVideo(command) : null;
    if (video !== null && video !== undefined) return video;
    const jpeg = command.op === "draw" ? findJpeg(command) : null;
    if (jpeg !== null)
      return this.#host.decodeImage(jpeg, "image/jpeg").catch(() => {
        throw new DecodeError("invalid", "JPEG", 0, "the image decoder refused it");
      });
    // A surface's stream ends here for the draws that follow, though those before may still wait.
    if (command.op === "forget") codecs?.endVideo(command.surface);
    else if (command.op === "codecState" && command.action === CodecStateAction.reset) codecs?.endVideo();
    return null;
  }

  #awaitImage(waiting: Waiting, image: Promise<DecodedImage | VideoPictures>): void {
    const life = this.#life;
    image.then(
      (decoded) => {
        if (life !== this.#life || this.#hasFailed) return;
        waiting.image = decoded;
        this.#guard(() => this.#drain());
      },
      (error: unknown) => {
        if (life !== this.#life || this.#hasFailed) return;
        if (!(error instanceof DecodeError)) throw error;
        this.#fail(error);
      },
    );
  }

  #drain(): void {
    let done = 0;
    for (const waiting of this.#waiting) {
      if (waiting.image === "pending") break;
      done++;
      this.#waitingBytes -= waiting.sizeBytes;
      if (waiting.image === "none") this.#execute(waiting.command);
      else if (waiting.command.op !== "draw") continue;
      else if ("frames" in waiting.image) this.#drawVideo(waiting.command, waiting.image);
      else this.#drawImage(waiting.command, waiting.image);
    }
    this.#waiting.splice(0, done);
    if (this.#waiting.length === 0) this.#wakeIdle();
  }

  #execute(command: PictureCommand): void {
    switch (command.op) {
      case "draw":
        this.#draw(command);
        break;
      case "copy": {
        const { from, rectangle, to, toX, toY } = command;
        this.surfaces.copy(from, rectangle, { surface: to, x: toX, y: toY });
        this.#damage.add(to, { x: toX, y: toY, width: rectangle.width, height: rectangle.height });
        break;
      }
      case "fill":
        this.#fill(command.surface, command.pixel, [command.rectangle]);
        break;
      case "solidList":
        this.#fill(command.surface, command.pixel, command.rectangles);
        break;
      case "surface":
        if (this.surfaces.create(command.surface, command.width, command.height)) {
          this.#forgetSurface(command.surface);
          this.#damage.resized(command.surface);
        }
        break;
      case "forget":
        this.#forgetSurface(command.surface);
        this.surfaces.forget(command.surface);
        this.#maps.remove(command.surface);
        this.#damage.forget(command.surface);
        break;
      case "dictionary":
        this.#contexts.get(command.context).setDictionary(command.window, command.bitCount, command.bits);
        break;
      case "reset":
        if (command.context === ALL_CONTEXTS) this.#contexts.resetAll();
        else this.#contexts.reset(command.context);
        break;
      case "present":
        this.#present();
        break;
      case "map":
        this.#map(command.surface, command.place);
        break;
      case "cacheStore":
      case "cacheDraw":
      case "cacheForget":
        this.#useCache(command);
        break;
      case "codecState":
        this.#changeCodecState(command);
        break;
      default:
        this.#executePointer(command);
    }
  }

  #fill(surfaceId: number, pixel: number, rectangles: readonly Rectangle[]): void {
    this.surfaces.fill(surfaceId, pixel, rectangles);
    for (const rectangle of rectangles) this.#damage.add(surfaceId, rectangle);
  }

  #map(surfaceId: number, place: Rectangle): void {
    if (place.width === 0 || place.height === 0) return this.#maps.remove(surfaceId);
    this.surfaces.need(surfaceId);
    this.#maps.set(surfaceId, place);
  }

  #useCache(command: CacheCommand): void {
    if (command.op === "cacheForget") return this.#cache.forget(command.slot);
    const surface = this.surfaces.need(command.surface);
    if (command.op === "cacheStore") {
      surface.check(command.rectangle);
      return this.#cache.store(command.slot, surface, command.rectangle);
    }
    for (const place of this.#cache.draw(command.slot, surface, command.places))
      this.#damage.add(command.surface, place);
  }

  /** What codecs keep of a surface goes with it, or with its size. */
  #forgetSurface(number: number): void {
    this.#late.codecs?.forgetSurface(this.surfaces.get(number));
  }

  #changeCodecState({ action, surface, data }: Extract<PictureCommand, { op: "codecState" }>): void {
    const { codecs } = this.#late;
    if (codecs === null) throw new DecodeError("unsupported", "codec state", 0, `action ${action}`);
    codecs.changeState(action, data, this.surfaces.get(surface));
  }

  #executePointer(command: PictureCommand): void {
    if (command.op === "cursor")
      this.#host.cursor(command.width * command.height === 0 ? null : decodeCursor(command));
    else if (command.op === "cursorPosition") this.#host.pointerMoved(command.x, command.y);
    else if (command.op === "cursorHide") this.#host.cursor(null);
    else if (command.op === "cursorDefault") this.#host.cursor("default");
  }

  #draw(command: DrawCommand): void {
    const surface = this.surfaces.need(command.surface);
    surface.check(command.rectangle);
    const decode = FIRST_CODECS[command.codec];
    if (decode !== undefined) {
      decode(command.payload, surface, command.rectangle, this.#contexts);
      return this.#damage.add(command.surface, command.rectangle);
    }
    const parts = this.#late.codecs?.draw(command, surface, this.#contexts) ?? null;
    if (parts === null) throw new DecodeError("unsupported", "draw", 0, `codec ${command.codec}`);
    for (const part of parts) this.#damage.add(command.surface, part);
  }

  #drawImage(command: DrawCommand, image: DecodedImage): void {
    const { rectangle } = command;
    const surface = this.surfaces.need(command.surface);
    surface.check(rectangle);
    if (command.codec === Codec.tight) resetTightStreams(command.payload[0] ?? 0, this.#contexts);
    if (image.width !== rectangle.width || image.height !== rectangle.height)
      throw new DecodeError("invalid", "JPEG", 0, "not of the rectangle's size");
    surface.put(rectangle, image.rgba);
    this.#damage.add(command.surface, rectangle);
  }

  #drawVideo(command: DrawCommand, pictures: VideoPictures): void {
    const surface = this.surfaces.need(command.surface);
    surface.check(command.rectangle);
    for (const part of this.#late.codecs?.drawVideo(command, pictures, surface) ?? [])
      this.#damage.add(command.surface, part);
  }

  #present(): void {
    this.#maps.compose(this.surfaces, this.#damage);
    const damage = this.#damage.take(this.surfaces);
    if (damage.length > 0) this.#host.presented(damage);
  }
}

function findJpeg(command: DrawCommand): Uint8Array | null {
  if (command.codec === Codec.jpeg) return command.payload;
  return command.codec === Codec.tight ? findTightJpeg(command.payload) : null;
}

/** What a waiting command takes, in bytes. */
function sizeOf(command: PictureCommand): number {
  return 64 + (command.op === "draw" ? command.payload.length : 0);
}
