import assert from "node:assert/strict";
import { test } from "node:test";
import zlib from "node:zlib";
import { DecodeError } from "@poterne/bytes";
import fc from "fast-check";
import { Inflater } from "./inflate.ts";

const LIMIT = 64 * 1024 * 1024;

/** Deflates pieces through one stream, flushing after each; returns the packed pieces. */
async function packPieces(
  pieces: readonly Uint8Array[],
  options: zlib.ZlibOptions = {},
): Promise<Uint8Array[]> {
  const stream = zlib.createDeflate(options);
  const packed: Uint8Array[] = [];
  for (const piece of pieces) {
    const chunks: Buffer[] = [];
    const onData = (chunk: Buffer): void => void chunks.push(chunk);
    stream.on("data", onData);
    stream.write(piece);
    await new Promise<void>((resolve) => stream.flush(options.flush ?? zlib.constants.Z_SYNC_FLUSH, resolve));
    stream.off("data", onData);
    packed.push(Buffer.concat(chunks));
  }
  return packed;
}

function textPiece(seed: number, size: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: size }, (_, index) => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return index % 7 === 0 ? (state >> 16) & 255 : 97 + ((state >> 20) & 7);
  });
}

test("a stream flushed piece by piece inflates piece by piece, at every level and strategy", async () => {
  const sizes = [1, 5, 3000, 40000, 70000, 12, 100000];
  const pieces = sizes.map((size, index) => textPiece(index + 1, size));
  for (const options of [
    { level: 0 },
    { level: 1 },
    { level: 6 },
    { level: 9 },
    { strategy: zlib.constants.Z_HUFFMAN_ONLY },
    { strategy: zlib.constants.Z_RLE },
    { strategy: zlib.constants.Z_FIXED },
    { flush: zlib.constants.Z_PARTIAL_FLUSH },
  ]) {
    const inflater = new Inflater();
    const packed = await packPieces(pieces, options);
    packed.forEach((input, index) => {
      const piece = pieces[index] ?? new Uint8Array();
      assert.deepEqual(
        Buffer.from(inflater.inflate(input, piece.length)),
        Buffer.from(piece),
        JSON.stringify(options),
      );
    });
  }
});

test("an inflater given the last 32 kB goes on in mid-stream, aligned or not", async () => {
  const pieces = Array.from({ length: 12 }, (_, index) => textPiece(index % 3, 9000 + index));
  for (const flush of [zlib.constants.Z_SYNC_FLUSH, zlib.constants.Z_PARTIAL_FLUSH]) {
    const packed = await packPieces(pieces, { flush });
    const first = new Inflater();
    for (let index = 0; index < 6; index++) first.inflate(packed[index] ?? new Uint8Array(), LIMIT);
    const position = first.position();
    assert.ok(position !== null && !position.isFresh);
    const second = new Inflater();
    second.setDictionary(first.window(), position.bitCount, position.bits);
    for (let index = 6; index < 12; index++)
      assert.deepEqual(
        Buffer.from(second.inflate(packed[index] ?? new Uint8Array(), LIMIT)),
        Buffer.from(pieces[index] ?? new Uint8Array()),
      );
  }
});

test("input may be cut anywhere", () => {
  const plain = textPiece(9, 50000);
  const packed = zlib.deflateSync(plain);
  fc.assert(
    fc.property(fc.array(fc.nat(packed.length), { maxLength: 20 }), (cuts) => {
      const inflater = new Inflater();
      const places = [0, ...cuts.sort((a, b) => a - b), packed.length];
      const parts: Buffer[] = [];
      for (let index = 1; index < places.length; index++)
        parts.push(Buffer.from(inflater.inflate(packed.subarray(places[index - 1], places[index]), LIMIT)));
      assert.ok(Buffer.concat(parts).equals(plain));
    }),
    { numRuns: 200 },
  );
});

test("more output than allowed is refused before memory is taken", () => {
  const bomb = zlib.deflateSync(Buffer.alloc(50_000_000));
  assert.throws(
    () => new Inflater().inflate(bomb, 100_000),
    (error) => error instanceof DecodeError && error.code === "limit",
  );
});

test("what is no deflate stream is a decode error, never a crash or a hang", () => {
  const packed = zlib.deflateSync(textPiece(3, 3000));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(packed.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      (edits) => {
        const broken = Buffer.from(packed);
        for (const [at, value] of edits) broken[at] = value;
        try {
          new Inflater().inflate(broken, 1_000_000);
        } catch (error) {
          assert.ok(error instanceof DecodeError);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
