import assert from "node:assert/strict";
import { it } from "node:test";
import { MAX_MESSAGE_BYTES, MessageGuard } from "./message-guard.ts";

/** A bind's answer, message 1, success. */
const ANSWER = Buffer.from("300c02010161070a010004000400", "hex");

it("gives whole messages, however they were cut on the way", () => {
  const twice = Buffer.concat([ANSWER, ANSWER]);
  for (let cut = 0; cut <= twice.length; cut++) {
    const guard = new MessageGuard();
    const messages = [...guard.take(twice.subarray(0, cut)), ...guard.take(twice.subarray(cut))];
    assert.deepEqual(
      messages.map((message) => message.toString("hex")),
      [ANSWER.toString("hex"), ANSWER.toString("hex")],
    );
  }
});

it("refuses lengths that lead out of their message, indefinite ones, too deep and too long ones", () => {
  const head = Buffer.alloc(6);
  head.set([0x30, 0x84]);
  head.writeUInt32BE(MAX_MESSAGE_BYTES, 2);
  const deep = Array.from({ length: 20 }).reduce<Buffer>(
    (inner) => Buffer.concat([Buffer.from([0x30, inner.length]), inner]),
    Buffer.alloc(0),
  );
  for (const bytes of [
    Buffer.from("300c02010161ff0a010004000400", "hex"),
    Buffer.from("300c02010161080a010004000400", "hex"),
    Buffer.from("3080020101", "hex"),
    Buffer.from("3003020501", "hex"),
    Buffer.from("485454502f312e31", "hex"),
    head,
    deep,
  ])
    assert.throws(
      () => new MessageGuard().take(bytes),
      /malformed|more than is taken|no LDAP message/,
      bytes.toString("hex"),
    );
});

it("never gives what is not wholly inside, in 5000 damaged messages", () => {
  let state = 42;
  const random = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  for (let round = 0; round < 5000; round++) {
    const bytes = Buffer.from(ANSWER);
    for (let count = 0; count <= random(3); count++) bytes[random(bytes.length)] = random(256);
    try {
      for (const message of new MessageGuard().take(bytes)) assert.ok(message.length <= bytes.length);
    } catch (error) {
      assert.match(String(error), /malformed|more than is taken|no LDAP message/);
    }
  }
});
