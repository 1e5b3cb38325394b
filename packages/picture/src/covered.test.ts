import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FurtherCodecs } from "./codecs/further-codecs.ts";
import { decodeCommands } from "./commands.ts";
import { leaveOutCovered, leaveOutPointers } from "./covered.ts";
import { type DecodedImage, PictureDecoder } from "./decoder.ts";
import { Codec } from "./language.ts";
import { PictureWriter } from "./writer.ts";

const WIDTH = 60;
const HEIGHT = 24;

type Drawing =
  | {
      readonly op: "jpeg" | "pieces" | "raw" | "fill";
      readonly at: readonly [number, number, number, number];
    }
  | {
      readonly op: "copy";
      readonly at: readonly [number, number, number, number];
      readonly to: readonly [number, number];
    }
  | { readonly op: "present" };

function cutAll(payloads: readonly Uint8Array[]): readonly Uint8Array[] {
  const steps = leaveOutCovered(payloads);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** What a viewer shows at the end; an image is one colour that its three bytes name. */
async function show(
  payloads: readonly Uint8Array[],
): Promise<{ rgba: number[]; images: number; presents: number }> {
  let [images, presents] = [0, 0];
  const errors: Error[] = [];
  const sizes: [number, number][] = [];
  for (const payload of payloads)
    for (const command of decodeCommands(payload))
      if (command.op === "draw" && command.codec === Codec.jpeg)
        sizes.push([command.rectangle.width, command.rectangle.height]);
  const decoder = new PictureDecoder({
    further: new FurtherCodecs(),
    decodeImage: async (bytes): Promise<DecodedImage> => {
      const [width, height] = sizes[images++] ?? [0, 0];
      const pixel = [...bytes.subarray(0, 3), 255];
      return {
        width,
        height,
        rgba: Uint8Array.from({ length: width * height * 4 }, (_, at) => pixel[at % 4] ?? 0),
      };
    },
    presented: () => void presents++,
    cursor: () => {},
    pointerMoved: () => {},
    failed: (error) => void errors.push(error),
  });
  for (const payload of payloads) decoder.push(payload);
  await decoder.idle();
  assert.deepEqual(errors, []);
  return { rgba: [...(decoder.surface()?.rgba ?? [])], images, presents };
}

function write(drawings: readonly Drawing[], hasScreen = true): Uint8Array[] {
  return drawings.map((drawing, index) => {
    const writer = new PictureWriter();
    if (index === 0 && hasScreen) writer.surface(0, WIDTH, HEIGHT);
    const colour = Uint8Array.of(index & 255, index >> 8, 77);
    if (drawing.op === "present") writer.present();
    else {
      const [x, y, width, height] = drawing.at;
      if (drawing.op === "copy") writer.copy(0, x, y, width, height, { x: drawing.to[0], y: drawing.to[1] });
      else if (drawing.op === "jpeg") writer.draw(0, { x, y, width, height }, Codec.jpeg, colour);
      else if (drawing.op === "fill") writer.fill(0, x, y, width, height, 0xff000000 + index);
      else if (drawing.op === "raw")
        writer.draw(
          0,
          { x, y, width, height },
          Codec.raw,
          new Uint8Array(width * height * 4).fill(index & 255),
        );
      else {
        writer.beginDraw(0, x, y, width, height, Codec.jpeg);
        writer.put(colour, 0, 1);
        writer.endPiece(true);
        writer.beginMore();
        writer.put(colour, 1, 3);
        writer.endPiece(false);
      }
    }
    return writer.finish().slice();
  });
}

const span = (size: number) =>
  fc.tuple(fc.nat(size - 1), fc.nat(size - 1)).map(([one, other]) => {
    const start = Math.min(one, other);
    return [start, Math.max(one, other) - start + 1] as const;
  });
const place = fc
  .tuple(span(WIDTH), span(HEIGHT))
  .map(([[x, width], [y, height]]) => [x, y, width, height] as const);
const drawing: fc.Arbitrary<Drawing> = fc.oneof(
  fc.record({
    op: fc.constantFrom("jpeg" as const, "pieces" as const, "raw" as const, "fill" as const),
    at: place,
  }),
  fc.tuple(place, fc.nat(), fc.nat(), fc.boolean()).map(([at, toX, toY, isVertical]) => {
    const to = [isVertical ? at[0] : toX % (WIDTH - at[2] + 1), toY % (HEIGHT - at[3] + 1)] as const;
    return { op: "copy" as const, at, to };
  }),
  fc.constant({ op: "present" as const }),
);

test("whatever is drawn and copied, the picture at the end is the same", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(drawing, { maxLength: 40 }), async (drawings) => {
      const payloads = write([...drawings, { op: "present" }]);
      const [all, needed] = [await show(payloads), await show(cutAll(payloads))];
      assert.deepEqual(needed.rgba, all.rgba);
      assert.equal(needed.presents, all.presents > 0 ? 1 : 0);
    }),
    { numRuns: 300 },
  );
});

