import assert from "node:assert/strict";
import { test } from "node:test";
import type { DecodeError } from "@poterne/bytes";
import fc from "fast-check";
import { FurtherCodecs } from "./codecs/further-codecs.ts";
import { decodeCommands } from "./commands.ts";
import type { CursorShape } from "./cursor.ts";
import type { SurfaceDamage } from "./damage.ts";
import { type DecodedImage, PictureDecoder } from "./decoder.ts";
import { Codec, CursorKind } from "./language.ts";
import { PictureWriter } from "./writer.ts";

const RED_BGRX = Uint8Array.of(0, 0, 255, 0);
const RED = 0xff0000ff;
const BLUE = 0xffff0000;
const BLACK = 0xff000000;
const TIGHT_JPEG = Uint8Array.of(0x90, 3, 1, 2, 3);

function makeDecoder() {
  const log = {
    presented: [] as (readonly SurfaceDamage[])[],
    cursors: [] as (CursorShape | null | "default")[],
    moves: [] as number[][],
    errors: [] as DecodeError[],
    images: [] as ((image: DecodedImage | null) => void)[],
  };
  const decoder = new PictureDecoder({
    further: new FurtherCodecs(),
    decodeImage: () =>
      new Promise((resolve, reject) => {
        log.images.push((image) => (image === null ? reject(new Error("no image")) : resolve(image)));
      }),
    presented: (damage) => void log.presented.push(damage),
    cursor: (shape) => void log.cursors.push(shape),
    pointerMoved: (x, y) => void log.moves.push([x, y]),
    failed: (error) => void log.errors.push(error),
  });
  return { decoder, log };
}

const image = (pixel: number): DecodedImage => ({
  width: 1,
  height: 1,
  rgba: new Uint8Array(Uint32Array.of(pixel).buffer),
});

test("what a writer writes a decoder reads", () => {
  const writer = new PictureWriter();
  writer.surface(0, 4, 3);
  writer.draw(0, { x: 1, y: 1, width: 1, height: 1 }, Codec.raw, RED_BGRX);
  writer.copy(0, 1, 1, 1, 1, { x: 2, y: 2 });
  writer.fill(0, 0, 0, 2, 1, BLUE);
  writer.dictionary(3, Uint8Array.of(1, 2, 3), 10, 0x2aa);
  writer.reset(1);
  writer.present();
  writer.cursor({ hotX: 1, hotY: 2, width: 1, height: 1, kind: CursorKind.rgba, payload: RED_BGRX });
  writer.cursorPosition(7, 8);
  writer.cursorHide();
  writer.forget(0);
  const ops = [...decodeCommands(writer.finish())];
  assert.deepEqual(
    ops.map((command) => command.op),
    [
      "surface",
      "draw",
      "copy",
      "fill",
      "dictionary",
      "reset",
      "present",
      "cursor",
      "cursorPosition",
      "cursorHide",
      "forget",
    ],
  );
  assert.deepEqual(ops[4], {
    op: "dictionary",
    context: 3,
    bitCount: 10,
    bits: 0x2aa,
    window: Uint8Array.of(1, 2, 3),
  });
});

test("commands draw, and damage says where", () => {
  const { decoder, log } = makeDecoder();
  const writer = new PictureWriter();
  writer.surface(0, 4, 3);
  writer.present();
  writer.draw(0, { x: 1, y: 1, width: 1, height: 1 }, Codec.raw, RED_BGRX);
  writer.copy(0, 1, 1, 1, 1, { x: 2, y: 2 });
  writer.present();
  decoder.push(writer.finish());
  assert.equal(log.presented.length, 2);
  assert.equal(log.presented[0]?.[0]?.isResized, true);
  assert.deepEqual(log.presented[1]?.[0]?.rectangles, [
    { x: 1, y: 1, width: 1, height: 1 },
    { x: 2, y: 2, width: 1, height: 1 },
  ]);
  assert.equal(decoder.surface()?.pixels[2 * 4 + 2], RED);
});

test("a draw may come in pieces over several frames", () => {
  const { decoder, log } = makeDecoder();
  const writer = new PictureWriter();
  writer.surface(0, 1, 1);
  writer.beginDraw(0, 0, 0, 1, 1, Codec.raw);
  writer.put(RED_BGRX, 0, 1);
  decoder.push(writer.finish());
  writer.beginMore();
  writer.put(RED_BGRX, 1, 3);
  decoder.push(writer.finish());
  writer.cursorHide();
  decoder.push(writer.finish());
  writer.beginMore();
  writer.put(RED_BGRX, 3, 4);
  writer.endPiece(false);
  writer.present();
  decoder.push(writer.finish());
  assert.deepEqual(log.errors, []);
  assert.equal(decoder.surface()?.pixels[0], RED);
});

