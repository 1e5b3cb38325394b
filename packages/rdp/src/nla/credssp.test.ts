import assert from "node:assert/strict";
import { test } from "node:test";
import { ByteReader, concatBytes, fromHex } from "@poterne/bytes";
import { encodeBer, encodeBerInteger, Tag } from "../encoding/ber.ts";
import { decodeUtf16 } from "../encoding/utf16.ts";
import { nodeCrypto } from "../testing/crypto.ts";
import { assertWithstands } from "../testing/mutate.ts";
import { CredSsp, type CredSspOptions } from "./credssp.ts";
import type { SecurityMechanism } from "./mechanism.ts";
import { decodeTsRequest, encodeTsRequest } from "./ts-request.ts";

const text = (value: string) => new TextEncoder().encode(value);
const PUBLIC_KEY = fromHex("30 0a 02 05 00 c1 c2 c3 c5 02 01 03");

/** A mechanism of one exchange that wraps by adding a byte: CredSSP itself is tested here. */
class OpenMechanism implements SecurityMechanism {
  start(): Uint8Array {
    return text("first");
  }
  step(token: Uint8Array): { token: Uint8Array; isComplete: boolean } {
    return { token: concatBytes([text("re:"), token]), isComplete: true };
  }
  wrap(message: Uint8Array): Uint8Array {
    return concatBytes([Uint8Array.of(0xee), message]);
  }
  unwrap(message: Uint8Array): Uint8Array {
    return message.subarray(1);
  }
}

function open(changes: Partial<CredSspOptions> = {}): CredSsp {
  return new CredSsp({
    mechanism: new OpenMechanism(),
    credentials: { domain: "DOM", username: "alice", password: "s3cret" },
    publicKey: PUBLIC_KEY,
    crypto: nodeCrypto,
    minimumVersion: 2,
    ...changes,
  });
}

/** Takes the exchange to the point where the server has to prove its key; gives what the client sent. */
function untilKey(credSsp: CredSsp, version: number) {
  assert.deepEqual(decodeTsRequest(credSsp.start()), { version: 6, negoToken: text("first") });
  const result = credSsp.receive(encodeTsRequest({ version, negoToken: text("challenge") }));
  assert.ok(result.type === "send");
  return decodeTsRequest(result.bytes);
}

function serverHash(nonce: Uint8Array, key: Uint8Array): Uint8Array {
  return nodeCrypto.sha256(concatBytes([text("CredSSP Server-To-Client Binding Hash\0"), nonce, key]));
}

test("version 6 binds the key by hashes, then sends the credentials", () => {
  const credSsp = open();
  const { negoToken, pubKeyAuth, clientNonce = new Uint8Array(0) } = untilKey(credSsp, 6);
  assert.deepEqual(negoToken, text("re:challenge"));
  const hash = concatBytes([text("CredSSP Client-To-Server Binding Hash\0"), clientNonce, PUBLIC_KEY]);
  assert.deepEqual(pubKeyAuth?.subarray(1), nodeCrypto.sha256(hash));
  const proof = concatBytes([Uint8Array.of(1), serverHash(clientNonce, PUBLIC_KEY)]);
  const last = credSsp.receive(encodeTsRequest({ version: 6, pubKeyAuth: proof }));
  assert.ok(last.type === "done");
  const { authInfo = new Uint8Array(0) } = decodeTsRequest(last.bytes);
  const plain = Buffer.from(authInfo);
  for (const word of ["DOM", "alice", "s3cret"]) assert.ok(plain.includes(Buffer.from(word, "utf16le")));
  assert.equal(decodeUtf16(authInfo.subarray(authInfo.length - 12)), "s3cret");
});

for (const version of [2, 3, 4])
  test(`version ${version} returns the key with its first byte plus one`, () => {
    const credSsp = open();
    const { pubKeyAuth, clientNonce } = untilKey(credSsp, version);
    assert.equal(clientNonce, undefined);
    assert.deepEqual(pubKeyAuth?.subarray(1), PUBLIC_KEY);
    const answer = concatBytes([Uint8Array.of(9), PUBLIC_KEY]);
    answer[1] = 0x31;
    assert.equal(credSsp.receive(encodeTsRequest({ version, pubKeyAuth: answer })).type, "done");
  });

test("no credential leaves when the server's proof is for another key", () => {
  const other = PUBLIC_KEY.slice().fill(7, 5, 6);
  for (const version of [4, 5, 6]) {
    const credSsp = open();
    const { clientNonce = new Uint8Array(0) } = untilKey(credSsp, version);
    const proof = concatBytes([Uint8Array.of(1), version < 5 ? other : serverHash(clientNonce, other)]);
    const result = credSsp.receive(encodeTsRequest({ version, pubKeyAuth: proof }));
    assert.ok(result.type === "fail");
    assert.equal(result.failure.code, "public-key-mismatch");
  }
});

test("a server that is too old is refused before the proof goes out", () => {
  const credSsp = open({ minimumVersion: 5 });
  credSsp.start();
  const result = credSsp.receive(encodeTsRequest({ version: 4, negoToken: text("x") }));
  assert.ok(result.type === "fail" && result.failure.code === "credssp-too-old");
});

test("error codes become reasons", () => {
  const reasons = {
    c000006d: "wrong-password",
    c0000071: "password-expired",
    c0000224: "password-expired",
    c0000072: "account-disabled",
    c0000234: "account-locked",
    c0000193: "account-expired",
    c000015b: "account-restricted",
    c007052e: "wrong-password",
    c0070773: "password-expired",
    c00700ea: "wrong-password",
  };
  for (const [status, code] of Object.entries(reasons)) {
    const credSsp = open();
    untilKey(credSsp, 6);
    const error = encodeBer(0xa4, encodeBer(Tag.integer, fromHex(status)));
    const request = encodeBer(Tag.sequence, encodeBer(0xa0, encodeBerInteger(6)), error);
    const result = credSsp.receive(request);
    assert.ok(result.type === "fail");
    assert.equal(result.failure.code, code, status);
  }
});

test("a server that never comes to an end is refused", () => {
  class Endless extends OpenMechanism {
    override step(): { token: Uint8Array; isComplete: boolean } {
      return { token: text("again"), isComplete: false };
    }
  }
  const credSsp = open({ mechanism: new Endless() });
  credSsp.start();
  const again = encodeTsRequest({ version: 6, negoToken: text("more") });
  assert.throws(() => {
    for (let count = 0; count < 20; count++) credSsp.receive(again);
  }, /no token/);
});

test("damaged requests are refused, never more", () => {
  const full = encodeTsRequest({ version: 6, negoToken: text("token"), pubKeyAuth: text("key") });
  assert.ok(new ByteReader(full, "full").remaining > 20);
  assertWithstands(full, decodeTsRequest);
});
