import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteWriter, concatBytes, fromHex } from "@poterne/bytes";
import { Codec, CursorKind, decodeCommands, type Rectangle } from "@poterne/picture";
import type { RdpCommand } from "../commands.ts";
import { assertWithstands } from "../testing/mutate.ts";
import { FastPathJoiner, FastPathUpdate } from "./fast-path.ts";
import { Screen } from "./screen.ts";
import { Updates } from "./updates.ts";

class Bench {
  readonly commands: RdpCommand[] = [];
  readonly screen = new Screen(this.commands, undefined);
  readonly drawn: Rectangle[] = [];
  readonly frames: number[] = [];
  readonly updates = new Updates(
    this.screen,
    {
      drawn: (place) => void this.drawn.push(place),
      frameEnded: (frameId) => void this.frames.push(frameId),
    },
    100_000,
  );

  constructor() {
    this.screen.resize(100, 50);
    this.screen.flush();
    this.commands.length = 0;
  }

  take() {
    this.screen.flush();
    return this.commands
      .splice(0)
      .flatMap((command) => (command.type === "frame" ? [...decodeCommands(command.payload)] : []));
  }
}

function bitmap(
  place: readonly [number, number, number, number],
  size: readonly [number, number],
  bitsPerPixel: number,
  flags: number,
  data: Uint8Array,
): Uint8Array {
  const writer = new ByteWriter();
  for (const value of [...place, ...size, bitsPerPixel, flags, data.length]) writer.u16le(value);
  return writer.put(data).finish().slice();
}

const bitmaps = (...items: readonly Uint8Array[]) =>
  concatBytes([Uint8Array.of(1, 0, items.length, 0), ...items]);

/** TS_SURFCMD_SET_SURF_BITS. */
function surfaceBits(codecId: number, size: readonly [number, number], data: Uint8Array): Uint8Array {
  const writer = new ByteWriter().u16le(1).u16le(10).u16le(20).u16le(0).u16le(0);
  writer.u8(32).u8(0).u8(0).u8(codecId).u16le(size[0]).u16le(size[1]).u32le(data.length);
  return writer.put(data).finish().slice();
}

/** A RemoteFX message: one region of 64 by 32 pixels, and one empty tile. */
const RFX = fromHex(
  "c6cc17000000 01 00 01 0100 0000 0000 4000 2000 c1ca 0000 c7cc2e000000 01 00 c2ca 0000 312a 01 40 0100 13000000" +
    "6666778888 c3ca13000000 000000 0000 0000 0000 0000 0000",
);

function pointer(index: number, side: number, bits = 24): Uint8Array {
  const xorRow = ((side * bits + 15) >> 4) * 2;
  const andRow = ((side + 15) >> 4) * 2;
  const writer = new ByteWriter().u16le(index).u16le(1).u16le(2).u16le(side).u16le(side);
  return writer
    .u16le(andRow * side)
    .u16le(xorRow * side)
    .put(new Uint8Array(xorRow * side).fill(0x11))
    .put(new Uint8Array(andRow * side).fill(0x80))
    .u8(0)
    .finish()
    .slice();
}

test("bitmaps become draws of their codec, with their own size before the data", () => {
  const bench = new Bench();
  const data = fromHex("0102030405060708 aabb");
  bench.updates.takeFastPath(
    FastPathUpdate.FASTPATH_UPDATETYPE_BITMAP,
    bitmaps(
      bitmap([90, 40, 99, 49], [12, 12], 16, 1, data),
      bitmap([0, 0, 3, 0], [4, 1], 32, 0x401, data),
      bitmap([0, 0, 1, 0], [4, 1], 8, 0, data),
    ),
  );
  const draws = bench.take();
  assert.deepEqual(
    draws.map((draw) => draw.op === "draw" && [draw.codec, draw.rectangle, [...draw.payload]]),
    [
      [Codec.rle16, { x: 90, y: 40, width: 10, height: 10 }, [12, 0, 12, 0, 1, 0xaa, 0xbb]],
      [Codec.planar, { x: 0, y: 0, width: 4, height: 1 }, [4, 0, 1, 0, 1, ...data]],
      [Codec.raw8, { x: 0, y: 0, width: 2, height: 1 }, [4, 0, 1, 0, 1, ...data]],
    ],
  );
  assert.equal(bench.drawn.length, 3);
});

