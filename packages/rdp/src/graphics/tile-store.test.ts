import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteWriter, concatBytes } from "@poterne/bytes";
import { ROOM_STEP_BYTES } from "../encoding/kept-copies.ts";
import { assertWithstands } from "../testing/mutate.ts";
import { progressiveRegions } from "./codec-headers.ts";
import { TileStore } from "./tile-store.ts";

const SURFACE = { number: 1, width: 100, height: 70 };
const SIMPLE = 0xccc5;
const FIRST = 0xccc6;
const UPGRADE = 0xccc7;

function block(type: number, body: Uint8Array): Uint8Array {
  return new ByteWriter()
    .u16le(type)
    .u32le(body.length + 6)
    .put(body)
    .finish()
    .slice();
}

function tile(column: number, row: number, data: number, type = SIMPLE, flags = 0): Uint8Array {
  const body = new ByteWriter().u8(0).u8(0).u8(0).u16le(column).u16le(row).u8(flags).u32le(data);
  return block(type, body.finish());
}

/** A whole payload: sync, context, frame begin, one region of all the surface, frame end. */
const payload = (quant: number, ...tiles: readonly Uint8Array[]) =>
  payloadOf([[0, 0, 100, 70]], quant, tiles);

/** The same, of which only these rectangles are drawn. */
function payloadOf(
  rectangles: readonly (readonly [number, number, number, number])[],
  quant: number,
  tiles: readonly Uint8Array[],
): Uint8Array {
  const data = concatBytes(tiles);
  const region = new ByteWriter().u8(64).u16le(rectangles.length).u8(1).u8(0).u8(1);
  region.u16le(tiles.length).u32le(data.length);
  for (const sides of rectangles) for (const side of sides) region.u16le(side);
  region.put(new Uint8Array(5).fill(quant)).put(data);
  return concatBytes([
    block(0xccc0, new Uint8Array(6)),
    block(0xccc3, new Uint8Array(4)),
    block(0xccc1, new Uint8Array(6)),
    block(0xccc4, region.finish()),
    block(0xccc2, new Uint8Array(0)),
  ]);
}

const composedHex = (store: TileStore): string => Buffer.concat(store.compose()).toString("hex");

const ALL = [tile(0, 0, 1), tile(1, 0, 2), tile(0, 1, 3), tile(1, 1, 4)];

test("the last tile of each place is kept as it came, with the quantisation it came with", () => {
  const store = new TileStore(100_000);
  store.take(SURFACE, 7, payload(1, ...ALL));
  assert.equal(store.isWhole, true);
  store.take(SURFACE, 7, payload(2, tile(1, 1, 5, FIRST)));
  const [composed = new Uint8Array(0), ...more] = store.compose();
  assert.deepEqual(more, []);
  assert.deepEqual(progressiveRegions(composed), [
    { x: 0, y: 0, width: 64, height: 64 },
    { x: 64, y: 0, width: 36, height: 64 },
    { x: 0, y: 64, width: 64, height: 6 },
    { x: 64, y: 64, width: 36, height: 6 },
  ]);
  const again = new TileStore(100_000);
  again.take(SURFACE, 7, composed);
  assert.equal(again.isWhole, true);
  assert.deepEqual(again.compose(), [composed], "what is composed is itself a payload of the codec");
  const hex = Buffer.from(composed).toString("hex");
  assert.ok(hex.includes(Buffer.from(tile(1, 1, 5, FIRST)).toString("hex")));
  assert.ok(!hex.includes(Buffer.from(tile(1, 1, 4)).toString("hex")));
  assert.ok(hex.includes("01".repeat(5)) && hex.includes("02".repeat(5)));
});

test("upgrades and differences are kept with the tile they build on, in order, until it comes whole", () => {
  const store = new TileStore(100_000);
  store.take(SURFACE, 7, payload(1, tile(0, 0, 9, UPGRADE), tile(1, 0, 8, FIRST, 1)));
  assert.equal(store.sizeBytes, 0, "nothing to build on");
  store.take(SURFACE, 7, payload(1, ...ALL));
  const later = [tile(0, 0, 11, UPGRADE), tile(0, 0, 12, FIRST, 1), tile(0, 0, 13, SIMPLE, 1)];
  for (const one of later) store.take(SURFACE, 7, payload(2, one));
  assert.equal(store.isWhole, true);
  const hex = composedHex(store);
  const places = [ALL[0] as Uint8Array, ...later].map((one) => hex.indexOf(Buffer.from(one).toString("hex")));
  assert.ok(
    places.every((place, index) => place > (places[index - 1] ?? 0)),
    places.join(" "),
  );
  const again = new TileStore(100_000);
  for (const composed of store.compose()) again.take(SURFACE, 7, composed);
  assert.deepEqual(again.compose(), store.compose());
  store.take(SURFACE, 7, payload(1, tile(0, 0, 21)));
  assert.ok(!composedHex(store).includes(Buffer.from(later[2] as Uint8Array).toString("hex")));
});

