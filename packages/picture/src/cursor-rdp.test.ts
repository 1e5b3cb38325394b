import assert from "node:assert/strict";
import { test } from "node:test";
import { DecodeError, fromHex } from "@poterne/bytes";
import { decodeCursor } from "./cursor.ts";
import { CursorKind } from "./language.ts";

/** A shape of this size as `RRGGBBAA` rows. */
function shown(width: number, height: number, bits: number, masks: { xor: string; and: string }): string[] {
  const xor = fromHex(masks.xor.replaceAll(" ", ""));
  const payload = Buffer.concat([
    Uint8Array.of(bits, xor.length & 255, xor.length >> 8, 0, 0),
    xor,
    fromHex(masks.and.replaceAll(" ", "")),
  ]);
  const shape = { op: "cursor", hotX: 0, hotY: 0, width, height, kind: CursorKind.rdp, payload } as const;
  const { rgba } = decodeCursor(shape);
  return Array.from({ length: height }, (_, row) =>
    Buffer.from(rgba.slice(row * width * 4, (row + 1) * width * 4)).toString("hex"),
  );
}

test("24 bits: rows from the bottom up, transparent where AND is set over black", () => {
  const xor = "000000 ff0000 0000ff 00ff00";
  assert.deepEqual(shown(2, 2, 24, { xor, and: "8000 0000" }), ["ff0000ff00ff00ff", "000000000000ffff"]);
});

test("what would invert the screen is a pattern of black and white", () => {
  const xor = "ffffff ffffff ffffff ffffff";
  assert.deepEqual(shown(2, 2, 24, { xor, and: "c000 c000" }), ["000000ffffffffff", "ffffffff000000ff"]);
});

test("32 bits: alpha counts where there is any, else the mask", () => {
  assert.deepEqual(shown(2, 1, 32, { xor: "0000ff80 00ff0000", and: "0000" }), ["ff00008000ff0000"]);
  assert.deepEqual(shown(2, 1, 32, { xor: "0000ff00 00000000", and: "4000" }), ["ff0000ff00000000"]);
  assert.deepEqual(shown(1, 1, 32, { xor: "0000ff00", and: "" }), ["ff0000ff"]);
});

test("32 bits: colours multiplied by alpha are shown as they were; one over its alpha tells that none is", () => {
  assert.deepEqual(shown(2, 1, 32, { xor: "00408080 00000010", and: "0000" }), ["ff80008000000010"]);
  assert.deepEqual(shown(2, 1, 32, { xor: "00408080 00001110", and: "0000" }), ["8040008011000010"]);
});

test("one bit: white, black, transparent; 16 bits; 8 bits without a palette", () => {
  assert.deepEqual(shown(3, 1, 1, { xor: "8000", and: "2000" }), ["ffffffff000000ff00000000"]);
  assert.deepEqual(shown(1, 1, 16, { xor: "00f8", and: "0000" }), ["ff0000ff"]);
  assert.deepEqual(shown(2, 1, 8, { xor: "0003", and: "0000" }), ["000000ffffffffff"]);
});

test("masks of another length, and bits no pointer has, are refused", () => {
  const wrong = (code: string) => (error: unknown) => error instanceof DecodeError && error.code === code;
  assert.throws(() => shown(2, 2, 24, { xor: "00", and: "" }), wrong("invalid"));
  assert.throws(() => shown(2, 1, 24, { xor: "000000000000", and: "00" }), wrong("invalid"));
  assert.throws(() => shown(1, 1, 15, { xor: "0000", and: "0000" }), wrong("unsupported"));
});

test("mutated shapes give a shape or a DecodeError", () => {
  const payload = Buffer.from("18060000000000ff00ff008000", "hex");
  for (let round = 0; round < 3000; round++) {
    const mutated = Buffer.from(payload.subarray(0, (round * 7) % (payload.length + 1)));
    if (mutated.length > 0) mutated[(round * 31) % mutated.length] = (round * 131) & 255;
    const shape = { hotX: 0, hotY: 0, width: 2, height: 1, kind: CursorKind.rdp, payload: mutated };
    try {
      decodeCursor({ op: "cursor", ...shape });
    } catch (error) {
      assert.ok(error instanceof DecodeError, String(error));
    }
  }
});
