import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteWriter, fromHex } from "@poterne/bytes";
import { Surface } from "../../surface.ts";
import { ClearStreams } from "../../testing/clear-streams.ts";
import { assertWithstandsDamage } from "../../testing/damaged-payloads.ts";
import { randomNsStream } from "../../testing/ns-streams.ts";
import { CLEAR_CODEC_EXAMPLE } from "../../testing/spec-examples.ts";
import { InflateContexts } from "../codec.ts";
import { ClearCodec } from "./clear-codec.ts";

const [RED, GREEN, BLUE, WHITE, BLACK] = [0xff0000ff, 0xff00ff00, 0xffff0000, 0xffffffff, 0xff000000];

/** The decoder and its picture. */
class Canvas {
  readonly codec = new ClearCodec();
  readonly #surface: Surface;

  constructor(width: number, height: number) {
    this.#surface = new Surface(width, height);
  }

  /** Draws and returns the pixels row by row. */
  draw(payload: Uint8Array): number[][] {
    const { width, height } = this.#surface;
    this.codec.decode(payload, this.#surface, { x: 0, y: 0, width, height }, new InflateContexts());
    return Array.from({ length: height }, (_, row) => [
      ...this.#surface.pixels.subarray(row * width, (row + 1) * width),
    ]);
  }
}

/** A message of three layers in hexadecimal; `head` is flags, sequence number and a glyph's number. */
function message(head: string, residual = "", bands = "", subcodecs = ""): Uint8Array {
  const layers = [residual, bands, subcodecs].map((layer) => fromHex(layer));
  const writer = new ByteWriter().put(fromHex(head));
  for (const { length } of layers) writer.u32le(length);
  for (const layer of layers) writer.put(layer);
  return writer.finish();
}

test("[MS-RDPEGFX] 4.1.1.1 example 2: a part in RLEX", () => {
  const { width, height, data } = CLEAR_CODEC_EXAMPLE;
  const rows = new Canvas(width, height).draw(data);
  // The first runs are 4 and then 5 times 76 of white, each with one more and a black one: a stroke down the sixth column.
  const stroke = Array.from({ length: width }, (_, column) => (column === 5 ? BLACK : WHITE));
  for (const row of rows.slice(0, 5)) assert.deepEqual(row, stroke);
});

test("residual, bands and parts lie one over the other", () => {
  const canvas = new Canvas(3, 2);
  const band = "0000 0100 0000 0100 ff0000 0001 0000ff 0202";
  const part = "0200 0100 0100 0100 03000000 00 00ff00";
  assert.deepEqual(canvas.draw(message("00 00", "ffffff 06", band, part)), [
    [RED, BLUE, WHITE],
    [BLUE, BLUE, GREEN],
  ]);
});

test("columns sent before are drawn again, whole or their short part on another background", () => {
  const canvas = new Canvas(2, 2);
  canvas.draw(message("00 00", "ffffff 04", "0000 0000 0000 0100 ff0000 0001 0000ff"));
  const again = "0000 0100 0000 0100 00ff00 0080 0040 01";
  assert.deepEqual(canvas.draw(message("00 01", "", again)), [
    [RED, GREEN],
    [BLUE, RED],
  ]);
  // After a reset of the cursors the next column takes the first place; the second is still there.
  canvas.draw(message("04 02", "", "0000 0000 0000 0100 ff0000 0002 00ff00 00ff00"));
  assert.deepEqual(canvas.draw(message("00 03", "", "0000 0100 0000 0100 000000 0080 0180")), [
    [GREEN, GREEN],
    [GREEN, RED],
  ]);
  canvas.codec.clear();
  assert.throws(() => canvas.draw(message("00 04", "", again)), { name: "DecodeError" });
});

test("glyphs are kept as pixels in a row and drawn by number in another shape", () => {
  const canvas = new Canvas(2, 1);
  canvas.draw(message("01 00 0700", "0000ff 01 00ff00 01"));
  assert.deepEqual(canvas.draw(message("00 01", "ffffff 02")), [[WHITE, WHITE]]);
  assert.deepEqual(canvas.draw(fromHex("03 02 0700")), [[RED, GREEN]]);
  for (const hex of ["03 03 0800", "03 03 a00f", "02 03 0700", "01 03 a00f"])
    assert.throws(() => canvas.draw(fromHex(hex)), { name: "DecodeError" }, hex);
});

test("a run's length has one byte, two or four", () => {
  const shown = (hex: string) => new Canvas(300, 300).draw(message("00 00", hex)).flat();
  const first = 255 + 65535;
  const pixels = shown(`0000ff ff ff00 00ff00 ff ffff ffff0000 ff0000 ff ${toHex16(90000 - first)}`);
  assert.equal(pixels[254], RED);
  assert.equal(pixels[255], GREEN);
  assert.equal(pixels[first - 1], GREEN);
  assert.equal(pixels[first], BLUE);
});

function toHex16(value: number): string {
  return Buffer.from(Uint16Array.of(value).buffer).toString("hex");
}

test("layers that say more or less than the picture are refused", () => {
  const cases = [
    message("00 00", "ffffff 03"),
    message("00 00", "ffffff 05"),
    message("00 00", "ffffff"),
    message("00 00", "", "0000 0200 0000 0100 000000 0000 0000 0000"),
    message("00 00", "", "0000 0000 0100 0000 000000 0000"),
    message("00 00", "", "0000 0000 0000 0100 000000 0080"),
    message("00 00", "", "0000 0000 0000 0100 000000 0040 00"),
    message("00 00", "", "0000 0000 0000 0100 000000 0201 000000"),
    message("00 00", "", "", "0100 0100 0200 0100 06000000 00 000000000000"),
    message("00 00", "", "", "0000 0000 0100 0100 03000000 07 000000"),
    message("00 00", "", "", "0000 0000 0100 0100 05000000 02 01 0000ff 01"),
    message("00 00", "", "", "0000 0000 0100 0100 06000000 02 01 0000ff 01 00"),
    message("00 00", "", "", "0000 0000 0000 0000 00000000 00"),
    fromHex("00 00 ffffffff 00000000 00000000"),
  ];
  for (const [index, payload] of cases.entries())
    assert.throws(() => new Canvas(2, 2).draw(payload), { name: "DecodeError" }, `case ${index}`);
  const tall = message("00 00", "", `0000 0000 0000 3400 000000 0000`);
  assert.throws(() => new Canvas(1, 60).draw(tall), { name: "DecodeError" });
});

test("glyphs stop at their limit of memory", () => {
  const canvas = new Canvas(1024, 1024);
  for (let glyph = 0; glyph < 3; glyph++) canvas.draw(message(`01 00 0${glyph}00`));
  assert.throws(() => canvas.draw(message("01 00 0300")), { name: "DecodeError", code: "limit" });
  canvas.draw(message("01 00 0200"));
});

test("damaged ClearCodec messages are a decode error, never a crash", () => {
  const payloads = Array.from({ length: 40 }, (_, seed) => {
    const [width, height] = [4 + seed, 3 + (seed % 30)];
    const options = { colourLoss: 1 + (seed % 7), isSubsampled: seed % 2 === 0 };
    const makeNsStream = (wide: number, high: number) =>
      randomNsStream(seed, { ...options, width: wide, height: high });
    return { payload: new ClearStreams(seed).next(width, height, makeNsStream), width, height };
  });
  assertWithstandsDamage(() => new ClearCodec().decode, payloads);
});