test("other draws leave a gap until the tile comes whole; so does a place that takes too much", () => {
  const small = new TileStore((ALL.length + 2) * ROOM_STEP_BYTES);
  small.take(SURFACE, 7, payload(1, ...ALL));
  for (let count = 0; count < 3; count++) small.take(SURFACE, 7, payload(1, tile(1, 1, count, SIMPLE, 1)));
  assert.equal(small.isWhole, false);
  small.take(SURFACE, 7, payload(1, tile(1, 1, 4)));
  assert.equal(small.isWhole, true);
  const spoilt = new TileStore(100_000);
  spoilt.take(SURFACE, 7, payload(1, ...ALL));
  spoilt.spoil(1, { x: 60, y: 60, width: 2, height: 2 });
  assert.equal(spoilt.isWhole, false);
  spoilt.take(SURFACE, 7, payload(1, tile(0, 0, 1)));
  assert.equal(spoilt.isWhole, true);
  const store = new TileStore(100_000);
  store.take(SURFACE, 7, payload(1, ...ALL));
  store.spoil(2, { x: 0, y: 0, width: 100, height: 70 });
  assert.equal(store.isWhole, true, "another surface");
});

test("another surface or context begins anew, and over the limit nothing is kept", () => {
  const store = new TileStore(100_000);
  store.take(SURFACE, 7, payload(1, ...ALL));
  store.take(SURFACE, 8, payload(1, tile(0, 0, 1)));
  assert.equal(store.isWhole, false);
  const small = new TileStore(50);
  small.take(SURFACE, 7, payload(1, ...ALL));
  assert.equal(small.isWhole, false);
  assert.ok(small.sizeBytes <= 50);
});

test("a tile outside its surface is refused", () => {
  assert.throws(() => new TileStore(1000).take(SURFACE, 7, payload(1, tile(2, 0, 1))), /outside/);
});

test("damaged payloads are refused, never more", () => {
  assertWithstands(payload(1, ...ALL), (bytes) => {
    const store = new TileStore(100_000);
    store.take(SURFACE, 7, bytes);
    if (store.isWhole) store.compose();
  });
});

test("tiles that are replaced again and again leave the last of each place, and nothing else", () => {
  const store = new TileStore(1_000_000);
  const large = (column: number, row: number, value: number) => {
    const size = 500 + ((value * 37) % 900);
    const body = new ByteWriter().u8(0).u8(0).u8(0).u16le(column).u16le(row).u8(0);
    return block(SIMPLE, body.put(new Uint8Array(size).fill(value)).finish());
  };
  const last = new Map<string, Uint8Array>();
  for (let turn = 0; turn < 400; turn++) {
    const [column, row] = [turn % 2, (turn >> 1) % 2];
    const one = large(column, turn % 3 === 0 ? 0 : row, turn % 251);
    last.set(`${column} ${turn % 3 === 0 ? 0 : row}`, one);
    store.take(SURFACE, 7, payload(1, one));
  }
  assert.equal(store.isWhole, true);
  const hex = composedHex(store);
  let sizeBytes = 0;
  for (const one of last.values()) {
    assert.ok(hex.includes(Buffer.from(one).toString("hex")));
    sizeBytes += Math.ceil(one.length / ROOM_STEP_BYTES) * ROOM_STEP_BYTES;
  }
  assert.equal(store.sizeBytes, sizeBytes);
});

test("a tile of which only a part is drawn stands upon what was there, and hides what it draws over", () => {
  const store = new TileStore(100_000);
  store.take(SURFACE, 7, payloadOf([[0, 0, 10, 10]], 1, [tile(0, 0, 40)]));
  assert.equal(store.sizeBytes, 0, "a part of nothing");
  store.take(SURFACE, 7, payload(1, ...ALL));
  const part = (value: number, flags = 0) => tile(0, 0, value, SIMPLE, flags);
  store.take(SURFACE, 7, payloadOf([[8, 8, 20, 20]], 1, [part(41)]));
  store.take(SURFACE, 7, payloadOf([[8, 8, 20, 20]], 1, [part(42, 1)]));
  const [first = new Uint8Array(0), second = new Uint8Array(0), third = new Uint8Array(0), ...more] =
    store.compose();
  assert.equal(more.length, 0);
  assert.ok(Buffer.from(first).includes(Buffer.from(ALL[0] as Uint8Array)), "the whole tile stays");
  assert.deepEqual(progressiveRegions(second), [{ x: 8, y: 8, width: 20, height: 20 }]);
  assert.deepEqual(progressiveRegions(third), [{ x: 8, y: 8, width: 20, height: 20 }]);
  store.take(SURFACE, 7, payloadOf([[0, 0, 30, 30]], 1, [part(43)]));
  assert.equal(store.compose().length, 2, "what is drawn over altogether goes");
  store.take(SURFACE, 7, payloadOf([[0, 0, 5, 5]], 1, [part(44)]));
  assert.equal(store.compose().length, 3, "what shows beside stays");
  const halves = payloadOf(
    [
      [0, 0, 32, 70],
      [32, 0, 68, 70],
    ],
    1,
    [part(45)],
  );
  store.take(SURFACE, 7, halves);
  assert.equal(store.compose().length, 1, "rectangles that are all of it together");
});
