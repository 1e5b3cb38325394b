import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteWriter, DecodeError } from "@poterne/bytes";
import { PictureDecoder } from "../../decoder.ts";
import { Codec, CodecStateAction } from "../../language.ts";
import { Surface } from "../../surface.ts";
import { assertWithstandsDamage, seededRandom } from "../../testing/withstand.ts";
import { PictureWriter } from "../../writer.ts";
import { FurtherCodecs } from "../further-codecs.ts";
import { decodeAvcMessage } from "./messages.ts";
import { describeAvcPicture } from "./nal-units.ts";
import { joinNeighbours } from "./neighbours.ts";
import type { VideoChunk, VideoHost } from "./video-draws.ts";
import { drawYuv420, type YuvFrame } from "./yuv.ts";
import { drawYuv444 } from "./yuv444.ts";

const SIZE = { width: 32, height: 32 };
const ALL = { x: 0, y: 0, ...SIZE };
const SPS = [0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1f, 0x8c];
const IDR = [0, 0, 1, 0x65, 0x88, 0x80, 0x10, 0, 0, 0];
const DELTA = [0, 0, 1, 0x41, 0x9a, 0x80, 0x10, 0, 0, 0];

function makeFrame(fill: (plane: "y" | "u" | "v", x: number, y: number) => number): YuvFrame {
  const plane = (name: "y" | "u" | "v", side: number) =>
    Uint8Array.from({ length: side * side }, (_, at) => fill(name, at % side, Math.floor(at / side)));
  return { ...SIZE, y: plane("y", 32), u: plane("u", 16), v: plane("v", 16), yStride: 32, uvStride: 16 };
}

const grey = (value: number) => makeFrame((plane) => (plane === "y" ? value : 128));

/** [MS-RDPEGFX] 3.3.8.3.1 with the matrix as it stands there. */
function colourOf(y: number, u: number, v: number): number[] {
  return [
    256 * y + 403 * (v - 128),
    256 * y - 48 * (u - 128) - 120 * (v - 128),
    256 * y + 475 * (u - 128),
  ].map((value) => Math.max(0, Math.min(value >> 8, 255)));
}

test("YUV becomes RGB by the specification's matrix", () => {
  const random = seededRandom(1);
  const frame = makeFrame(() => Math.floor(random() * 256));
  const surface = new Surface(40, 40);
  drawYuv420(frame, surface, { x: 3, y: 5, width: 20, height: 21 });
  for (let y = 0; y < 40; y++)
    for (let x = 0; x < 40; x++) {
      const at = (y >> 1) * 16 + (x >> 1);
      const isInside = x >= 3 && x < 23 && y >= 5 && y < 26;
      const colour = [...surface.rgba.subarray((y * 40 + x) * 4, (y * 40 + x) * 4 + 4)];
      const [luma, u, v] = [frame.y[y * 32 + x], frame.u[at], frame.v[at]] as [number, number, number];
      assert.deepEqual(colour, isInside ? [...colourOf(luma, u, v), 255] : [0, 0, 0, 255]);
    }
});

/** The two frames an encoder makes of a picture in 4:4:4 ([MS-RDPEGFX] 3.3.8.3.2, 3.3.8.3.3). */
function pack(codec: number, planes: Record<"y" | "u" | "v", Uint8Array>) {
  const at = (name: "u" | "v", x: number, y: number) => planes[name][y * 32 + x] as number;
  const average = (name: "u" | "v", x: number, y: number) =>
    (at(name, 2 * x, 2 * y) +
      at(name, 2 * x + 1, 2 * y) +
      at(name, 2 * x, 2 * y + 1) +
      at(name, 2 * x + 1, 2 * y + 1)) >>
    2;
  const luma = makeFrame((plane, x, y) =>
    plane === "y" ? (planes.y[y * 32 + x] as number) : average(plane, x, y),
  );
  const first = (plane: "y" | "u" | "v", x: number, y: number) => {
    if (plane !== "y") return at(plane, 2 * x + 1, 2 * y);
    const line = y % 16;
    return at(line < 8 ? "u" : "v", x, y - line + 2 * (line % 8) + 1);
  };
  const second = (plane: "y" | "u" | "v", x: number, y: number) => {
    if (plane === "y") return at(x < 16 ? "u" : "v", 2 * (x % 16) + 1, y);
    return at(x < 8 ? "u" : "v", 4 * (x % 8) + (plane === "u" ? 0 : 2), 2 * y + 1);
  };
  return { luma, chroma: makeFrame(codec === Codec.avc444v2 ? second : first), average };
}

