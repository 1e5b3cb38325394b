import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteWriter } from "@poterne/bytes";
import { Codec, decodeCommands, PictureWriter, type Rectangle } from "@poterne/picture";
import { assertWithstands, seededRandom } from "../testing/mutate.ts";
import { putRemoteFxFrame, readRemoteFxTiles } from "./remotefx-tiles.ts";
import { Screen } from "./screen.ts";
import { ScreenDraws } from "./screen-draws.ts";

const WIDTH = 200;
const HEIGHT = 150;
const SCREEN_AREA = { x: 0, y: 0, width: WIDTH, height: HEIGHT };
const TILE_PX = 64;
const HEAD = new Uint8Array(5);

interface TestTile {
  readonly column: number;
  readonly row: number;
  readonly id: number;
}

function tileBlock({ column, row, id }: TestTile): Uint8Array {
  const writer = new ByteWriter().u16le(0xcac3).u32le(23).u8(0).u8(0).u8(0);
  return writer.u16le(column).u16le(row).u16le(4).u16le(0).u16le(0).u32le(id).finish().slice();
}

function message(tiles: readonly TestTile[], regions: readonly Rectangle[], quant = 6): Uint8Array {
  const writer = new ByteWriter();
  const set = { properties: 0x2a31, quants: new Uint8Array(5).fill(quant) };
  putRemoteFxFrame(writer, set, tiles.map(tileBlock), regions);
  return writer.finish().slice();
}

/** Which draw each pixel of the screen is from: a decoder without pixels. */
class OwnerCanvas {
  readonly owners = new Uint32Array(WIDTH * HEIGHT);

  fill(area: Rectangle, owner: number): void {
    for (let y = Math.max(area.y, 0); y < Math.min(area.y + area.height, HEIGHT); y++)
      this.owners.fill(owner, y * WIDTH + area.x, y * WIDTH + Math.min(area.x + area.width, WIDTH));
  }

  drawRemoteFx(place: Rectangle, payload: Uint8Array): void {
    for (const { column, row, block, regions } of readRemoteFxTiles(payload)) {
      const owner = new DataView(block.buffer, block.byteOffset).getUint32(19, true);
      for (const region of regions ?? [{ ...place, x: 0, y: 0 }]) {
        const left = place.x + Math.max(region.x, column * TILE_PX);
        const top = place.y + Math.max(region.y, row * TILE_PX);
        const right = place.x + Math.min(region.x + region.width, column * TILE_PX + TILE_PX, place.width);
        const bottom = place.y + Math.min(region.y + region.height, row * TILE_PX + TILE_PX, place.height);
        if (right > left && bottom > top)
          this.fill({ x: left, y: top, width: right - left, height: bottom - top }, owner);
      }
    }
  }

  /** What a viewer that begins here sees of these commands. */
  play(payload: Uint8Array): number {
    let draws = 0;
    for (const command of decodeCommands(payload)) {
      if (command.op !== "draw") continue;
      draws++;
      if (command.codec === Codec.remoteFx) this.drawRemoteFx(command.rectangle, command.payload);
      else
        this.fill(
          command.rectangle,
          new DataView(command.payload.buffer, command.payload.byteOffset).getUint32(5, true),
        );
    }
    return draws;
  }
}

class Bench {
  readonly drawn: Rectangle[] = [];
  readonly screen = new Screen([], undefined);
  readonly draws: ScreenDraws;
  readonly live = new OwnerCanvas();

  constructor(maxBytes = 1_000_000) {
    this.screen.resize(WIDTH, HEIGHT);
    this.draws = new ScreenDraws(this.screen, maxBytes, (place) => this.drawn.push(place));
  }

  remoteFx(payload: Uint8Array, place: Rectangle = SCREEN_AREA): void {
    this.live.drawRemoteFx(place, payload);
    this.draws.drawRemoteFx(place, payload);
  }

  bitmap(place: Rectangle, id: number): void {
    this.live.fill(place, id);
    this.draws.draw(place, Codec.planar, HEAD, new ByteWriter().u32le(id).finish().slice());
  }

  /** All of the screen in whole tiles. */
  paint(firstId = 1000): void {
    const tiles = Array.from({ length: 12 }, (_, index) => ({
      column: index % 4,
      row: Math.floor(index / 4),
      id: firstId + index,
    }));
    this.remoteFx(message(tiles, [SCREEN_AREA]));
  }

  replayed(): Uint8Array {
    const writer = new PictureWriter();
    this.draws.kept.replay(writer, 0);
    return writer.finish().slice();
  }
}

function inside({ x, y, width, height }: Rectangle): Rectangle {
  return { x, y, width: Math.min(width, WIDTH - x), height: Math.min(height, HEIGHT - y) };
}

