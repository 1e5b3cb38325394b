import assert from "node:assert/strict";
import { DecodeError } from "@poterne/bytes";
import fc from "fast-check";
import { type DecodeRectangle, InflateContexts } from "../codecs/codec.ts";
import { Surface } from "../surface.ts";

/** The surface around a drawn rectangle: pixels here may never change. */
const MARGIN_PX = 3;
const MARGIN_PIXEL = 0xff123456;

/**
 * Decodes damaged versions of good payloads, 1500 in all: each draws inside its rectangle or is a `DecodeError`.
 * `makeDecoder` gives the decoder for one input, with what it remembers as new.
 */
export function assertWithstandsDamage(
  makeDecoder: () => DecodeRectangle,
  payloads: readonly { readonly payload: Uint8Array; readonly width: number; readonly height: number }[],
): void {
  const edit = fc.tuple(fc.nat(), fc.nat(255));
  let refused = 0;
  fc.assert(
    fc.property(
      fc.nat(payloads.length - 1),
      fc.array(edit, { minLength: 1, maxLength: 6 }),
      fc.nat(),
      (which, edits, cutAt) => {
        const good = payloads[which];
        if (good === undefined) return;
        const bytes = good.payload.slice();
        // Every other edit hits the first bytes: that is where sizes and kinds stand.
        edits.forEach(([at, value], index) => {
          bytes[at % (index % 2 === 0 ? Math.min(24, bytes.length) : bytes.length)] = value;
        });
        const damaged = cutAt % 4 === 0 ? bytes.subarray(0, cutAt % bytes.length) : bytes;
        if (!drawsInside(makeDecoder(), damaged, good)) refused++;
      },
    ),
    { numRuns: 1500 },
  );
  assert.ok(refused > 0, "nothing was refused");
}

/** False when the payload was refused; fails when anything outside its rectangle changed. */
function drawsInside(
  decode: DecodeRectangle,
  payload: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): boolean {
  const surface = new Surface(width + 2 * MARGIN_PX, height + 2 * MARGIN_PX);
  surface.fill(0, 0, surface.width, surface.height, MARGIN_PIXEL);
  const { pixels } = surface;
  let isGood = true;
  try {
    decode(payload, surface, { x: MARGIN_PX, y: MARGIN_PX, width, height }, new InflateContexts());
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    isGood = false;
  }
  assert.equal(surface.pixels, pixels, "the surface has other memory");
  surface.fill(MARGIN_PX, MARGIN_PX, width, height, MARGIN_PIXEL);
  assert.ok(
    pixels.every((pixel) => pixel === MARGIN_PIXEL),
    "drawn outside the rectangle",
  );
  return isGood;
}
