import assert from "node:assert/strict";
import { test } from "node:test";
import zlib from "node:zlib";
import { decodeCommands, Inflater, PictureWriter } from "@poterne/picture";
import { MAX_PENDING_BYTES, ZlibHistory } from "./zlib-history.ts";

/** Rectangles' worth of pixels through one zlib stream. */
async function packAll(count: number, flush: number): Promise<{ plain: Buffer; packed: Buffer }[]> {
  const stream = zlib.createDeflate({ level: 6 });
  const parts: { plain: Buffer; packed: Buffer }[] = [];
  let state = 1;
  for (let index = 0; index < count; index++) {
    const plain = Buffer.alloc(20_000);
    for (let at = 0; at < plain.length; at++) {
      state = (state * 1103515245 + 12345) & 0x7fffffff;
      plain[at] = at % 5 === 0 ? state >> 16 : (index + at) & 31;
    }
    const chunks: Buffer[] = [];
    const onData = (chunk: Buffer) => void chunks.push(chunk);
    stream.on("data", onData).write(plain);
    await new Promise<void>((resolve) => stream.flush(flush, resolve));
    stream.off("data", onData);
    parts.push({ plain, packed: Buffer.concat(chunks) });
  }
  return parts;
}

/** An inflater that starts where the history says context 2 stands. */
function joinAt(history: ZlibHistory): Inflater {
  const writer = new PictureWriter();
  history.write(writer);
  const inflater = new Inflater();
  for (const command of decodeCommands(writer.finish()))
    if (command.op === "dictionary" && command.context === 2)
      inflater.setDictionary(command.window, command.bitCount, command.bits);
  return inflater;
}

for (const [name, flush] of Object.entries({
  "synchronous flushes": zlib.constants.Z_SYNC_FLUSH,
  "partial flushes": zlib.constants.Z_PARTIAL_FLUSH,
}))
  test(`a viewer can start after any rectangle of a stream with ${name}`, async () => {
    const parts = await packAll(60, flush);
    const history = new ZlibHistory();
    for (const [index, { plain, packed }] of parts.entries()) {
      if (index % 7 === 0) {
        const late = joinAt(history);
        for (const next of parts.slice(index, index + 5))
          assert.ok(
            Buffer.from(late.inflate(next.packed, 20_000)).equals(next.plain),
            `from rectangle ${index}`,
          );
      }
      history.append(2, packed, 0, packed.length);
      history.endRectangle(2, plain.length);
      assert.ok(history.heldBytes < 4 * MAX_PENDING_BYTES);
    }
  });

test("a reset forgets without inflating, and unused streams begin anew", async () => {
  let batches = 0;
  const history = new ZlibHistory(() => {
    batches++;
    return new Uint8Array(0);
  });
  const [part] = await packAll(1, zlib.constants.Z_SYNC_FLUSH);
  assert.ok(part !== undefined);
  history.append(0, part.packed, 0, part.packed.length);
  history.endRectangle(0, 20_000);
  history.reset(0);
  const writer = new PictureWriter();
  history.write(writer);
  assert.equal(batches, 0);
  const ops = [...decodeCommands(writer.finish())].map((command) => command.op);
  assert.deepEqual(ops, ["reset", "reset", "reset", "reset", "reset"]);
});