for (const codec of [Codec.avc444, Codec.avc444v2])
  test(`luma and chroma of codec ${codec} together are 4:4:4`, () => {
    const random = seededRandom(codec);
    const plane = () => Uint8Array.from({ length: 1024 }, () => Math.floor(random() * 256));
    const planes = { y: plane(), u: plane(), v: plane() };
    const { luma, chroma, average } = pack(codec, planes);
    const surface = new Surface(32, 32);
    drawYuv444({ luma, chroma, codec }, surface, { x: 1, y: 1, width: 30, height: 31 });
    const value = (name: "u" | "v", x: number, y: number) => {
      const exact = planes[name][y * 32 + x] as number;
      if ((x | y) % 2 === 1) return [exact];
      const mean = average(name, x / 2, y / 2);
      // What the average lost by rounding comes back up to three lower; near it the average stays.
      return [mean, exact, exact - 1, exact - 2, exact - 3].filter((one) => one >= 0);
    };
    for (let y = 1; y < 32; y++)
      for (let x = 1; x < 31; x++) {
        const colour = String([...surface.rgba.subarray((y * 32 + x) * 4, (y * 32 + x) * 4 + 3)]);
        const [us, vs] = [value("u", x, y), value("v", x, y)];
        const allowed = us.flatMap((u) =>
          vs.map((v) => String(colourOf(planes.y[y * 32 + x] as number, u, v))),
        );
        assert.ok(allowed.includes(colour), `${x},${y}: ${colour} is none of ${allowed}`);
      }
    assert.equal(surface.pixels[0], 0xff000000);
  });

function metablock(stream: readonly number[], regions: readonly (readonly number[])[]): Uint8Array {
  const writer = new ByteWriter(128).u32le(regions.length);
  for (const region of regions) for (const side of region) writer.u16le(side);
  for (const _ of regions) writer.u16le(0);
  return writer.put(Uint8Array.from(stream)).finish();
}

const picture = (stream: readonly number[], ...regions: number[][]) =>
  metablock(stream, regions.length === 0 ? [[0, 0, 32, 32]] : regions);
const key = picture([...SPS, ...IDR]);
const delta = picture(DELTA);
/** LC and length before one or two streams. */
const avc444 = (lc: number, ...parts: Uint8Array[]) => {
  const writer = new ByteWriter(512).u32le(
    ((lc << 30) | (lc === 0 ? (parts[0] as Uint8Array).length : 0)) >>> 0,
  );
  for (const part of parts) writer.put(part);
  return writer.finish();
};

test("a stream's profile and its key pictures are found", () => {
  assert.deepEqual(describeAvcPicture(Uint8Array.from([...SPS, ...IDR])), {
    isKey: true,
    codecName: "avc1.42c01f",
  });
  assert.deepEqual(describeAvcPicture(Uint8Array.from(DELTA)), { isKey: false, codecName: null });
});

/** A decoder of H.264 that answers when the test wants it to. */
class SlowVideo implements VideoHost {
  readonly asked: { surface: number; chunk: VideoChunk; answer(frame: YuvFrame | null): void }[] = [];
  readonly ended: number[] = [];
  decode(surface: number, chunk: VideoChunk): Promise<YuvFrame | null> {
    return new Promise((resolve) => this.asked.push({ surface, chunk, answer: resolve }));
  }
  end(surface: number): void {
    this.ended.push(surface);
  }
}

function start(video: VideoHost | undefined) {
  const failures: DecodeError[] = [];
  let presents = 0;
  const decoder = new PictureDecoder({
    decodeImage: () => Promise.reject(new Error("none")),
    further: new FurtherCodecs(video),
    presented: () => presents++,
    cursor: () => undefined,
    pointerMoved: () => undefined,
    failed: (error) => failures.push(error),
  });
  const push = (build: (writer: PictureWriter) => void) => {
    const writer = new PictureWriter();
    build(writer);
    decoder.push(writer.finish().slice());
  };
  push((writer) => writer.surface(0, 32, 32));
  const red = () => (decoder.surface(0)?.pixels[0] ?? 0) & 255;
  return { decoder, push, failures, presents: () => presents, red };
}