test("what follows an image waits for it, and images keep their order", async () => {
  const { decoder, log } = makeDecoder();
  const writer = new PictureWriter();
  const all = { x: 0, y: 0, width: 1, height: 1 };
  writer.surface(0, 2, 1);
  writer.draw(0, all, Codec.tight, TIGHT_JPEG);
  writer.copy(0, 0, 0, 1, 1, { x: 1, y: 0 });
  writer.draw(0, all, Codec.jpeg, TIGHT_JPEG);
  writer.present();
  decoder.push(writer.finish());
  assert.equal(log.images.length, 2, "both are decoded at the same time");
  log.images[1]?.(image(BLUE));
  await Promise.resolve();
  assert.equal(log.presented.length, 0);
  log.images[0]?.(image(RED));
  await decoder.idle();
  assert.deepEqual([...(decoder.surface()?.pixels ?? [])], [BLUE, RED]);
  assert.equal(log.presented.length, 1);
  assert.equal(decoder.waitingBytes, 0);
});

test("an image nobody can decode is an error, and clear begins anew", async () => {
  const { decoder, log } = makeDecoder();
  const writer = new PictureWriter();
  writer.surface(0, 1, 1);
  writer.draw(0, { x: 0, y: 0, width: 1, height: 1 }, Codec.jpeg, TIGHT_JPEG);
  decoder.push(writer.finish());
  log.images[0]?.(null);
  await decoder.idle();
  assert.equal(log.errors[0]?.structure, "JPEG");
  assert.equal(decoder.hasFailed, true);
  decoder.clear();
  writer.surface(0, 1, 1);
  writer.present();
  decoder.push(writer.finish());
  assert.equal(log.presented.length, 1);
});

test("pointer shapes become straight RGBA", () => {
  const { decoder, log } = makeDecoder();
  const writer = new PictureWriter();
  const shape = { hotX: 0, hotY: 0, width: 2, height: 1 };
  writer.cursor({
    ...shape,
    kind: CursorKind.bgrxMask,
    payload: Uint8Array.of(1, 2, 3, 0, 4, 5, 6, 0, 0x80),
  });
  writer.cursor({
    ...shape,
    kind: CursorKind.twoColour,
    payload: Uint8Array.of(9, 8, 7, 6, 5, 4, 0x40, 0xc0),
  });
  writer.cursor({
    ...shape,
    kind: CursorKind.premultipliedRgba,
    payload: Uint8Array.of(64, 0, 0, 128, 0, 0, 0, 0),
  });
  writer.cursor({ ...shape, width: 0, kind: CursorKind.rgba, payload: new Uint8Array(0) });
  writer.cursorPosition(3, 4);
  decoder.push(writer.finish());
  const shapes = log.cursors.map((cursor) =>
    cursor === null || cursor === "default" ? cursor : [...cursor.rgba],
  );
  assert.deepEqual(shapes, [
    [3, 2, 1, 255, 6, 5, 4, 0],
    [6, 5, 4, 255, 9, 8, 7, 255],
    [128, 0, 0, 128, 0, 0, 0, 0],
    null,
  ]);
  assert.deepEqual(log.moves, [[3, 4]]);
});

test("slots keep pixels and draw them again, also on another surface", () => {
  const { decoder, log } = makeDecoder();
  const writer = new PictureWriter();
  writer.surface(0, 4, 2);
  writer.surface(1, 2, 2);
  writer.solidList(1, RED, [{ x: 0, y: 0, width: 1, height: 1 }]);
  writer.solidList(1, BLUE, [
    { x: 1, y: 0, width: 1, height: 1 },
    { x: 0, y: 1, width: 1, height: 1 },
  ]);
  writer.cacheStore(4096, 1, { x: 0, y: 0, width: 2, height: 1 });
  writer.fill(1, 0, 0, 2, 2, BLUE);
  writer.cacheDraw(4096, 0, [
    { x: 0, y: 1 },
    { x: 2, y: 0 },
  ]);
  writer.cacheForget(4096);
  writer.cacheForget(4096);
  writer.present();
  decoder.push(writer.finish());
  assert.deepEqual(
    [...(decoder.surface()?.pixels ?? [])],
    [BLACK, BLACK, RED, BLUE, RED, BLUE, BLACK, BLACK],
  );
  assert.equal(log.errors.length, 0);
  writer.cacheDraw(4096, 0, [{ x: 0, y: 0 }]);
  decoder.push(writer.finish());
  assert.equal(log.errors[0]?.structure, "cache");
});

