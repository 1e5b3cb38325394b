import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { test } from "node:test";
import { ByteWriter, concatBytes, encodeUtf8, fromHex, toHex } from "@poterne/bytes";
import type { RfbCommand } from "./commands.ts";
import { cleanText, Handshake, type HandshakeOptions } from "./handshake.ts";
import { SecurityType } from "./protocol.ts";
import { answerVncChallenge, chooseSecurity } from "./security.ts";
import { serverInit } from "./testing/server-bytes.ts";

function encryptDes(key: Uint8Array, blocks: Uint8Array): Uint8Array {
  const cipher = createCipheriv("des-ede3-ecb", Buffer.concat([key, key, key]), null).setAutoPadding(false);
  return Buffer.concat([cipher.update(blocks), cipher.final()]);
}

const OPTIONS: HandshakeOptions = {
  security: { minimum: "none", hasUsername: false },
  maxVersion: "3.8",
  isShared: true,
  encryptDes,
};

function text(reason: string): Uint8Array {
  const bytes = encodeUtf8(reason);
  return new ByteWriter().u32(bytes.length).put(bytes).finish();
}

const u32 = (...values: number[]): Uint8Array => {
  const writer = new ByteWriter();
  for (const value of values) writer.u32(value);
  return writer.finish();
};

/** Runs a handshake: what the server says, or what the host does. */
function run(
  steps: readonly (string | Uint8Array | ((handshake: Handshake) => RfbCommand[]))[],
  changes: Partial<HandshakeOptions> = {},
): { commands: RfbCommand[]; sent: string } {
  const handshake = new Handshake({ ...OPTIONS, ...changes });
  const commands: RfbCommand[] = [];
  for (const step of steps) {
    if (typeof step === "function") commands.push(...step(handshake));
    else commands.push(...handshake.receive(typeof step === "string" ? encodeUtf8(step) : step));
  }
  const sent = commands.flatMap((command) => (command.type === "send" ? [toHex(command.bytes)] : []));
  return { commands: commands.filter((command) => command.type !== "send"), sent: sent.join(" ") };
}

const HELLO_38 = toHex(encodeUtf8("RFB 003.008\n"));
const HELLO_33 = toHex(encodeUtf8("RFB 003.003\n"));
const OPEN = { type: "open", width: 64, height: 48, name: "desk" } as const;

test("3.8 without a password", () => {
  const { commands, sent } = run(["RFB 003.008\n", Uint8Array.of(1, 1), u32(0), serverInit(64, 48)]);
  assert.deepEqual(commands, [OPEN]);
  assert.equal(sent, `${HELLO_38} 01 01`);
});

test("3.7 and 3.3 have no result without a password, and 3.3 no choice", () => {
  const older = run(["RFB 003.007\n", Uint8Array.of(1, 1), serverInit(64, 48)]);
  assert.deepEqual(older.commands, [OPEN]);
  const oldest = run(["RFB 003.003\n", u32(1), serverInit(64, 48)], { isShared: false });
  assert.deepEqual(oldest.commands, [OPEN]);
  assert.equal(oldest.sent, `${HELLO_33} 00`);
  assert.ok(run(["RFB 003.005\n"]).sent.startsWith(HELLO_33), "unknown versions are 3.3");
  assert.ok(run(["RFB 003.889\n"]).sent.startsWith(HELLO_38), "Apple's is 3.8");
});

test("VNC authentication encrypts the challenge under the reversed password", () => {
  // The key of "password" is its bytes with their bits reversed; one DES block of zeros under it, by OpenSSL.
  const key = fromHex("0e86ceceeef64e26");
  const challenge = new Uint8Array(16);
  assert.deepEqual(
    Buffer.from(answerVncChallenge(encodeUtf8("password and more"), challenge, encryptDes)),
    Buffer.from(encryptDes(key, challenge)),
  );
  const { commands, sent } = run([
    "RFB 003.008\n",
    Uint8Array.of(1, 2),
    challenge,
    (handshake) => handshake.authenticate("", "password"),
    u32(0),
    serverInit(64, 48),
  ]);
  assert.deepEqual(commands, [{ type: "credentials", needsUsername: false }, OPEN]);
  assert.ok(sent.includes(toHex(encryptDes(key, challenge))));
});