test("of pictures drawn one over the other only the last is left, also where they were scrolled before", async () => {
  const drawings: Drawing[] = [];
  for (let turn = 0; turn < 40; turn++) {
    drawings.push({ op: "copy", at: [0, 3, WIDTH, HEIGHT - 3], to: [0, 0] });
    drawings.push({ op: turn % 2 === 0 ? "jpeg" : "pieces", at: [0, HEIGHT - 3, WIDTH, 3] });
    drawings.push({ op: "present" });
  }
  const payloads = write(drawings);
  const cut = cutAll(payloads);
  const needed = await show(cut);
  assert.equal(needed.images, HEIGHT / 3);
  const copies = cut.flatMap((payload) => [...decodeCommands(payload)]).filter(({ op }) => op === "copy");
  assert.equal(copies.length, HEIGHT / 3 - 1);
  assert.deepEqual(needed.rgba, (await show(payloads)).rgba);
});

test("an image that began and has not ended is kept for its end", () => {
  const writer = new PictureWriter();
  writer.beginDraw(0, 0, 0, WIDTH, HEIGHT, Codec.jpeg);
  writer.put(Uint8Array.of(1), 0, 1);
  writer.endPiece(true);
  const payloads = [...write([{ op: "raw", at: [0, 0, WIDTH, HEIGHT] }]), writer.finish().slice()];
  assert.deepEqual(cutAll(payloads), payloads);
});

test("a Tight image that resets a stream is kept; one on an unknown screen, and what is not the language, too", () => {
  const writer = new PictureWriter();
  writer.surface(0, 1, 1);
  for (const control of [0x91, 0x90]) {
    writer.draw(0, { x: 0, y: 0, width: 1, height: 1 }, Codec.tight, Uint8Array.of(control, 1, 0));
    writer.draw(0, { x: 0, y: 0, width: 1, height: 1 }, Codec.raw, Uint8Array.of(1, 2, 3, 4));
  }
  writer.present();
  const [kept] = cutAll([writer.finish().slice()]);
  const draws = [...decodeCommands(kept ?? Uint8Array.of())].filter(({ op }) => op === "draw");
  assert.deepEqual(
    draws.map((draw) => draw.op === "draw" && [draw.codec, draw.payload[0]]),
    [
      [Codec.tight, 0x91],
      [Codec.raw, 1],
    ],
  );
  const covered: Drawing = { op: "jpeg", at: [0, 0, WIDTH, HEIGHT] };
  const unknown = write([covered, covered], false);
  assert.deepEqual(cutAll(unknown), unknown);
  const broken = [Uint8Array.of(99, 1, 2)];
  assert.deepEqual(cutAll(broken), broken);
});

test("nothing is left out before the screen had another size", () => {
  const writer = new PictureWriter();
  writer.surface(0, WIDTH - 1, HEIGHT);
  const drawn = write([{ op: "jpeg", at: [0, 0, 5, 5] }]);
  const payloads = [...drawn, writer.finish().slice(), ...write([{ op: "raw", at: [0, 0, WIDTH, HEIGHT] }])];
  assert.deepEqual(cutAll(payloads), payloads);
});

test("of a pointer the last shape and the last place are left", () => {
  const payloads = Array.from({ length: 3 }, (_, turn) => {
    const writer = new PictureWriter();
    writer.cursorPosition(turn, 1);
    writer.cursorHide();
    if (turn < 2) writer.cursorDefault();
    if (turn === 0) writer.cursorPosition(9, 9);
    return writer.finish().slice();
  });
  const left = leaveOutPointers(payloads).map((payload) => [...decodeCommands(payload)]);
  assert.deepEqual(left, [[], [], [{ op: "cursorPosition", x: 2, y: 1 }, { op: "cursorHide" }]]);
  const broken = [Uint8Array.of(99), payloads[0] as Uint8Array];
  assert.deepEqual(leaveOutPointers(broken), broken);
});
