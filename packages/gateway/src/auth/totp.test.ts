import assert from "node:assert/strict";
import { it } from "node:test";
import { toBase32 } from "./base32.ts";
import { findTotpStep, totpCode, totpStep, totpUri } from "./totp.ts";

const SECRET = Buffer.from("12345678901234567890");

it("gives the codes of RFC 6238 appendix B", () => {
  const vectors: readonly (readonly [number, string])[] = [
    [59, "94287082"],
    [1111111109, "07081804"],
    [1111111111, "14050471"],
    [1234567890, "89005924"],
    [2000000000, "69279037"],
    [20000000000, "65353130"],
  ];
  for (const [seconds, code] of vectors) {
    assert.equal(totpCode(SECRET, totpStep(seconds * 1000), 8), code);
    assert.equal(totpCode(SECRET, totpStep(seconds * 1000)), code.slice(2));
  }
});

it("gives the codes of RFC 4226 appendix D", () => {
  const codes = [755224, 287082, 359152, 969429, 338314, 254676, 287922, 162583, 399871, 520489];
  for (const [counter, code] of codes.entries()) assert.equal(totpCode(SECRET, counter), String(code));
});

it("accepts the neighbouring steps only, and none up to the last one used", () => {
  const nowMs = 1_234_567_890_000;
  const now = totpStep(nowMs);
  for (const [offset, isFound] of [
    [-2, false],
    [-1, true],
    [0, true],
    [1, true],
    [2, false],
  ] as const) {
    const code = totpCode(SECRET, now + offset);
    assert.equal(findTotpStep(SECRET, code, { nowMs, lastStep: 0 }), isFound ? now + offset : null);
  }
  const used = { nowMs, lastStep: now };
  assert.equal(findTotpStep(SECRET, totpCode(SECRET, now - 1), used), null);
  assert.equal(findTotpStep(SECRET, totpCode(SECRET, now), used), null);
  assert.equal(findTotpStep(SECRET, totpCode(SECRET, now + 1), used), now + 1);
});

it("writes base32 as RFC 4648 §10 does, without padding", () => {
  const vectors = {
    "": "",
    f: "MY",
    fo: "MZXQ",
    foo: "MZXW6",
    foob: "MZXW6YQ",
    fooba: "MZXW6YTB",
    foobar: "MZXW6YTBOI",
  };
  for (const [text, expected] of Object.entries(vectors)) assert.equal(toBase32(Buffer.from(text)), expected);
});

it("writes an address that applications read, spaces and signs escaped", () => {
  assert.equal(
    totpUri("ABCDEFGH", "Poterne SDIS 25", "a&b"),
    "otpauth://totp/Poterne%20SDIS%2025:a%26b?secret=ABCDEFGH&issuer=Poterne%20SDIS%2025&algorithm=SHA1&digits=6&period=30",
  );
});