test("VeNCrypt: version, subtype, TLS, then name and password", () => {
  const { commands, sent } = run(
    [
      "RFB 003.008\n",
      Uint8Array.of(2, 19, 2),
      Uint8Array.of(0, 2),
      Uint8Array.of(0),
      concatBytes([Uint8Array.of(3), u32(258, 262, 259)]),
      Uint8Array.of(1),
      (handshake) => handshake.tlsStarted(),
      (handshake) => handshake.authenticate("é", "pw"),
      u32(0),
      serverInit(64, 48),
    ],
    { security: { minimum: "tls", hasUsername: true } },
  );
  assert.deepEqual(commands, [
    { type: "startTls", isAnonymous: false },
    { type: "credentials", needsUsername: true },
    OPEN,
  ]);
  assert.equal(sent, `${HELLO_38} 13 0002 00000106 0000000200000002c3a97077 01`);
});

test("bytes before TLS are refused: they could not be trusted behind it", () => {
  const { commands } = run([
    "RFB 003.008\n",
    Uint8Array.of(1, 19),
    Uint8Array.of(0, 2, 0),
    concatBytes([Uint8Array.of(1), u32(257), Uint8Array.of(1, 0, 0, 0, 0)]),
  ]);
  assert.equal(commands.at(-1)?.type, "fail");
});

test("failures say what happened", () => {
  const codeOf = (...steps: Parameters<typeof run>[0][number][]) => {
    const last = run(steps).commands.at(-1);
    return last?.type === "fail" ? [last.code, last.detail] : null;
  };
  const challenge = [
    Uint8Array.of(1, 2),
    new Uint8Array(16),
    (handshake: Handshake) => handshake.authenticate("", "x"),
  ] as const;
  assert.deepEqual(codeOf("SSH-2.0-x\r\n"), ["not-rfb", ""]);
  assert.deepEqual(codeOf("RFB 002.000\n"), ["not-rfb", ""]);
  assert.deepEqual(codeOf("RFB 003.008\n", Uint8Array.of(1, 77)), ["no-common-security", "77"]);
  assert.deepEqual(codeOf("RFB 003.008\n", Uint8Array.of(0), text("busy\n")), ["refused", "busy"]);
  assert.deepEqual(codeOf("RFB 003.003\n", u32(0), text("Too many security failures")), [
    "too-many-attempts",
    "Too many security failures",
  ]);
  assert.deepEqual(codeOf("RFB 003.008\n", ...challenge, u32(1), text("no")), ["wrong-password", "no"]);
  assert.deepEqual(codeOf("RFB 003.007\n", ...challenge, u32(1)), ["wrong-password", ""]);
  assert.deepEqual(codeOf("RFB 003.008\n", ...challenge, u32(2)), ["too-many-attempts", ""]);
  assert.equal(codeOf("RFB 003.008\n", Uint8Array.of(0), u32(70_000))?.[0], "protocol-error");
});

test("the strongest type that is acceptable is chosen", () => {
  const all = [1, 2, 256, 257, 258, 259, 260, 261, 262];
  const choose = (minimum: "none" | "vncauth" | "tls", hasUsername: boolean, offered = all) =>
    chooseSecurity(offered, { minimum, hasUsername });
  assert.equal(choose("none", false), SecurityType.x509Vnc);
  assert.equal(choose("none", true), SecurityType.x509Plain);
  assert.equal(choose("vncauth", false, [1, 2]), SecurityType.vncAuth);
  assert.equal(choose("vncauth", false, [1, 257]), "too-weak");
  assert.equal(choose("tls", false, [1, 2, 257]), SecurityType.tlsNone);
  assert.equal(choose("tls", false, [1, 2]), "too-weak");
  assert.equal(choose("none", false, [256, 30]), null, "a password in clear is never sent");
});

test("a server's words lose their control characters", () => {
  assert.equal(cleanText("a\u001b[31mb\u0007\n"), "a [31mb");
});