test("a mapped surface is shown on the screen at each present, where it changed", () => {
  const { decoder, log } = makeDecoder();
  const writer = new PictureWriter();
  writer.surface(0, 4, 3);
  writer.surface(1, 2, 2);
  writer.map(1, { x: 1, y: 1, width: 2, height: 2 });
  writer.fill(1, 0, 0, 2, 2, BLUE);
  writer.present();
  writer.fill(1, 1, 1, 1, 1, RED);
  writer.present();
  decoder.push(writer.finish());
  const screen = () => [...(decoder.surface()?.pixels ?? [])];
  const shown = [BLACK, BLACK, BLACK, BLACK, BLACK, BLUE, BLUE, BLACK, BLACK, BLUE, RED, BLACK];
  assert.deepEqual(screen(), shown);
  const second = log.presented[1]?.find(({ surfaceId }) => surfaceId === 0);
  assert.deepEqual(second?.rectangles, [{ x: 2, y: 2, width: 1, height: 1 }]);
  writer.map(1, null);
  writer.fill(1, 0, 0, 2, 2, RED);
  writer.present();
  decoder.push(writer.finish());
  assert.deepEqual(screen(), shown, "no longer shown");
  writer.map(1, { x: 0, y: 0, width: 4, height: 3 });
  writer.fill(1, 0, 0, 1, 1, BLUE);
  writer.present();
  decoder.push(writer.finish());
  assert.deepEqual(screen(), [BLUE, BLUE, RED, RED, BLUE, BLUE, RED, RED, RED, RED, RED, RED], "scaled");
  assert.deepEqual(log.errors, []);
});

test("what lies over the screen's edge is cut, and of two mapped surfaces the later lies above", () => {
  const { decoder, log } = makeDecoder();
  const writer = new PictureWriter();
  writer.surface(0, 3, 1);
  writer.surface(1, 3, 2);
  writer.surface(2, 1, 1);
  writer.map(1, { x: 1, y: 0, width: 3, height: 2 });
  writer.map(2, { x: 1, y: 0, width: 1, height: 1 });
  writer.fill(2, 0, 0, 1, 1, RED);
  writer.present();
  writer.fill(1, 0, 0, 3, 2, BLUE);
  writer.present();
  decoder.push(writer.finish());
  assert.deepEqual([...(decoder.surface()?.pixels ?? [])], [BLACK, RED, BLUE]);
  assert.deepEqual(log.errors, []);
});

test("surfaces that lie one over the other are composed once at a present", () => {
  const { decoder, log } = makeDecoder();
  const writer = new PictureWriter();
  writer.surface(0, 2, 2);
  for (let surface = 1; surface <= 5; surface++) {
    writer.surface(surface, 1, 1);
    writer.fill(surface, 0, 0, 1, 1, surface === 5 ? RED : BLUE);
    writer.map(surface, { x: 0, y: 0, width: 2, height: 2 });
  }
  writer.present();
  writer.fill(1, 0, 0, 1, 1, BLACK);
  writer.fill(2, 0, 0, 1, 1, BLACK);
  writer.present();
  decoder.push(writer.finish());
  assert.deepEqual([...(decoder.surface()?.pixels ?? [])], [RED, RED, RED, RED]);
  const screen = log.presented[1]?.find(({ surfaceId }) => surfaceId === 0);
  assert.deepEqual(screen?.rectangles, [{ x: 0, y: 0, width: 2, height: 2 }]);
});

