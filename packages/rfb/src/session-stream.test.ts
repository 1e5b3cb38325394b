import assert from "node:assert/strict";
import { test } from "node:test";
import zlib from "node:zlib";
import { ByteWriter, concatBytes, encodeUtf8 } from "@poterne/bytes";
import { decodeCommands, PictureDecoder } from "@poterne/picture";
import fc from "fast-check";
import { RfbClient } from "./client.ts";
import type { RfbCommand } from "./commands.ts";
import { Encoding } from "./protocol.ts";
import { OPEN_OPTIONS, ofType, openClient, openingBytes, rectangle, update } from "./testing/server-bytes.ts";
import { PART_COUNT } from "./update-parts.ts";

const RED = [0, 0, 255, 0];

function makeViewer(): { decoder: PictureDecoder; errors: Error[] } {
  const errors: Error[] = [];
  const decoder = new PictureDecoder({
    decodeImage: () => Promise.resolve({ width: 4, height: 4, rgba: new Uint8Array(64) }),
    presented: () => {},
    cursor: () => {},
    pointerMoved: () => {},
    failed: (error) => void errors.push(error),
  });
  return { decoder, errors };
}

/** One of everything a server may send, with a stream of Tight and of ZRLE. */
async function sampleMessages(): Promise<Record<string, Uint8Array>> {
  const deflate = (plain: Uint8Array) =>
    zlib.deflateSync(plain, { finishFlush: zlib.constants.Z_SYNC_FLUSH });
  const packed = deflate(new Uint8Array(4 * 4 * 3).fill(200));
  const tile = deflate(Uint8Array.of(1, 0, 0, 255));
  const cut = (text: string) =>
    new ByteWriter().u8(3).u8(0).u16(0).u32(text.length).put(encodeUtf8(text)).finish().slice();
  const extended = (flags: number, data: Uint8Array) =>
    new ByteWriter()
      .u8(3)
      .u8(0)
      .u16(0)
      .i32(-4 - data.length)
      .u32(flags)
      .put(data)
      .finish()
      .slice();
  const text = new ByteWriter().u32(6).put(encodeUtf8("héllo")).finish().slice();
  return {
    raw: update(rectangle([0, 0, 2, 2], Encoding.raw, [...RED, ...RED, ...RED, ...RED])),
    copyRect: update(rectangle([4, 4, 2, 2], Encoding.copyRect, [0, 0, 0, 0])),
    rre: update(rectangle([0, 0, 4, 4], Encoding.rre, [0, 0, 0, 1, ...RED, ...RED, 0, 1, 0, 1, 0, 2, 0, 2])),
    hextile: update(
      rectangle([0, 0, 20, 4], Encoding.hextile, [
        0x1a,
        ...RED,
        1,
        ...RED,
        0x11,
        0x11,
        0x0c,
        ...RED,
        1,
        0x11,
        0x11,
      ]),
    ),
    tightFill: update(rectangle([0, 0, 4, 4], Encoding.tight, [0x80, 1, 2, 3])),
    tightJpeg: update(rectangle([0, 0, 4, 4], Encoding.tight, [0x90, 2, 9, 9])),
    tightBasic: update(rectangle([0, 0, 4, 4], Encoding.tight, [0x01, packed.length, ...packed])),
    tightPalette: update(rectangle([0, 0, 4, 1], Encoding.tight, [0x40, 1, 1, 1, 2, 3, 4, 5, 6, 0xa0])),
    zrle: update(rectangle([0, 0, 4, 4], Encoding.zrle, [0, 0, 0, tile.length, ...tile])),
    cursor: update(rectangle([1, 1, 2, 1], Encoding.cursor, [...RED, ...RED, 0xc0])),
    xCursor: update(rectangle([1, 1, 2, 1], Encoding.xCursor, [1, 2, 3, 4, 5, 6, 0x40, 0xc0])),
    cursorWithAlpha: update(rectangle([1, 1, 1, 1], Encoding.cursorWithAlpha, [0, 0, 0, 0, 1, 2, 3, 4])),
    pointer: update(rectangle([5, 6, 0, 0], Encoding.pointerPosition, [])),
    desktopSize: update(rectangle([0, 0, 80, 70], Encoding.desktopSize, [])),
    layout: update(
      rectangle([0, 0, 64, 64], Encoding.extendedDesktopSize, [
        1,
        0,
        0,
        0,
        0,
        0,
        0,
        7,
        ...new Uint8Array(12),
      ]),
    ),
    lastRect: concatBytes([
      Uint8Array.of(0, 0, 255, 255),
      rectangle([0, 0, 1, 1], Encoding.raw, RED),
      rectangle([0, 0, 0, 0], Encoding.lastRect, []),
    ]),
    keys: update(rectangle([0, 0, 0, 0], Encoding.qemuExtendedKey, [])),
    leds: update(rectangle([0, 0, 0, 0], Encoding.qemuLedState, [4])),
    vmwareLeds: update(rectangle([0, 0, 0, 0], Encoding.vmwareLedState, [0, 0, 0, 2])),
    name: update(rectangle([0, 0, 0, 0], Encoding.desktopName, [0, 0, 0, 2, 0x6f, 0x6b])),
    colours: Uint8Array.of(1, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6),
    bell: Uint8Array.of(2),
    cutText: cut("bonjour"),
    caps: extended(0x1f000001, new Uint8Array(4)),
    notify: extended(0x08000001, new Uint8Array(0)),
    provide: extended(0x10000001, zlib.deflateSync(text)),
    request: extended(0x02000001, new Uint8Array(0)),
    peek: extended(0x04000000, new Uint8Array(0)),
    continuous: Uint8Array.of(150),
    fence: Uint8Array.of(248, 0, 0, 0, 0x80, 0, 0, 1, 2, 7, 7),
  };
}

