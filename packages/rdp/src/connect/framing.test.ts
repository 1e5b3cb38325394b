import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex } from "@poterne/bytes";
import { Framer } from "./framing.ts";

/** As Node's `Buffer`: a `slice` of it is a view. */
class View extends Uint8Array {
  override slice(start?: number, end?: number): View {
    return this.subarray(start, end) as View;
  }
}

test("a packet's slices are copies, whatever class of bytes came: what is kept may be given back", () => {
  const bytes = new View(fromHex("0300000b06d00000123400"));
  const framer = new Framer();
  framer.push(bytes);
  const packet = framer.next("pdu");
  assert.ok(packet !== null);
  const copy = packet.bytes.slice();
  copy.buffer.transfer(0);
  assert.equal(bytes.length, 11);
  assert.equal(bytes[8], 0x12);
});
