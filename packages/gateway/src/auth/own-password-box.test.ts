import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { ownNameOn } from "../session/own-name.ts";
import { openUnderToken, sealUnderToken } from "./own-password-box.ts";

const environment = {
  now: () => 0,
  monotonicMs: () => 0,
  randomBytes: (count: number) => new Uint8Array(randomBytes(count)),
};
const secret = Buffer.from("œuf-Passw0rd");

test("a secret opens with its token and for what it is about, and with nothing else", () => {
  const binding = { token: "token-1", about: "sign-in/person" };
  const sealed = sealUnderToken(environment, secret, binding);
  assert.deepEqual(openUnderToken(sealed, binding), secret);
  assert.equal(openUnderToken(sealed, { ...binding, token: "token-2" }), null);
  assert.equal(openUnderToken(sealed, { ...binding, about: "sign-in/other" }), null);
  for (let at = 0; at < sealed.text.length; at++) {
    const text = Buffer.from(sealed.text);
    text[at] = (text[at] ?? 0) ^ 1;
    assert.equal(openUnderToken({ ...sealed, text }, binding), null, `byte ${at} altered`);
  }
  assert.equal(openUnderToken({ ...sealed, text: Buffer.alloc(0) }, binding), null);
});

test("sealed twice it looks different, and the text shows nothing of it", () => {
  const binding = { token: "token-1", about: "a" };
  const [one, other] = [1, 2].map(() => sealUnderToken(environment, secret, binding).text);
  assert.notDeepEqual(one, other);
  assert.ok(!one?.includes(secret));
});

test("the person's name is written as the target takes it", () => {
  const own = { login: "alice", realm: "LAB.TEST" };
  const rdp = { protocol: "rdp", options: {} } as const;
  const ssh = { protocol: "ssh", options: { kerberos: "no" } } as const;
  const tickets = { protocol: "ssh", options: { kerberos: "first" } } as const;
  assert.equal(ownNameOn(rdp, "", own), "alice@LAB.TEST");
  assert.equal(ownNameOn(ssh, "", own), "alice");
  assert.equal(ownNameOn(tickets, "", own), "alice@LAB.TEST");
  assert.equal(ownNameOn(rdp, "", { login: "alice", realm: null }), "alice");
  assert.equal(ownNameOn(rdp, "LAB\\{login}", own), "LAB\\alice");
  assert.equal(ownNameOn(ssh, "{login}.{realm}", own), "alice.LAB.TEST");
});