/**
 * What a client says to bytes cut at places, with frames joined, so that cuts do not show. With `releaseEvery` it holds
 * updates, and what is held is released after so many pieces.
 */
function replay(
  pieces: readonly Uint8Array[],
  releaseEvery: number | null = null,
): { others: string[]; surface: number[]; errors: Error[] } {
  const shared = Buffer.alloc(Math.max(0, ...pieces.map(({ length }) => length)));
  const client = openClient();
  client.holdsUpdates = releaseEvery !== null;
  const { decoder, errors } = makeViewer();
  const others: string[] = [];
  const take = (commands: readonly RfbCommand[]) => {
    for (const command of commands) {
      if (command.type === "frame") decoder.push(command.payload);
      else others.push(JSON.stringify(command));
    }
  };
  for (const [index, piece] of pieces.entries()) {
    // As the gateway reads: into one Buffer, again and again.
    piece.forEach((value, at) => {
      shared[at] = value;
    });
    take(client.receive(shared.subarray(0, piece.length), 0));
    shared.fill(0xee);
    if (releaseEvery !== null && index % releaseEvery === 0) take(client.releaseHeld());
  }
  take(client.releaseHeld());
  return { others, surface: [...(decoder.surface()?.pixels ?? [])], errors };
}

test("every message is understood, wherever the network cuts it", async () => {
  const messages = await sampleMessages();
  for (const [name, bytes] of Object.entries(messages)) {
    const whole = replay([bytes]);
    assert.ok(!whole.others.some((command) => command.includes('"fail"')), `${name}: ${whole.others.join()}`);
    const bytewise = replay(Array.from(bytes, (byte) => Uint8Array.of(byte)));
    if (name !== "tightJpeg") assert.deepEqual(bytewise, whole, name);
  }
  const all = concatBytes(Object.values(messages).filter((_, index) => index !== 5));
  const expected = replay([all]);
  assert.deepEqual(expected.errors, []);
  fc.assert(
    fc.property(fc.array(fc.nat(all.length), { maxLength: 30 }), (cuts) => {
      const places = [0, ...cuts.sort((left, right) => left - right), all.length];
      const pieces = places.slice(1).map((place, index) => all.subarray(places[index], place));
      assert.deepEqual(replay(pieces), expected);
      assert.deepEqual(replay(pieces, 3), expected);
      assert.deepEqual(replay(pieces, 1000), expected);
    }),
    { numRuns: 100 },
  );
});

test("an update that comes in several reads is one frame where it is held, never more than its limit", () => {
  const client = openClient({}, 256, 200);
  client.holdsUpdates = true;
  const pixels = new Uint8Array(256 * 200 * 4).map((_, at) => at * 7);
  const small = update(rectangle([0, 0, 32, 16], Encoding.raw, pixels.subarray(0, 32 * 16 * 4)));
  const cut = [small.subarray(0, 5), small.subarray(5, 900), small.subarray(900)];
  const [none, part, whole] = cut.map((bytes) => ofType(client.receive(bytes, 0), "frame"));
  assert.deepEqual([none?.length, part?.length, whole?.length], [0, 0, 1]);
  assert.equal(client.isHolding, false);
  const ops = [...decodeCommands(whole?.[0]?.payload ?? new Uint8Array(0))].map(({ op }) => op);
  assert.deepEqual(ops.slice(-2), ["draw", "present"]);
  const large = update(rectangle([0, 0, 256, 200], Encoding.raw, pixels));
  let passedBytes = 0;
  for (let at = 0; at < large.length; at += 16_000) {
    const frames = ofType(client.receive(large.subarray(at, at + 16_000), 0), "frame");
    for (const { payload } of frames) {
      assert.ok(payload.length <= 72 * 1024, `${payload.length} bytes`);
      passedBytes += payload.length;
    }
    assert.ok(Math.min(at + 16_000, large.length) - passedBytes <= 72 * 1024);
  }
  assert.equal(client.isHolding, false);
  assert.ok(passedBytes >= pixels.length);
});

