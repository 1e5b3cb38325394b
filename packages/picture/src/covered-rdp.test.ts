import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteWriter, concatBytes } from "@poterne/bytes";
import { FurtherCodecs } from "./codecs/further-codecs.ts";
import { decodeCommands } from "./commands.ts";
import { leaveOutCovered } from "./covered.ts";
import { PictureDecoder } from "./decoder.ts";
import { Codec, CodecStateAction, type Rectangle } from "./language.ts";
import { encodeBlock, encodeRlgr1, encodeTile } from "./testing/wavelet-encoder.ts";
import { seededRandom } from "./testing/withstand.ts";
import { PictureWriter } from "./writer.ts";

/** Two by two tiles, the last ones cut. */
const SIZE = { width: 100, height: 90 };
const SCREEN = { width: 210, height: 90 };
const SURFACES = [1, 2] as const;
const ROUNDS = 60;

/** Few coefficients, so that a round decodes hundreds of tiles. */
function makeData(random: () => number): Uint8Array[] {
  return [0, 1, 2].map(() =>
    encodeRlgr1(
      Array.from({ length: 4096 }, (_, at) => (at % 256 === 0 ? Math.floor((random() - 0.5) * 60) : 0)),
    ),
  );
}

/** Draws and other things of RDP, at random and the same for the same number. */
class Scribbler {
  readonly writer = new PictureWriter();
  readonly #random: () => number;
  readonly #data: readonly Uint8Array[][];
  readonly #slots = new Set<number>();
  readonly #allowsTurns: boolean;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#allowsTurns = seed % 2 === 0;
    this.#data = Array.from({ length: 6 }, () => makeData(this.#random));
  }

  #roll(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #rectangle({ width, height } = SIZE): Rectangle {
    const [x, y] = [this.#roll(width), this.#roll(height)];
    return { x, y, width: this.#roll(width - x) + 1, height: this.#roll(height - y) + 1 };
  }

  begin(): Uint8Array {
    this.writer.surface(0, SCREEN.width, SCREEN.height);
    for (const surface of SURFACES) this.#show(surface);
    return this.writer.finish().slice();
  }

  #show(surface: number): void {
    this.writer.surface(surface, SIZE.width, SIZE.height);
    const moved = this.#allowsTurns ? this.#roll(5) : 0;
    this.writer.map(surface, { x: (surface - 1) * 105 + moved, y: 0, ...SIZE });
  }

  payloads(count: number): Uint8Array[] {
    return Array.from({ length: count }, () => {
      for (let left = this.#roll(4); left >= 0; left--) this.#one(SURFACES[this.#roll(2)] as number);
      if (this.#roll(3) > 0) this.writer.present();
      return this.writer.finish().slice();
    });
  }

  #one(surface: number): void {
    const { writer } = this;
    const rectangle = this.#rectangle();
    const place = {
      x: this.#roll(SIZE.width - rectangle.width + 1),
      y: this.#roll(SIZE.height - rectangle.height + 1),
    };
    const pixel = 0xff000000 + this.#roll(0xffffff);
    switch (this.#roll(14)) {
      case 0:
        return writer.fill(surface, rectangle.x, rectangle.y, rectangle.width, rectangle.height, pixel);
      case 1:
        return writer.solidList(surface, pixel, [rectangle, this.#rectangle()]);
      case 2:
        return writer.copyBetween(SURFACES[this.#roll(2)] as number, rectangle, surface, place);
      case 3:
      case 4:
        return this.#useSlot(this.#roll(3), surface);
      case 5: {
        const bytes = new Uint8Array(rectangle.width * rectangle.height * 4).fill(this.#roll(256));
        return writer.draw(surface, rectangle, Codec.raw, bytes);
      }
      case 6:
      case 7:
        return this.#split(surface, rectangle, Codec.remoteFx, this.#remoteFx());
      case 8:
        return this.#rarely(surface);
      default:
        return this.#split(surface, { x: 0, y: 0, ...SIZE }, Codec.progressive, this.#progressive());
    }
  }

  /** In one piece or two. */
  #split(surface: number, { x, y, width, height }: Rectangle, codec: number, payload: Uint8Array): void {
    const { writer } = this;
    if (this.#roll(2) === 0) return writer.draw(surface, { x, y, width, height }, codec, payload);
    writer.beginDraw(surface, x, y, width, height, codec);
    writer.put(payload, 0, 20);
    writer.endPiece(true);
    writer.beginMore();
    writer.put(payload, 20, payload.length);
    writer.endPiece(false);
  }

  #useSlot(slot: number, surface: number): void {
    const roll = this.#roll(5);
    if (roll === 0) {
      this.writer.cacheForget(slot);
      this.#slots.delete(slot);
    } else if (roll < 3 || !this.#slots.has(slot)) {
      const { x, y } = this.#rectangle();
      const [width, height] = [Math.min(20, SIZE.width - x), Math.min(20, SIZE.height - y)];
      this.writer.cacheStore(slot, surface, { x, y, width, height });
      this.#slots.add(slot);
    } else
      this.writer.cacheDraw(slot, surface, [
        { x: this.#roll(80), y: this.#roll(70) },
        { x: this.#roll(80), y: this.#roll(70) },
      ]);
  }

  /** What ends the reading, now and then, and what does not. */
  #rarely(surface: number): void {
    const { writer } = this;
    if (this.#roll(3) > 0) return writer.codecState(CodecStateAction.forgetProgressive, surface, 0);
    if (!this.#allowsTurns) return this.#show(surface);
    const roll = this.#roll(4);
    if (roll === 0) return writer.codecState(CodecStateAction.reset);
    if (roll === 1) return writer.map(surface, null);
    if (roll === 2) writer.forget(surface);
    this.#show(surface);
  }

  /** Whole tiles, first passes, differences and upgrades, some of them to nothing; all or parts of the tiles shown. */
  #progressive(): Uint8Array {
    const tiles: Uint8Array[] = [];
    for (let left = this.#roll(4); left >= 0; left--) {
      const data = this.#data[this.#roll(this.#data.length)] as Uint8Array[];
      const kind = this.#roll(6);
      const quality = kind === 5 ? 0 : 0xff;
      const empty = Array.from({ length: 6 }, () => new Uint8Array(8));
      const tile =
        kind === 4
          ? encodeTile({ type: "upgrade", quality: 0xff, data: empty })
          : encodeTile({ type: kind === 5 ? "first" : "simple", flags: kind < 2 ? 1 : 0, quality, data });
      const view = new DataView(tile.buffer, tile.byteOffset);
      view.setUint16(9, this.#roll(2), true);
      view.setUint16(11, this.#roll(2), true);
      tiles.push(tile);
    }
    const isPart = this.#roll(2) === 0;
    const rectangles = isPart ? [this.#rectangle(), this.#rectangle()] : [{ x: 0, y: 0, ...SIZE }];
    const context = new ByteWriter(4)
      .u8(0)
      .u16le(64)
      .u8(this.#roll(8) === 0 ? 0 : 1)
      .finish();
    const parts: Uint8Array[] = [new Uint8Array(4)];
    if (this.#roll(3) === 0) parts.push(encodeBlock(0xccc3, context));
    const half = this.#roll(tiles.length + 1);
    parts.push(putRegion(rectangles, tiles.slice(0, half)), putRegion([], tiles.slice(half)));
    return concatBytes(parts);
  }

  #remoteFx(): Uint8Array {
    const tiles: Uint8Array[] = [];
    for (let left = this.#roll(3); left >= 0; left--) {
      const data = this.#data[this.#roll(this.#data.length)] as Uint8Array[];
      const tile = new ByteWriter(64).u8(0).u8(0).u8(0).u16le(this.#roll(2)).u16le(this.#roll(2));
      for (const { length } of data) tile.u16le(length);
      for (const bytes of data) tile.put(bytes);
      tiles.push(encodeBlock(0xcac3, tile.finish()));
    }
    const clips = this.#roll(2) === 0 ? [] : [this.#rectangle(), this.#rectangle()];
    const region = new ByteWriter(64).u8(1).u8(0).u8(1).u16le(clips.length);
    for (const clip of clips) putRectangle(region, clip);
    const bytes = concatBytes(tiles);
    const set = new ByteWriter(64)
      .u8(1)
      .u8(0)
      .u16le(0xcac2)
      .u16le(0)
      .u16le(1 << 10)
      .u8(1)
      .u8(64);
    set.u16le(tiles.length).u32le(bytes.length);
    for (let at = 0; at < 5; at++) set.u8(0x66);
    return concatBytes([
      encodeBlock(0xccc4, new Uint8Array(8)),
      encodeBlock(0xccc6, region.u16le(0xcac1).u16le(1).finish()),
      encodeBlock(0xccc7, set.put(bytes).finish()),
    ]);
  }
}

function putRectangle(writer: ByteWriter, { x, y, width, height }: Rectangle): void {
  writer.u16le(x).u16le(y).u16le(width).u16le(height);
}

function putRegion(rectangles: readonly Rectangle[], tiles: readonly Uint8Array[]): Uint8Array {
  const bytes = concatBytes(tiles);
  const writer = new ByteWriter(256).u8(64).u16le(rectangles.length).u8(1).u8(1).u8(1);
  writer.u16le(tiles.length).u32le(bytes.length);
  for (const rectangle of rectangles) putRectangle(writer, rectangle);
  for (let at = 0; at < 5; at++) writer.u8(0x66);
  writer.u8(50);
  for (let at = 0; at < 15; at++) writer.u8(0x22);
  return encodeBlock(0xccc4, writer.put(bytes).finish());
}

/** A viewer: its decoder, and the canvas that `presented` is drawn on. */
class Viewer {
  readonly canvas = new Uint32Array(SCREEN.width * SCREEN.height);
  readonly #errors: Error[] = [];
  readonly #decoder = new PictureDecoder({
    further: new FurtherCodecs(),
    decodeImage: () => Promise.reject(new Error("no JPEG here")),
    presented: (damage) => {
      for (const { surfaceId, surface, rectangles } of damage)
        for (const { x, y, width, height } of surfaceId === 0 ? rectangles : [])
          for (let row = y; row < y + height; row++) {
            const start = row * SCREEN.width + x;
            this.canvas.set(surface.pixels.subarray(start, start + width), start);
          }
    },
    cursor: () => {},
    pointerMoved: () => {},
    failed: (error) => void this.#errors.push(error),
  });

  /** What is on the canvas, and on the surfaces behind it. */
  show(payloads: readonly Uint8Array[]): Buffer {
    for (const payload of payloads) this.#decoder.push(payload);
    assert.deepEqual(this.#errors, []);
    const surfaces = SURFACES.map((surface) => this.#decoder.surface(surface)?.pixels ?? new Uint32Array(0));
    return Buffer.concat([this.canvas, ...surfaces].map(({ buffer }) => new Uint8Array(buffer)));
  }
}

function cutAll(payloads: readonly Uint8Array[]): readonly Uint8Array[] {
  const steps = leaveOutCovered(payloads);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

const bytesOf = (payloads: readonly Uint8Array[]) => payloads.reduce((sum, { length }) => sum + length, 0);

test("whatever RDP draws, keeps, upgrades and copies, the picture is the same, and what is drawn upon it later", () => {
  let [all, left] = [0, 0];
  for (let round = 1; round <= ROUNDS; round++) {
    const scribbler = new Scribbler(round);
    const before = [scribbler.begin(), ...scribbler.payloads(10 + (round % 40))];
    const after = scribbler.payloads(12);
    const cut = cutAll(before);
    all += bytesOf(before);
    left += bytesOf(cut);
    const [whole, less] = [new Viewer(), new Viewer()];
    const isSame = () => less.show([]).equals(whole.show([]));
    whole.show(before);
    less.show(cut);
    assert.ok(isSame(), `round ${round}: the picture`);
    whole.show(after);
    less.show(after);
    assert.ok(isSame(), `round ${round}: what comes later`);
  }
  assert.ok(left < 0.8 * all, `${left} of ${all} bytes left`);
});

test("of tiles drawn again and again the last whole one is left, with the differences since", () => {
  const scribbler = new Scribbler(1);
  const start = scribbler.begin();
  const data = makeData(seededRandom(7));
  const payloads = [start];
  for (let turn = 0; turn < 40; turn++) {
    const flags = turn % 10 === 0 ? 0 : 1;
    const tile = encodeTile({ type: "simple", flags, quality: 0xff, data });
    const region = putRegion([{ x: 0, y: 0, ...SIZE }], [tile]);
    scribbler.writer.draw(
      1,
      { x: 0, y: 0, ...SIZE },
      Codec.progressive,
      concatBytes([new Uint8Array(4), region]),
    );
    scribbler.writer.present();
    payloads.push(scribbler.writer.finish().slice());
  }
  const draws = cutAll(payloads).flatMap((payload) =>
    [...decodeCommands(payload)].filter(({ op }) => op === "draw"),
  );
  assert.equal(draws.length, 10);
  assert.ok(new Viewer().show(cutAll(payloads)).equals(new Viewer().show(payloads)));
});
