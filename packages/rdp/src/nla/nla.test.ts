import assert from "node:assert/strict";
import { test } from "node:test";
import { concatBytes, fromHex, toHex } from "@poterne/bytes";
import { encodeUtf16 } from "../encoding/utf16.ts";
import { nodeCrypto } from "../testing/crypto.ts";
import { assertWithstands } from "../testing/mutate.ts";
import { md4 } from "./md4.ts";
import { MessageSecurity, NtlmMechanism, ntlmV2Response, ntowfV2 } from "./ntlm.ts";
import { AvId, decodeChallenge, encodeAvPairs, MIC_OFFSET } from "./ntlm-messages.ts";
import { Rc4 } from "./rc4.ts";

const text = (value: string) => new TextEncoder().encode(value);
const CREDENTIALS = { domain: "Domain", username: "User", password: "Password" };
/** [MS-NLMP] 4.2.4.3 CHALLENGE_MESSAGE. */
const CHALLENGE = fromHex(
  `4e544c4d53535000 02000000 0c000c0038000000 33828ae2 0123456789abcdef 0000000000000000 2400240044000000
   060070170000000f 530065007200760065007200 02000c0044006f006d00610069006e00 01000c005300650072007600650072000000
   0000`,
);

test("MD4: the vectors of RFC 1320", () => {
  const vectors = {
    "": "31d6cfe0d16ae931b73c59d7e0c089c0",
    a: "bde52cb31de33e46245e05fbdbd6fb24",
    abc: "a448017aaf21d8525fc10ae87aa6729d",
    "message digest": "d9130a8164549fe818874806e1c7014b",
    abcdefghijklmnopqrstuvwxyz: "d79e1c308aa5bbcdeea8ed63df412da9",
    ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789: "043f8582f241db351ce627e153e7f0e4",
    "12345678901234567890123456789012345678901234567890123456789012345678901234567890":
      "e33b4ddc9c38f2199c3e7b164fcc0536",
  };
  for (const [message, digest] of Object.entries(vectors)) assert.equal(toHex(md4(text(message))), digest);
});

test("RC4: published vectors, in one piece or several", () => {
  const vectors = [
    ["Key", "Plaintext", "bbf316e8d940af0ad3"],
    ["Wiki", "pedia", "1021bf0420"],
    ["Secret", "Attack at dawn", "45a01f645fc35b383552544b9bf5"],
  ] as const;
  for (const [key, plain, cipher] of vectors) {
    assert.equal(toHex(new Rc4(text(key)).update(text(plain))), cipher);
    const pieces = new Rc4(text(key));
    assert.equal(
      toHex(concatBytes([...text(plain)].map((byte) => pieces.update(Uint8Array.of(byte))))),
      cipher,
    );
  }
  // RFC 6229 §2, 128-bit key, offset 0.
  const stream = new Rc4(fromHex("0102030405060708090a0b0c0d0e0f10")).update(new Uint8Array(16));
  assert.equal(toHex(stream), "9ac7cc9a609d1ef7b2932899cde41b97");
});

test("NTLMv2: the values of [MS-NLMP] 4.2.4", () => {
  const key = ntowfV2(nodeCrypto, CREDENTIALS);
  assert.equal(toHex(key), "0c868a403bfd7a93a3001ef22ef02e3f");
  const challenge = decodeChallenge(CHALLENGE);
  assert.equal(toHex(challenge.serverChallenge), "0123456789abcdef");
  const { response, sessionBaseKey } = ntlmV2Response(nodeCrypto, key, {
    serverChallenge: challenge.serverChallenge,
    clientChallenge: new Uint8Array(8).fill(0xaa),
    time: new Uint8Array(8),
    targetInfo: encodeAvPairs(challenge.targetInfo),
  });
  assert.equal(toHex(response.subarray(0, 16)), "68cd0ab851e51c96aabc927bebef6a1c");
  assert.equal(toHex(sessionBaseKey), "8de40ccadbc14a82f15cb0ad0de95ca3");
  const encrypted = new Rc4(sessionBaseKey).update(new Uint8Array(16).fill(0x55));
  assert.equal(toHex(encrypted), "c5dad2544fc9799094ce1ce90bc9d03e");
});