test("what follows an H.264 picture waits for it, in order", async () => {
  const video = new SlowVideo();
  const { decoder, push, red, presents, failures } = start(video);
  push((writer) => {
    writer.draw(0, ALL, Codec.avc420, key);
    writer.draw(0, ALL, Codec.avc420, delta);
    writer.fill(0, 0, 0, 1, 1, 0xff000007);
    writer.present();
  });
  assert.equal(video.asked.length, 2, "both are being decoded");
  assert.deepEqual([red(), presents()], [0, 0]);
  video.asked[1]?.answer(grey(90));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([red(), presents()], [0, 0]);
  video.asked[0]?.answer(grey(50));
  await decoder.idle();
  assert.deepEqual([red(), presents()], [7, 1]);
  assert.equal((decoder.surface(0)?.pixels[1] ?? 0) & 255, 90);
  assert.deepEqual(failures, []);
});

test("pictures before a key picture are passed over, also after the codecs began anew", async () => {
  const video = new SlowVideo();
  const { decoder, push } = start(video);
  const draw = (payload: Uint8Array) => push((writer) => writer.draw(0, ALL, Codec.avc420, payload));
  draw(delta);
  assert.equal(video.asked.length, 0);
  draw(key);
  assert.equal(video.asked.length, 1);
  push((writer) => writer.codecState(CodecStateAction.reset, 0, 0, new Uint8Array(0)));
  assert.deepEqual(video.ended, [0], "the stream ends at once, the picture asked for still comes");
  draw(delta);
  assert.equal(video.asked.length, 1);
  video.asked[0]?.answer(grey(50));
  await decoder.idle();
});

test("chroma is drawn with the last luma; luma alone is 4:2:0", async () => {
  const video = new SlowVideo();
  const { decoder, push } = start(video);
  const draw = async (payload: Uint8Array, ...frames: YuvFrame[]) => {
    const from = video.asked.length;
    push((writer) => writer.draw(0, ALL, Codec.avc444v2, payload));
    frames.forEach((frame, index) => {
      video.asked[from + index]?.answer(frame);
    });
    await decoder.idle();
    return [...(decoder.surface(0)?.rgba.subarray(33 * 4, 33 * 4 + 3) ?? [])];
  };
  const colourful = makeFrame(() => 200);
  assert.deepEqual(await draw(avc444(1, key), grey(50)), [50, 50, 50]);
  assert.deepEqual(await draw(avc444(2, delta), colourful), colourOf(50, 200, 200));
  assert.deepEqual(await draw(avc444(0, delta, delta), grey(60), colourful), colourOf(60, 200, 200));
  assert.deepEqual(
    await draw(avc444(0, delta, picture(DELTA, [0, 0, 1, 1])), grey(70), colourful),
    [70, 70, 70],
  );
});

test("without a decoder H.264 stops the picture as unsupported, in words", async () => {
  const { decoder, push, failures } = start(undefined);
  push((writer) => writer.draw(0, ALL, Codec.avc420, key));
  await decoder.idle();
  assert.deepEqual(
    failures.map(({ code, message }) => [code, /H\.264/.test(message)]),
    [["unsupported", true]],
  );
});

test("neighbouring regions become one, others stay", () => {
  const square = (x: number, y: number, width = 4) => ({ x, y, width, height: 4 });
  const squares = [square(4, 4), square(0, 0), square(8, 4, 2), square(4, 0), square(0, 4), square(8, 0, 2)];
  assert.deepEqual(joinNeighbours(squares), [{ x: 0, y: 0, width: 10, height: 8 }]);
  assert.deepEqual(joinNeighbours([square(0, 0), square(5, 0), square(0, 5)]), [
    square(0, 0),
    square(0, 5),
    square(5, 0),
  ]);
});

test("damaged messages are read or refused", () => {
  const good = avc444(0, picture([...SPS, ...IDR], [0, 0, 8, 8], [8, 8, 32, 32]), delta);
  const read = (codec: number) => (bytes: Uint8Array) =>
    decodeAvcMessage(codec, bytes).map(({ stream }) => describeAvcPicture(stream));
  assertWithstandsDamage(good, read(Codec.avc444));
  assertWithstandsDamage(key, read(Codec.avc420));
  assert.throws(() => decodeAvcMessage(Codec.avc444, avc444(3, key)), DecodeError);
});