test("bitmaps outside the screen are cut or left out, unknown depths refused", () => {
  const bench = new Bench();
  bench.updates.takeSlowPath(bitmaps(bitmap([95, 45, 110, 60], [16, 16], 32, 0, new Uint8Array(4))));
  bench.updates.takeSlowPath(bitmaps(bitmap([100, 0, 110, 10], [11, 11], 32, 0, new Uint8Array(4))));
  assert.deepEqual(bench.drawn, [{ x: 95, y: 45, width: 5, height: 5 }]);
  const odd = bitmaps(bitmap([0, 0, 1, 1], [2, 2], 7, 0, new Uint8Array(4)));
  assert.throws(() => bench.updates.takeSlowPath(odd), /7 bits/);
});

test("surface bits pass RemoteFX as it came; its regions are what is drawn; markers end frames", () => {
  const bench = new Bench();
  const marker = fromHex("0400 0100 09000000".replace(/ /g, ""));
  const start = fromHex("0400 0000 09000000".replace(/ /g, ""));
  bench.updates.takeFastPath(
    FastPathUpdate.FASTPATH_UPDATETYPE_SURFCMDS,
    concatBytes([start, surfaceBits(3, [80, 30], RFX), marker]),
  );
  const [draw] = bench.take();
  assert.ok(draw?.op === "draw");
  assert.equal(draw.codec, Codec.remoteFx);
  assert.deepEqual(draw.payload, RFX);
  assert.deepEqual(bench.drawn, [{ x: 10, y: 20, width: 64, height: 30 }]);
  assert.deepEqual(bench.frames, [9]);
});

test("surface bits pass NSCodec behind a bitmap head, rows from the bottom up", () => {
  const bench = new Bench();
  bench.updates.takeFastPath(
    FastPathUpdate.FASTPATH_UPDATETYPE_SURFCMDS,
    surfaceBits(1, [80, 30], fromHex("aabb")),
  );
  const [draw] = bench.take();
  assert.ok(draw?.op === "draw");
  assert.equal(draw.codec, Codec.nsCodec);
  assert.deepEqual(draw.payload, fromHex("5000 1e00 01 aabb"));
  assert.equal(bench.drawn.length, 1);
});

test("surface bits without a codec must have the bitmap's length; other codecs are refused", () => {
  const bench = new Bench();
  const take = (data: Uint8Array) =>
    bench.updates.takeFastPath(FastPathUpdate.FASTPATH_UPDATETYPE_SURFCMDS, data);
  take(surfaceBits(0, [2, 1], new Uint8Array(8)));
  assert.equal(bench.take().length, 1);
  assert.throws(() => take(surfaceBits(0, [2, 1], new Uint8Array(7))), /length/);
  assert.throws(() => take(surfaceBits(2, [2, 1], new Uint8Array(8))), /codec 2/);
  assert.throws(() => take(fromHex("0900")), /command 9/);
});

test("pointer shapes go to viewers whole, also when the server names its cache", () => {
  const bench = new Bench();
  bench.updates.takeFastPath(FastPathUpdate.FASTPATH_UPDATETYPE_COLOR, pointer(3, 32));
  bench.updates.takeFastPath(FastPathUpdate.FASTPATH_UPDATETYPE_PTR_NULL, new Uint8Array(0));
  bench.updates.takeFastPath(FastPathUpdate.FASTPATH_UPDATETYPE_CACHED, fromHex("0300"));
  bench.updates.takeFastPath(FastPathUpdate.FASTPATH_UPDATETYPE_CACHED, fromHex("0400"));
  bench.updates.takeFastPath(FastPathUpdate.FASTPATH_UPDATETYPE_PTR_POSITION, fromHex("05000600"));
  bench.updates.takeFastPath(FastPathUpdate.FASTPATH_UPDATETYPE_PTR_DEFAULT, new Uint8Array(0));
  const [shape, hidden, again, position, last, none] = bench.take();
  assert.ok(shape?.op === "cursor");
  assert.equal(shape.kind, CursorKind.rdp);
  assert.equal(shape.payload.length, 5 + 32 * 96 + 32 * 4);
  assert.equal(hidden?.op, "cursorHide");
  assert.deepEqual(again, shape);
  assert.deepEqual(position, { op: "cursorPosition", x: 5, y: 6 });
  assert.equal(last?.op, "cursorDefault");
  assert.equal(none, undefined);
});