test("what the messages say comes out as commands", async () => {
  const messages = await sampleMessages();
  const said = (name: string) => openClient().receive(messages[name] ?? new Uint8Array(0), 0);
  assert.equal(ofType(said("bell"), "bell").length, 1);
  assert.deepEqual(ofType(said("leds"), "locks"), [{ type: "locks", locks: 4 }]);
  assert.deepEqual(ofType(said("vmwareLeds"), "locks"), [{ type: "locks", locks: 2 }]);
  assert.deepEqual(ofType(said("name"), "title"), [{ type: "title", title: "ok" }]);
  assert.deepEqual(ofType(said("cutText"), "clipboard"), [
    { type: "clipboard", text: encodeUtf8("bonjour") },
  ]);
  assert.deepEqual(ofType(said("provide"), "clipboard"), [{ type: "clipboard", text: encodeUtf8("héllo") }]);
  assert.deepEqual(ofType(said("desktopSize"), "resized"), [{ type: "resized", width: 80, height: 70 }]);
  assert.equal(ofType(said("continuous"), "continuousUpdates").length, 1);
  assert.deepEqual(ofType(said("fence"), "send"), [
    { type: "send", bytes: Uint8Array.of(248, 0, 0, 0, 0, 0, 0, 1, 2, 7, 7) },
  ]);
  // The screen's first two rows lie in its first band.
  const [updated] = ofType(said("raw"), "update");
  assert.deepEqual(
    updated?.partBytes.map((bytes) => bytes > 0),
    [true, ...new Array(PART_COUNT - 1).fill(false)],
  );
});

test("pixels are passed on as they came", async () => {
  const { tightBasic } = await sampleMessages();
  const [frame] = ofType(openClient().receive(tightBasic ?? new Uint8Array(0), 0), "frame");
  const draw = [...decodeCommands(frame?.payload ?? new Uint8Array(0))].find(
    (command) => command.op === "draw",
  );
  assert.deepEqual(draw?.op === "draw" ? draw.payload : null, tightBasic?.slice(16));
});

test("limits: names, fences, clipboards, pointers, packed rectangles", () => {
  const cases: Record<string, Uint8Array> = {
    name: update(rectangle([0, 0, 0, 0], Encoding.desktopName, [0, 1, 0, 1])),
    fence: Uint8Array.of(248, 0, 0, 0, 0, 0, 0, 0, 65),
    pointer: update(rectangle([0, 0, 257, 1], Encoding.cursor, [])),
    zrle: update(rectangle([0, 0, 4, 4], Encoding.zrle, [0x7f, 0xff, 0xff, 0xff])),
    rre: update(rectangle([0, 0, 4, 4], Encoding.rre, [0x7f, 0xff, 0xff, 0xff, ...RED])),
  };
  for (const [name, bytes] of Object.entries(cases)) {
    const client = openClient();
    const [failure] = ofType(client.receive(bytes, 0), "fail");
    assert.equal(failure?.code, "protocol-error", name);
    assert.deepEqual(client.receive(Uint8Array.of(2), 0), [], "nothing comes after a failure");
  }
  const client = openClient();
  const tooLarge = client.receive(new ByteWriter().u8(3).u8(0).u16(0).u32(5000).finish(), 0);
  assert.deepEqual(ofType(tooLarge, "clipboardTooLarge"), [{ type: "clipboardTooLarge", sizeBytes: 5000 }]);
  const after = client.receive(concatBytes([new Uint8Array(5000), Uint8Array.of(2)]), 0);
  assert.equal(ofType(after, "bell").length, 1, "the stream goes on behind it");
});

test("a thousand mutations of each message are errors at worst, within bounded memory", async () => {
  for (const [name, good] of Object.entries(await sampleMessages())) {
    const edit = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 5 }), fc.nat(good.length), (edits, cutAt) => {
        const bytes = good.slice();
        for (const [at, value] of edits) bytes[at] = value;
        const client = openClient();
        client.receive(bytes.subarray(0, cutAt), 0);
        client.receive(bytes.subarray(cutAt), 0);
        client.receive(good, 0);
        client.requestEntryPoint(0);
        assert.ok(client.historyBytes < 2 * 1024 * 1024);
      }),
      { numRuns: 1000 },
    );
    assert.ok(name !== "");
  }
});

test("a thousand mutations of the handshake are errors at worst", () => {
  const good = concatBytes(openingBytes());
  const edit = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
      const bytes = good.slice();
      for (const [at, value] of edits) bytes[at] = value;
      const client = new RfbClient(OPEN_OPTIONS);
      for (let at = 0; at < bytes.length; at += 5) client.receive(bytes.subarray(at, at + 5), 0);
    }),
    { numRuns: 2000 },
  );
});
