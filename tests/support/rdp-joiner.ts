import assert from "node:assert/strict";
import {
  Codec,
  CodecStateAction,
  Coverage,
  type DrawCommand,
  type PictureCommand,
} from "../../packages/picture/src/index.ts";
import {
  avc420Header,
  avc444Header,
  progressiveRegions,
  remoteFxRegions,
} from "../../packages/rdp/src/graphics/codec-headers.ts";
import type { PeerFrame } from "./rdp-peer.ts";

interface JoinedSurface {
  readonly width: number;
  readonly height: number;
  isMapped: boolean;
  readonly coverage: Coverage;
  isKeyed: boolean;
}

/**
 * A viewer that starts at an entry point with empty state and decodes no pixels: it fails on every surface, cache slot
 * or codec context that began before, and knows what of the screen was drawn.
 */
class Joiner {
  readonly #surfaces = new Map<number, JoinedSurface>();
  readonly #slots = new Set<number>();
  /** Progressive tiles, `surface:context:place`, that came whole since the entry point. */
  readonly #tiles = new Set<string>();

  apply(command: PictureCommand): void {
    if (command.op === "surface") this.#create(command.surface, command.width, command.height);
    else if (command.op === "forget") {
      this.#surfaces.delete(command.surface);
      this.#forgetTiles(`${command.surface}:`);
    } else if (command.op === "map") this.#need(command.surface).isMapped = command.place.width > 0;
    else if (command.op === "draw") this.#draw(command);
    else if (command.op === "solidList")
      for (const rectangle of command.rectangles) this.#need(command.surface).coverage.add(rectangle);
    else if (command.op === "copy") {
      assert.ok(this.#need(command.from).coverage.isDrawn(command.rectangle), "a copy of what is not drawn");
      this.#need(command.to).coverage.add({ ...command.rectangle, x: command.toX, y: command.toY });
    } else if (command.op === "cacheStore") {
      if (this.#need(command.surface).coverage.isDrawn(command.rectangle)) this.#slots.add(command.slot);
    } else if (command.op === "cacheDraw")
      assert.ok(this.#slots.has(command.slot), `slot ${command.slot} is older than the entry point`);
    else if (command.op === "codecState" && command.action === CodecStateAction.forgetProgressive)
      this.#forgetTiles(`${command.surface}:${command.id}:`);
  }

  #need(number: number): JoinedSurface {
    const surface = this.#surfaces.get(number);
    assert.ok(surface !== undefined, `surface ${number} is older than the entry point`);
    return surface;
  }

  #create(number: number, width: number, height: number): void {
    const known = this.#surfaces.get(number);
    if (known?.width === width && known.height === height) return;
    const coverage = new Coverage();
    coverage.begin(width, height);
    this.#surfaces.set(number, { width, height, isMapped: false, coverage, isKeyed: false });
  }

  #draw(draw: DrawCommand): void {
    const surface = this.#need(draw.surface);
    const { rectangle, codec, payload } = draw;
    if (codec === Codec.avc420 || codec === Codec.avc444 || codec === Codec.avc444v2) {
      const header = codec === Codec.avc420 ? avc420Header(payload) : avc444Header(payload);
      assert.ok(surface.isKeyed || header.key !== "none", "H.264 without its key picture");
      if (draw.isWholePicture && (surface.isKeyed || header.key === "first")) surface.coverage.add(rectangle);
      surface.isKeyed = true;
    } else if (codec === Codec.progressive) {
      this.#takeTiles(draw.surface, payload);
      for (const region of progressiveRegions(payload.subarray(4))) surface.coverage.add(region);
    } else if (codec === Codec.remoteFx)
      for (const region of remoteFxRegions(payload))
        surface.coverage.add({ ...region, x: rectangle.x + region.x, y: rectangle.y + region.y });
    else {
      assert.notEqual(codec, Codec.clearCodec, "ClearCodec needs a look at its caches");
      surface.coverage.add(rectangle);
    }
  }

  /** [MS-RDPEGFX] 2.2.4.2.1.5: a tile that builds on an earlier one needs that one since the entry point. */
  #takeTiles(surface: number, payload: Uint8Array): void {
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    const name = `${surface}:${view.getUint32(0, true)}`;
    for (let at = 4; at < payload.length; at += view.getUint32(at + 2, true)) {
      if (view.getUint16(at, true) !== 0xccc4) continue;
      const rectangles = view.getUint16(at + 7, true);
      const quantBytes = view.getUint8(at + 9) * 5 + view.getUint8(at + 10) * 16;
      const end = at + view.getUint32(at + 2, true);
      let tileAt = at + 18 + rectangles * 8 + quantBytes;
      for (; tileAt < end; tileAt += view.getUint32(tileAt + 2, true)) {
        const type = view.getUint16(tileAt, true);
        const tile = `${name}:${view.getUint32(tileAt + 9, true)}`;
        const isWhole = type === 0xccc5 || (type === 0xccc6 && (view.getUint8(tileAt + 13) & 1) === 0);
        if (isWhole) this.#tiles.add(tile);
        assert.ok(this.#tiles.has(tile), `tile ${tile} builds on one older than the entry point`);
      }
    }
  }

  #forgetTiles(prefix: string): void {
    for (const name of this.#tiles) if (name.startsWith(prefix)) this.#tiles.delete(name);
  }

  /** The whole screen is drawn: by surfaces shown on it, or itself. */
  get isCovered(): boolean {
    const mapped = [...this.#surfaces.values()].filter(({ isMapped }) => isMapped);
    const screen = this.#need(0);
    if (mapped.length === 0) return screen.coverage.isWhole;
    const area = mapped.reduce((sum, { width, height }) => sum + width * height, 0);
    return mapped.every(({ coverage }) => coverage.isWhole) && area >= screen.width * screen.height;
  }
}

/**
 * Joins at the entry point that ends first after `from`; asserts that the screen is covered where it ends and that all
 * frames since, to the last one given, use nothing older. Returns how many commands were applied.
 */
export function assertJoins(frames: readonly PeerFrame[], from: number): number {
  const end = frames.findIndex(({ entry }, index) => index >= from && entry === "end");
  assert.ok(end >= 0, "the entry point has no end");
  const start = frames.slice(0, end).findLastIndex(({ entry }) => entry === "start");
  assert.ok(start >= from, "the entry point has no start");
  const joiner = new Joiner();
  let applied = 0;
  frames.slice(start).forEach(({ channel, commands }, index) => {
    for (const command of channel === "picture" ? commands : []) {
      joiner.apply(command);
      applied++;
    }
    if (index === end - start) assert.ok(joiner.isCovered, "not all of the screen is drawn");
  });
  return applied;
}
