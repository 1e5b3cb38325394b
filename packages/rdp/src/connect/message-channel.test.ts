import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { fromHex, toHex } from "@poterne/bytes";
import { assertWithstands } from "../testing/mutate.ts";
import { MessageChannel } from "./message-channel.ts";
import { makeReconnectCookie } from "./reconnect-cookie.ts";

const at = (nowMs: number, receivedBytes = 0) => ({ nowMs, receivedBytes });
const answerOf = (channel: MessageChannel, hex: string, arrival = at(0)) => {
  const { answer } = channel.receive(fromHex(hex), arrival);
  return answer === null ? null : toHex(answer);
};

test("a round trip is answered with its number, while connecting and later", () => {
  // What FreeRDP 3.15 sends while connecting.
  assert.equal(answerOf(new MessageChannel(), "00100000060023000110"), "00200000060123000000");
  assert.equal(answerOf(new MessageChannel(), "00100000060001020100"), "00200000060101020000");
});

test("a bandwidth measure while connecting counts its payloads, a later one all that came", () => {
  const channel = new MessageChannel();
  assert.equal(answerOf(channel, "00100000060000001410", at(1000, 50)), null);
  assert.equal(answerOf(channel, "001000000800010002000400aabbccdd", at(1010, 70)), null);
  const result = answerOf(channel, "00100000080002002b000200eeff", at(1120.4, 90));
  assert.equal(result, "002000000e010200030078000000" + "06000000");
  assert.equal(answerOf(channel, "00100000060003001400", at(2000, 100)), null);
  const later = answerOf(channel, "00100000060004002904", at(2500, 70_100));
  assert.equal(later, "002000000e0104000b00f4010000" + "70110100");
  assert.equal(answerOf(channel, "00100000060005002904", at(2600, 80_000)), null, "none was begun");
});

test("results and heartbeats are told, the rest is ignored", () => {
  const eventOf = (hex: string) => new MessageChannel().receive(fromHex(hex), at(0)).event;
  const both = eventOf("001000001200" + "0700c008" + "05000000" + "e8030000" + "0a000000");
  assert.deepEqual(both, { type: "network", roundTripMs: 10, bandwidthKbits: 1000 });
  const rtt = eventOf("001000000e00" + "07004008" + "05000000" + "09000000");
  assert.deepEqual(rtt, { type: "network", roundTripMs: 9, bandwidthKbits: null });
  const bandwidth = eventOf("001000000e00" + "07008008" + "e8030000" + "09000000");
  assert.deepEqual(bandwidth, { type: "network", roundTripMs: 9, bandwidthKbits: 1000 });
  assert.deepEqual(eventOf("00400000000a0203"), { type: "heartbeat", silenceS: 30 });
  assert.equal(eventOf("0040000000000203"), null, "no period, no heartbeat");
  assert.equal(eventOf(`02000000${"00".repeat(24)}`), null, "multitransport is not offered");
  assert.equal(eventOf("001000000600070099ff"), null);
});

test("damaged messages are an error or ignored", () => {
  for (const hex of ["001000000800010002000400aabbccdd", "0010000012000700c00805000000e80300000a000000"])
    assertWithstands(fromHex(hex), (bytes) => new MessageChannel().receive(bytes, at(0)));
});

test("the cookie to come back with is HMAC-MD5 of 32 zeros under the server's random", () => {
  const hmacMd5 = (key: Uint8Array, data: Uint8Array) =>
    Uint8Array.from(createHmac("md5", key).update(data).digest());
  const random = "a8025225e24cdaf7b6d1fe2e4f7c2e46";
  const cookie = makeReconnectCookie(fromHex(`1c0000000100000002000000${random}`), { hmacMd5 });
  const proof = createHmac("md5", Buffer.from(random, "hex")).update(Buffer.alloc(32)).digest("hex");
  assert.equal(toHex(cookie), `1c0000000100000002000000${proof}`);
  assert.throws(
    () => makeReconnectCookie(fromHex(`1c0000000200000002000000${random}`), { hmacMd5 }),
    /version/,
  );
  assert.throws(() => makeReconnectCookie(fromHex("1c00000001000000"), { hmacMd5 }), /truncated/);
});