test("sealing: the values of [MS-NLMP] 4.2.4.4", () => {
  const security = new MessageSecurity(nodeCrypto, new Uint8Array(16).fill(0x55));
  const wrapped = toHex(security.wrap(encodeUtf16("Plaintext")));
  assert.equal(wrapped, "010000007fb38ec5c55d49760000000054e50165bf1936dc996020c1811b0f06fb5f");
});

test("an authenticate message carries MIC, target name and channel binding", () => {
  const fixed = { ...nodeCrypto, random: (size: number) => new Uint8Array(size).fill(0x55) };
  const mechanism = new NtlmMechanism({
    credentials: CREDENTIALS,
    servicePrincipalName: "TERMSRV/server",
    channelBinding: text("tls-server-end-point:hash"),
    workstation: "poterne",
    nowMs: 0,
    crypto: fixed,
  });
  const negotiate = mechanism.start();
  const { token } = mechanism.step(CHALLENGE);
  const mic = token.slice(MIC_OFFSET, MIC_OFFSET + 16);
  const without = token.slice().fill(0, MIC_OFFSET, MIC_OFFSET + 16);
  const key = new Uint8Array(16).fill(0x55);
  assert.deepEqual(mic, nodeCrypto.hmacMd5(key, concatBytes([negotiate, CHALLENGE, without])));
  const binding = fromHex("00000000000000000000000000000000 19000000");
  const hash = toHex(nodeCrypto.md5(concatBytes([binding, text("tls-server-end-point:hash")])));
  assert.ok(toHex(token).includes(`0a001000${hash}`));
  assert.ok(toHex(token).includes(toHex(encodeUtf16("TERMSRV/server"))));
  assert.ok(toHex(token).includes("0600040002000000"), "MsvAvFlags says that a MIC is there");
  assert.throws(() => mechanism.step(CHALLENGE), /a second one/);
});

test("the names of this client stand instead of what the server sent of them", () => {
  const pairs = [{ id: AvId.MsvAvTargetName, value: text("lie!") }];
  const challenge = concatBytes([CHALLENGE.subarray(0, 40), fromHex("0c000c0038000000 0000000000000000")]);
  const message = concatBytes([challenge, encodeAvPairs(pairs)]);
  const mechanism = new NtlmMechanism({
    credentials: CREDENTIALS,
    servicePrincipalName: "TERMSRV/x",
    channelBinding: null,
    workstation: "",
    nowMs: 1,
    crypto: nodeCrypto,
  });
  mechanism.start();
  assert.ok(!toHex(mechanism.step(message).token).includes(toHex(text("lie!"))));
});

test("a message whose signature is wrong is refused", () => {
  const key = new Uint8Array(16).fill(1);
  assert.throws(() => new MessageSecurity(nodeCrypto, key).unwrap(new Uint8Array(40)), /signature/);
  assert.throws(() => new MessageSecurity(nodeCrypto, key).unwrap(new Uint8Array(3)), /truncated/);
});

test("a challenge without sealing or key exchange is refused", () => {
  const weak = CHALLENGE.slice();
  weak[20] = 0x03;
  const mechanism = new NtlmMechanism({
    credentials: CREDENTIALS,
    servicePrincipalName: "",
    channelBinding: null,
    workstation: "",
    nowMs: 0,
    crypto: nodeCrypto,
  });
  mechanism.start();
  assert.throws(() => mechanism.step(weak), /flags too weak/);
});

test("damaged challenges are refused, never more", () => {
  assertWithstands(CHALLENGE, decodeChallenge);
});
