import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { ChainWriter, Codec, decodeRecordHeader, openChunk, type PlainChunk } from "@poterne/recording";
import { Channel } from "@poterne/wire";
import { ChunkSealer } from "./chunk-sealer.ts";
import { recordingCompression, recordingCrypto } from "./node-crypto.ts";

const KB = 1024;

/** A chunk of pictures that packs well, or not at all. */
function chunk(sizeBytes: number, content: "even" | "random", at: number): PlainChunk {
  const plain = content === "even" ? new Uint8Array(sizeBytes).fill(at) : randomBytes(sizeBytes);
  plain[0] = Channel.picture;
  return { flags: 0, startMs: at, endMs: at, plain: new Uint8Array(plain) };
}

test("chunks of every length come out of their seals in order, packed where that is worth it", async () => {
  const chunks = [
    chunk(300, "even", 1),
    chunk(255 * KB, "even", 3),
    chunk(400 * KB, "even", 4),
    chunk(1500 * KB, "even", 5),
    chunk(700 * KB, "random", 6),
    // What did not pack is not tried again for a while.
    chunk(300, "random", 2),
    chunk(400 * KB, "random", 7),
    chunk(1500 * KB, "random", 8),
    chunk(0, "even", 9),
    chunk(20, "random", 10),
  ].map((one) => ({ ...one, plain: one.plain.slice() }));
  const contents = chunks.map(({ plain }) => plain.slice());
  const start = randomBytes(100);
  const chain = new ChainWriter(recordingCrypto, start);
  const key = randomBytes(32);
  const sealer = new ChunkSealer(chain, key);
  const queue = [...chunks];
  const found: string[] = [];
  let [plainBytes, offset] = [0, start.length];
  while (queue.length > 0) {
    const batch = await sealer.sealSome(queue);
    plainBytes += batch.plainBytes;
    const file = Buffer.concat(batch.parts);
    offset += file.length;
    for (let at = 0; at < file.length; ) {
      const headerBytes = file.subarray(at, at + 44);
      const header = decodeRecordHeader(recordingCrypto, headerBytes);
      const body = file.subarray(at + 44, at + 44 + header.bodyBytes);
      at += 44 + header.bodyBytes;
      const tools = { crypto: recordingCrypto, compression: recordingCompression, key };
      const plain = openChunk(tools, { header, headerBytes, body });
      assert.ok(
        Buffer.from(plain).equals(contents[header.sequence] ?? Buffer.alloc(1)),
        `${header.sequence}`,
      );
      found.push(header.codec === Codec.zstd ? "packed" : "stored");
    }
  }
  assert.deepEqual(
    found.map((codec, at) => (codec === "packed" ? at : -1)).filter((at) => at >= 0),
    [0, 1, 2, 3],
  );
  assert.equal(found.length, chunks.length);
  assert.equal(chain.count, chunks.length);
  assert.equal(chain.offset, offset);
  assert.equal(
    plainBytes,
    contents.reduce((sum, { length }) => sum + length, 0),
  );
});