test("whole tiles make a whole screen, each kept once and as it came", () => {
  const bench = new Bench();
  bench.remoteFx(message([{ column: 1, row: 1, id: 7 }], [SCREEN_AREA]));
  assert.equal(bench.draws.kept.isWhole, false);
  bench.paint();
  bench.paint(2000);
  const { sizeBytes } = bench.draws.kept;
  bench.paint(3000);
  assert.equal(bench.draws.kept.isWhole, true);
  assert.equal(bench.draws.kept.sizeBytes, sizeBytes, "what is drawn over is let go");
  const again = new OwnerCanvas();
  assert.equal(again.play(bench.replayed()), 1, "one message");
  assert.deepEqual(again.owners, bench.live.owners);
});

test("a region shows a part of its tile only: what is seen of the older ones stays, in order", () => {
  const bench = new Bench();
  bench.paint();
  bench.remoteFx(message([{ column: 0, row: 0, id: 1 }], [{ x: 10, y: 10, width: 20, height: 20 }]));
  bench.remoteFx(message([{ column: 0, row: 0, id: 2 }], [{ x: 5, y: 5, width: 15, height: 60 }], 8));
  bench.bitmap({ x: 50, y: 50, width: 90, height: 30 }, 3);
  bench.remoteFx(message([{ column: 1, row: 1, id: 4 }], [SCREEN_AREA]));
  const again = new OwnerCanvas();
  again.play(bench.replayed());
  assert.deepEqual(again.owners, bench.live.owners);
});

test("a part of the screen that a region names and no tile draws is not drawn", () => {
  const bench = new Bench();
  bench.remoteFx(message([{ column: 0, row: 0, id: 1 }], [SCREEN_AREA]));
  assert.deepEqual(bench.drawn, [{ x: 0, y: 0, width: 64, height: 64 }]);
});

test("what is kept is a copy, also of messages whose own `slice` makes none", () => {
  class View extends Uint8Array {
    override slice(start?: number, end?: number): View {
      return this.subarray(start, end) as View;
    }
  }
  const bench = new Bench();
  bench.paint();
  for (const place of [SCREEN_AREA, { x: 8, y: 8, width: 64, height: 64 }]) {
    const payload = new View(message([{ column: 0, row: 0, id: 9 }], [SCREEN_AREA]));
    bench.remoteFx(payload, place);
    bench.paint();
    assert.ok(payload.length > 0 && payload.some((byte) => byte !== 0), "its memory is not given away");
    bench.remoteFx(payload, place);
    payload.fill(0);
    const again = new OwnerCanvas();
    again.play(bench.replayed());
    assert.deepEqual(again.owners, bench.live.owners);
  }
});

test("whatever is drawn over what, at any place, comes out the same for who joins", () => {
  const random = seededRandom(137);
  const pick = (limit: number) => Math.floor(random() * limit);
  const bench = new Bench();
  bench.paint();
  for (let id = 1; id <= 600; id++) {
    const area = { x: pick(WIDTH - 8), y: pick(HEIGHT - 8), width: 1 + pick(120), height: 1 + pick(90) };
    const kind = pick(8);
    const tile = { column: pick(4), row: pick(3), id };
    if (kind === 0) bench.bitmap(inside(area), id);
    else if (kind === 1) {
      // weston's messages begin anywhere.
      const place = { x: pick(100), y: pick(80), width: 70, height: 70 };
      bench.remoteFx(
        message([{ column: pick(2), row: pick(2), id }], [{ x: 0, y: 0, width: 70, height: 70 }]),
        place,
      );
    } else if (kind < 4) bench.remoteFx(message([tile], [SCREEN_AREA]));
    else
      bench.remoteFx(
        message([tile, { ...tile, row: (tile.row + 1) % 3 }], [area, { ...area, x: pick(150) }], 6 + pick(2)),
      );
    if (id % 50 !== 0) continue;
    assert.equal(bench.draws.kept.isWhole, true);
    const again = new OwnerCanvas();
    again.play(bench.replayed());
    assert.deepEqual(again.owners, bench.live.owners, `after ${id}`);
  }
  bench.paint(5000);
  const fresh = new Bench();
  fresh.paint(5000);
  assert.equal(bench.draws.kept.sizeBytes, fresh.draws.kept.sizeBytes);
});

test("over the limit a square is given up, and comes back when it is drawn anew", () => {
  const bench = new Bench(7000);
  bench.paint();
  assert.equal(bench.draws.kept.isWhole, true);
  for (let at = 0; at < 60; at++)
    bench.remoteFx(message([{ column: 2, row: 1, id: at }], [{ x: 128 + at, y: 64, width: 1, height: 64 }]));
  assert.ok(bench.draws.kept.sizeBytes <= 7000);
  assert.equal(bench.draws.kept.isWhole, false);
  bench.remoteFx(message([{ column: 2, row: 1, id: 9 }], [SCREEN_AREA]));
  assert.equal(bench.draws.kept.isWhole, true);
});