test("limits: surfaces, sides, pieces, contexts, dictionaries and pointers", () => {
  const cases: ((writer: PictureWriter) => void)[] = [
    (writer) => writer.surface(0, 0, 5),
    (writer) => writer.surface(0, 16385, 1),
    (writer) => {
      writer.surface(0, 8192, 4096);
      writer.surface(1, 1, 1);
    },
    (writer) => writer.dictionary(200, new Uint8Array(4)),
    (writer) => writer.dictionary(0, new Uint8Array(32769)),
    (writer) => {
      const size = { width: 300, height: 1, kind: CursorKind.rgba };
      writer.cursor({ hotX: 0, hotY: 0, ...size, payload: new Uint8Array(1200) });
    },
    (writer) => {
      writer.surface(0, 1, 1);
      writer.beginDraw(0, 0, 0, 1, 1, Codec.raw);
      writer.put(new Uint8Array(1_048_581), 0, 1_048_581);
      writer.endPiece(true);
    },
    (writer) => {
      writer.surface(0, 4, 4);
      writer.fill(0, 2, 2, 3, 1, RED);
    },
    (writer) => writer.copy(0, 0, 0, 1, 1, { x: 0, y: 0 }),
    (writer) => {
      writer.surface(0, 1, 1);
      writer.cacheStore(4097, 0, { x: 0, y: 0, width: 1, height: 1 });
    },
    (writer) => {
      writer.surface(0, 4096, 1025);
      writer.cacheStore(1, 0, { x: 0, y: 0, width: 4096, height: 1025 });
    },
    (writer) => {
      writer.surface(0, 2, 2);
      writer.cacheStore(1, 0, { x: 1, y: 1, width: 2, height: 1 });
    },
    (writer) => writer.map(3, { x: 0, y: 0, width: 1, height: 1 }),
    (writer) => {
      writer.surface(0, 1, 1);
      writer.map(0, { x: 0, y: 0, width: 1, height: 1 });
    },
    (writer) => {
      writer.surface(0, 1, 1);
      for (let surface = 1; surface <= 33; surface++) {
        writer.surface(surface, 1, 1);
        writer.map(surface, { x: 0, y: 0, width: 1, height: 1 });
      }
    },
    (writer) => {
      writer.surface(0, 2048, 2048);
      writer.solidList(0, RED, Array(33).fill({ x: 0, y: 0, width: 2048, height: 2048 }));
    },
    (writer) => {
      writer.surface(0, 2048, 2048);
      writer.cacheStore(1, 0, { x: 0, y: 0, width: 2048, height: 2048 });
      writer.cacheDraw(1, 0, Array(33).fill({ x: 0, y: 0 }));
    },
    (writer) => writer.codecState(9),
    (writer) => writer.codecState(2, 0, 0, new Uint8Array(3)),
  ];
  for (const [index, write] of cases.entries()) {
    const { decoder, log } = makeDecoder();
    const writer = new PictureWriter();
    write(writer);
    decoder.push(writer.finish());
    assert.equal(log.errors.length, 1, `case ${index}`);
  }
});

test("mutated commands are decode errors, never a crash", () => {
  const writer = new PictureWriter();
  writer.surface(0, 16, 16);
  const tile = { x: 0, y: 0, width: 16, height: 16 };
  writer.draw(0, tile, Codec.hextile, Uint8Array.of(0x1a, 1, 2, 3, 0, 1, 9, 9, 9, 0, 0x11, 0x22));
  writer.draw(0, tile, Codec.rre, Uint8Array.of(0, 0, 0, 1, 1, 2, 3, 0, 4, 5, 6, 0, 0, 1, 0, 1, 0, 2, 0, 2));
  writer.draw(0, tile, Codec.tight, Uint8Array.of(0x80, 1, 2, 3));
  writer.draw(0, tile, Codec.trle, Uint8Array.of(1, 1, 2, 3));
  writer.surface(1, 8, 8);
  writer.map(1, { x: 2, y: 2, width: 8, height: 9 });
  writer.cacheStore(1, 0, { x: 0, y: 0, width: 4, height: 4 });
  writer.cacheDraw(1, 1, [{ x: 1, y: 2 }]);
  writer.solidList(1, RED, [{ x: 0, y: 0, width: 2, height: 2 }]);
  writer.codecState(2, 0, 0, new Uint8Array(768));
  writer.cacheForget(1);
  writer.copy(0, 0, 0, 4, 4, { x: 2, y: 2 });
  writer.cursor({ hotX: 0, hotY: 0, width: 1, height: 1, kind: 0, payload: Uint8Array.of(1, 2, 3, 4, 128) });
  writer.present();
  const good = writer.finish();
  const edit = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), fc.nat(good.length), (edits, cutAt) => {
      const bytes = good.slice();
      for (const [at, value] of edits) bytes[at] = value;
      const { decoder, log } = makeDecoder();
      decoder.push(cutAt % 3 === 0 ? bytes.subarray(0, cutAt) : bytes);
      assert.ok(log.errors.length <= 1);
    }),
    { numRuns: 1500 },
  );
});