test("pointers too large, short of bits or outside the cache are refused", () => {
  const { updates } = new Bench();
  const take = (data: Uint8Array) => updates.takeFastPath(FastPathUpdate.FASTPATH_UPDATETYPE_COLOR, data);
  assert.throws(() => take(pointer(25, 32)), /cache entry/);
  take(pointer(0, 128));
  assert.throws(() => take(pointer(0, 257)), /257 by 257/);
  const short = pointer(0, 32);
  short[13] = 1;
  assert.throws(() => take(short), /mask length/);
});

test("a palette is passed on and drawing orders are refused", () => {
  const bench = new Bench();
  const palette = concatBytes([fromHex("02000000 00010000".replace(/ /g, "")), new Uint8Array(768).fill(7)]);
  bench.updates.takeFastPath(FastPathUpdate.FASTPATH_UPDATETYPE_PALETTE, palette);
  const [state] = bench.take();
  assert.ok(state?.op === "codecState" && state.data.length === 768);
  assert.throws(() => bench.updates.takeFastPath(0, fromHex("010000")), /drawing orders/);
  bench.updates.takeFastPath(0, fromHex("0000"));
});

test("a palette for a bitmap cache is passed over, with orders after it refused", () => {
  const { updates } = new Bench();
  const take = (text: string) => updates.takeFastPath(0, fromHex(text.replace(/ /g, "")));
  take("0100 03 0000 0000 01 00 0100 01020300");
  updates.takeSlowPath(fromHex("0000 0000 0100 0000 03 0000 0000 01 00 0100 01020300".replace(/ /g, "")));
  assert.throws(() => take("0200 03 0000 0000 01 00 0100 01020300 03 0000 0000 02"), /drawing orders/);
  assert.throws(() => take("0100 03 fdff 0000 01 00 0100 01020300"), /truncated/);
});

test("fragments are put together, and only those of one update", () => {
  const joiner = new FastPathJoiner();
  const seen: string[] = [];
  const take = (code: number, data: Uint8Array) =>
    void seen.push(`${code} ${Buffer.from(data).toString("hex")}`);
  joiner.receive(fromHex("24020001 02 34010003".replace(/ /g, "")), take);
  joiner.receive(fromHex("14010004 0400 00".replace(/ /g, "")), take);
  assert.deepEqual(seen, ["4 01020304", "4 "]);
  assert.throws(() => joiner.receive(fromHex("1101000101"), take), /another update/);
  assert.throws(() => joiner.receive(fromHex("84 20 0000".replace(/ /g, "")), take), /compression/);
});

test("damaged updates are refused, never more", () => {
  const seeds: readonly (readonly [number, Uint8Array])[] = [
    [
      FastPathUpdate.FASTPATH_UPDATETYPE_BITMAP,
      bitmaps(bitmap([0, 0, 9, 9], [10, 10], 32, 1, new Uint8Array(20))),
    ],
    [FastPathUpdate.FASTPATH_UPDATETYPE_SURFCMDS, surfaceBits(3, [80, 30], RFX)],
    [FastPathUpdate.FASTPATH_UPDATETYPE_COLOR, pointer(1, 8)],
    [FastPathUpdate.FASTPATH_UPDATETYPE_POINTER, concatBytes([fromHex("2000"), pointer(1, 8, 32)])],
    [FastPathUpdate.FASTPATH_UPDATETYPE_CACHED, fromHex("0300")],
    [FastPathUpdate.FASTPATH_UPDATETYPE_PTR_POSITION, fromHex("05000600")],
  ];
  for (const [code, seed] of seeds)
    assertWithstands(seed, (bytes) => {
      new Bench().updates.takeFastPath(code, bytes);
    });
  assertWithstands(fromHex("240200010234010003140100040400 00".replace(/ /g, "")), (bytes) =>
    new FastPathJoiner().receive(bytes, () => {}),
  );
  assertWithstands(concatBytes([fromHex("06000000"), pointer(1, 8)]), (bytes) =>
    new Bench().updates.pointers.takeSlowPath(bytes),
  );
});
