import assert from "node:assert/strict";
import { test } from "node:test";
import { concatBytes, fromHex, toHex } from "@poterne/bytes";
import { assertWithstands } from "../testing/mutate.ts";
import { type DynamicChannel, DynamicChannels } from "./dynamic-channels.ts";
import { ChunkJoiner, encodeChunks } from "./static-channels.ts";

class Listener implements DynamicChannel {
  readonly seen: string[] = [];
  send: (message: Uint8Array) => void = () => {};
  opened(send: (message: Uint8Array) => void): void {
    this.send = send;
    this.seen.push("opened");
  }
  receive(message: Uint8Array): void {
    this.seen.push(toHex(message));
  }
  closed(): void {
    this.seen.push("closed");
  }
}

function open() {
  const listener = new Listener();
  const sent: string[] = [];
  const channels = new DynamicChannels(new Map([["known", listener]]), (pdu) => void sent.push(toHex(pdu)));
  return { listener, sent, channels };
}

const create = (id: string, name: string) =>
  concatBytes([fromHex(`10${id}`), new TextEncoder().encode(`${name}\0`)]);

test("a message is cut into chunks and put together again", () => {
  for (const size of [0, 1, 1600, 1601, 5000]) {
    const message = Uint8Array.from({ length: size }, (_, index) => index);
    const joiner = new ChunkJoiner();
    const chunks = encodeChunks(message);
    chunks.forEach((chunk, index) => {
      const whole = joiner.receive(chunk);
      if (index < chunks.length - 1) assert.equal(whole, null);
      else assert.deepEqual(whole?.slice(), message);
    });
  }
});

test("chunks that are compressed, too many, too long or out of turn are refused", () => {
  const receive = (hex: string) => new ChunkJoiner().receive(fromHex(hex));
  assert.throws(() => receive("04000000 03002000 00000000"), /compression/);
  assert.throws(() => receive("ffffff7f 01000000 00"), /limit/);
  assert.throws(() => receive("04000000 02000000 00"), /without its first/);
  assert.throws(() => receive("01000000 01000000 0000"), /more than/);
});

test("version 2 is answered and only known channels are opened", () => {
  const { channels, sent, listener } = open();
  channels.receive(fromHex("5000030033331111"));
  channels.receive(create("07", "unknown"));
  channels.receive(create("08", "known"));
  assert.deepEqual(sent, ["50000200", "1007250200c0", "100800000000"]);
  assert.deepEqual(listener.seen, ["opened"]);
});

test("data comes whole, in pieces and on wide ids; a closed channel is told", () => {
  const { channels, listener, sent } = open();
  channels.receive(concatBytes([fromHex("110801"), new TextEncoder().encode("known\0")]));
  channels.receive(fromHex("3108010102"));
  channels.receive(fromHex("2108010511 12".replace(" ", "")));
  channels.receive(fromHex("31080113"));
  channels.receive(fromHex("3108011415"));
  channels.receive(fromHex("410801"));
  channels.receive(fromHex("31080199"));
  assert.deepEqual(listener.seen, ["opened", "0102", "1112131415", "closed"]);
  assert.equal(sent.at(-1), "410801");
});

test("long messages to the server go out in pieces", () => {
  const { channels, listener, sent } = open();
  channels.receive(create("08", "known"));
  listener.send(new Uint8Array(10).fill(1));
  assert.equal(sent.at(-1), `3208000000${"01".repeat(10)}`);
  listener.send(new Uint8Array(4000).fill(2));
  const pieces = sent.slice(2);
  assert.match(pieces[0] ?? "", /^2a08000000a00f000002/);
  assert.ok(pieces.every((piece) => piece.length <= 3200));
  const bytes = pieces.reduce((sum, piece, index) => sum + piece.length / 2 - (index === 0 ? 9 : 5), 0);
  assert.equal(bytes, 4000);
});

test("pieces over the message's length and messages over the limit are refused", () => {
  const { channels } = open();
  channels.receive(create("08", "known"));
  assert.throws(() => channels.receive(fromHex("28 08 ffffff7f 00")), /limit/);
  channels.receive(fromHex("20 08 03 0102"));
  assert.throws(() => channels.receive(fromHex("30 08 030405")), /more than/);
});

test("damaged channel messages are refused, never more", () => {
  const seeds = ["5000030033331111", "240803000102", "30080102030405", "4008"];
  for (const seed of seeds)
    assertWithstands(concatBytes([fromHex(seed)]), (bytes) => {
      const { channels } = open();
      channels.receive(create("08", "known"));
      channels.receive(bytes);
    });
  assertWithstands(encodeChunks(new Uint8Array(20))[0] ?? new Uint8Array(0), (bytes) => {
    new ChunkJoiner().receive(bytes);
  });
});