test("without RemoteFX nothing is kept", () => {
  const bench = new Bench();
  bench.bitmap(SCREEN_AREA, 1);
  assert.equal(bench.draws.kept.sizeBytes, 0);
  assert.equal(bench.draws.kept.isWhole, false);
});

test("another size keeps the part both have, and is whole once the rest is drawn", () => {
  const bench = new Bench();
  bench.paint();
  bench.remoteFx(message([{ column: 3, row: 2, id: 5 }], [{ x: 195, y: 130, width: 5, height: 20 }]));
  const { kept } = bench.draws;
  const { sizeBytes } = kept;
  kept.fit(WIDTH, 100);
  assert.equal(kept.isWhole, true);
  assert.ok(kept.sizeBytes < sizeBytes);
  kept.fit(WIDTH, HEIGHT);
  assert.equal(kept.isWhole, false);
  bench.bitmap({ x: 0, y: 100, width: WIDTH, height: 50 }, 77);
  assert.equal(kept.isWhole, true);
  const again = new OwnerCanvas();
  again.play(bench.replayed());
  assert.deepEqual(again.owners, bench.live.owners);
  kept.fit(64, 64);
  assert.equal(kept.isWhole, true);
  kept.fit(65, 64);
  assert.equal(kept.isWhole, false);
  kept.clear();
  assert.equal(kept.sizeBytes, 0);
});

test("tiles drawn alike again and again take no more, and the last ones are seen", () => {
  const bench = new Bench();
  bench.paint();
  const part = { x: 0, y: 0, width: 40, height: 30 };
  bench.remoteFx(message([{ column: 0, row: 0, id: 1 }], [part]));
  const { sizeBytes } = bench.draws.kept;
  bench.bitmap({ x: 10, y: 10, width: 60, height: 10 }, 2);
  for (let id = 3; id < 20; id++) bench.remoteFx(message([{ column: 0, row: 0, id }], [part]));
  const again = new OwnerCanvas();
  again.play(bench.replayed());
  assert.deepEqual(again.owners, bench.live.owners);
  bench.paint(3000);
  bench.remoteFx(message([{ column: 0, row: 0, id: 21 }], [part]));
  assert.equal(bench.draws.kept.sizeBytes, sizeBytes);
});

test("a tile that a smaller screen has cut is not taken for the whole one that comes later", () => {
  const bench = new Bench();
  bench.paint();
  const part = { x: 195, y: 130, width: 5, height: 20 };
  const { kept } = bench.draws;
  bench.remoteFx(message([{ column: 3, row: 2, id: 5 }], [part]));
  kept.fit(WIDTH, 140);
  kept.fit(WIDTH, HEIGHT);
  bench.remoteFx(message([{ column: 3, row: 2, id: 7 }], [part]));
  assert.equal(kept.isWhole, false);
  bench.bitmap({ x: 0, y: 140, width: 195, height: 10 }, 6);
  assert.equal(kept.isWhole, true);
  const again = new OwnerCanvas();
  again.play(bench.replayed());
  assert.deepEqual(again.owners, bench.live.owners);
});

test("a tile cut into very many parts, or more regions than are looked at, leaves a gap and no more", () => {
  const bench = new Bench();
  bench.paint();
  const stripes = Array.from({ length: 65 }, (_, x) => ({ x: x % 64, y: x % 32, width: 1, height: 30 }));
  bench.remoteFx(message([{ column: 0, row: 0, id: 1 }], stripes));
  assert.equal(bench.draws.kept.isWhole, false);
  bench.paint();
  assert.equal(bench.draws.kept.isWhole, true);
  const tiles = Array.from({ length: 1100 }, () => ({ column: 0, row: 0, id: 2 }));
  bench.draws.drawRemoteFx(
    SCREEN_AREA,
    message(
      tiles,
      Array.from({ length: 4096 }, () => SCREEN_AREA),
    ),
  );
  assert.equal(bench.draws.kept.sizeBytes, 0);
});

test("damaged messages are refused, never more", () => {
  const payload = message(
    [
      { column: 0, row: 0, id: 1 },
      { column: 1, row: 2, id: 2 },
    ],
    [SCREEN_AREA],
  );
  assertWithstands(payload, (bytes) => {
    const bench = new Bench(10_000);
    bench.paint();
    bench.draws.drawRemoteFx(SCREEN_AREA, bytes);
    bench.replayed();
  });
});
