import assert from "node:assert/strict";
import { FurtherCodecs } from "@poterne/picture/further";
import { ByteWriter } from "../../packages/bytes/src/index.ts";
import { CodecStateAction, PictureDecoder, PictureWriter } from "../../packages/picture/src/index.ts";
import { seededRandom } from "../../packages/rdp/src/testing/mutate.ts";

/** A picture to encode: opaque R, G, B, A rows from the top. */
export interface TestPicture {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

function makePicture(
  name: string,
  width: number,
  height: number,
  colour: (x: number, y: number) => readonly [number, number, number],
): TestPicture {
  const rgba = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rgba.set([...colour(x, y), 255], (y * width + x) * 4);
  return { name: `${name} ${width}x${height}`, width, height, rgba };
}

/** What desktops show, small: flat, text-like, stripes, gradients, noise; sizes odd and even. */
export function testPictures(): TestPicture[] {
  const random = seededRandom(7);
  const byte = () => Math.floor(random() * 256);
  const sizes: readonly (readonly [number, number])[] = [
    [64, 64],
    [4, 4],
    [60, 33],
    [17, 9],
    [1, 1],
    [3, 130],
    [200, 80],
  ];
  return sizes.flatMap(([width, height]) => {
    const ink = [byte(), byte(), byte()] as const;
    return [
      makePicture("flat", width, height, () => ink),
      makePicture("black", width, height, () => [0, 0, 0]),
      makePicture("white", width, height, () => [255, 255, 255]),
      makePicture("text", width, height, (x, y) => ((x * 7 + y * y * 3) % 11 < 3 ? ink : [250, 250, 250])),
      makePicture("stripes", width, height, (_, y) => (y % 3 === 0 ? [0, 0, 0] : ink)),
      makePicture("dither", width, height, (x, y) => ((x + y) % 2 === 0 ? [0, 0, 0] : ink)),
      makePicture("gradient", width, height, (x, y) => [(x * 4) & 255, (y * 3) & 255, (x + y) & 255]),
      makePicture("noise", width, height, () => [byte(), byte(), byte()]),
    ];
  });
}

/** The oracle's palette: 256 times red, green, blue. */
export const testPalette: Uint8Array = Uint8Array.from({ length: 768 }, (_, index) => {
  const place = Math.floor(index / 3);
  return [(place >> 5) * 36, ((place >> 2) & 7) * 36, (place & 3) * 85][index % 3] ?? 0;
});

/** A surface on which payloads of one codec are drawn one after another; each fills all of it. */
export class DecodingCanvas {
  readonly #width: number;
  readonly #height: number;
  readonly #codec: number;
  readonly #decoder: PictureDecoder;
  #failure: Error | null = null;

  constructor(width: number, height: number, codec: number) {
    this.#width = width;
    this.#height = height;
    this.#codec = codec;
    this.#decoder = new PictureDecoder({
      further: new FurtherCodecs(),
      decodeImage: () => Promise.reject(new Error("no image is expected")),
      presented: () => {},
      cursor: () => {},
      pointerMoved: () => {},
      failed: (error) => {
        this.#failure = error;
      },
    });
    const writer = new PictureWriter();
    writer.surface(0, width, height);
    writer.codecState(CodecStateAction.palette, 0, 0, testPalette);
    this.#decoder.push(writer.finish());
  }

  /** Draws a payload; returns R, G, B, A rows from the top. Throws what the decoder reports. */
  draw(payload: Uint8Array): Uint8Array {
    const writer = new PictureWriter();
    writer.draw(0, { x: 0, y: 0, width: this.#width, height: this.#height }, this.#codec, payload);
    this.#decoder.push(writer.finish());
    if (this.#failure !== null) throw this.#failure;
    return Uint8Array.from(this.#decoder.surface()?.rgba ?? []);
  }
}

/** Decodes one bitmap that fills its surface; returns R, G, B, A rows from the top. Throws what the decoder reports. */
export function decodeAlone(
  codec: number,
  bitmap: {
    readonly width: number;
    readonly height: number;
    readonly rows: "topDown" | "bottomUp";
    readonly data: Uint8Array;
  },
): Uint8Array {
  const { width, height, rows, data } = bitmap;
  const head = new ByteWriter(5).u16le(width).u16le(height);
  const payload = head.u8(rows === "bottomUp" ? 1 : 0).put(data);
  return new DecodingCanvas(width, height, codec).draw(payload.finish());
}

/** Asserts that two pictures of this width have the same colours, and says where they differ first. */
export function assertSamePixels(
  shown: Uint8Array,
  expected: Uint8Array,
  { name, width }: { readonly name: string; readonly width: number },
): void {
  assert.equal(shown.length, expected.length, `${name}: size`);
  for (let at = 0; at < shown.length; at += 4) {
    const [mine, other] = [shown.subarray(at, at + 3), expected.subarray(at, at + 3)];
    if (mine[0] === other[0] && mine[1] === other[1] && mine[2] === other[2]) continue;
    const [x, y] = [(at / 4) % width, Math.floor(at / 4 / width)];
    assert.fail(`${name}: at ${x},${y} it is ${mine.join(" ")} and should be ${other.join(" ")}`);
  }
}
