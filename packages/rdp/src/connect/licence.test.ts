import assert from "node:assert/strict";
import { constants, generateKeyPairSync, privateDecrypt, X509Certificate } from "node:crypto";
import { test } from "node:test";
import { ByteReader, ByteWriter, concatBytes, fromHex } from "@poterne/bytes";
import { encodeUtf16 } from "../encoding/utf16.ts";
import { Rc4 } from "../nla/rc4.ts";
import { nodeCrypto } from "../testing/crypto.ts";
import { assertWithstands } from "../testing/mutate.ts";
import { deriveLicenceKeys, type LicenceKeys, Licensing, licenceMac } from "./licence.ts";
import { decodeIssuedLicence, decodeLicenceRequest, type LicenceWish } from "./licence-index.ts";
import { LicenceMessage, readBlob } from "./licence-messages.ts";
import { rsaKeyOfCertificate } from "./rsa.ts";

/** License Request of xrdp 0.9.21, taken in the lab. */
const XRDP_REQUEST = fromHex(
  `80003e0101023e017b3c31a6aee874f6b4a50390e7c2c739ba531c30546e9005d005ce4418918381000004002c0000004d00690063
   0072006f0073006f0066007400200043006f00720070006f0072006100740069006f006e0000000800000032003300360000000d00
   0400010000000300b80001000000010000000100000006005c005253413148000000000200003f0000000100010001c7c9f78e5a38
   e429c300952ddd4c3e50450b0d9e2a5d186364c42cf78f29d53fc5352234ffad3ae6e39506ae5582e3c8c7b4a847c8507174295389
   6d9ced70000000000000000008004800a8f431b9ab4be6b4f43989d6b1daf61eecb1f0543b5e3e6a71b4f775c8162f2400dee98299
   5f330ba9a694afcb11c3f2db0942682956580156db590369db7d370000000000000000010000000e000e006d6963726f736f66742e
   636f6d00`,
);
const OPTIONS = {
  crypto: nodeCrypto,
  username: "alice",
  clientName: "poterne",
  hardwareId: new Uint8Array(16).fill(9),
  findLicence: () => null,
};
/** A self-signed certificate made with openssl. */
const CERTIFICATE = [
  "MIICCjCCAXOgAwIBAgIUXH9e2jCBuwQvM2+/NrsJ1OjOnkswDQYJKoZIhvcNAQELBQAwFzEVMBMGA1UEAwwMbGljZW",
  "5jZS50ZXN0MB4XDTI2MTEyMTIzMjcxN1oXDTM2MTExODIzMjcxN1owFzEVMBMGA1UEAwwMbGljZW5jZS50ZXN0MIGf",
  "MA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDRDFecjgBcToQA44TAp70S2oDXhgb7AMYTByL+DRNERlwXwO1gbBBdMl",
  "fWHUyQm9+5ByeXnI2XQv5GwZ7ufSMIqKDwHZ33P7+ixQpUZapYWfP03+eC9LNsDBlomiyqBlOj2yLuoeAxfcKKgcCq",
  "v5qeGfzpuXnhBlv6ySm/VIDXlQIDAQABo1MwUTAdBgNVHQ4EFgQUSrFS/8tIt72RBWXEi1gjyaJg/iUwHwYDVR0jBB",
  "gwFoAUSrFS/8tIt72RBWXEi1gjyaJg/iUwDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOBgQAfNa5UxqIK",
  "r87xbWN5g9fo8k2EnvzICEfHpEINpR2TkRfT5n7feXR2Fm2CNLUBdnhmCnsAyK9cEZpzPhWQIz4Q+bFUGjVKLTyuTc",
  "wQZ406zhGuIRerPnT1zURRJZDw8zIAs62u8btSCEDLAYI+b04NY7noXHYAEXpXLsORz+1O9Q==",
].join("");
const SERVER_RANDOM = new Uint8Array(32).fill(3);
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

function pdu(type: number, body: Uint8Array): Uint8Array {
  return new ByteWriter()
    .u16le(0x80)
    .u16le(0)
    .u8(type)
    .u8(3)
    .u16le(body.length + 4)
    .put(body)
    .finish();
}

const ISSUED = {
  version: 0x60003,
  scope: "rds.test",
  companyName: "Microsoft Corporation",
  productId: "A02",
  bytes: Uint8Array.of(1, 2, 3, 4, 5),
};

/** A version and names with their lengths, as in PRODUCT_INFO; scopes are eight-bit. */
function names(...texts: readonly string[]): Uint8Array {
  const writer = new ByteWriter().u32le(ISSUED.version);
  for (const text of texts) {
    const isScope = text === ISSUED.scope;
    const bytes = isScope ? Buffer.from(`${text}\0`) : encodeUtf16(`${text}\0`);
    writer.u32le(bytes.length).put(bytes);
  }
  return writer.finish().slice();
}

/** NEW_LICENSE_INFO. */
function licenceInfo(): Uint8Array {
  const head = names(ISSUED.scope, ISSUED.companyName, ISSUED.productId);
  return new ByteWriter().put(head).u32le(ISSUED.bytes.length).put(ISSUED.bytes).finish().slice();
}

/** A License Request with a proprietary certificate of our key. */
function licenceRequest(): Uint8Array {
  const jwk = publicKey.export({ format: "jwk" });
  const modulus = Uint8Array.from(Buffer.from(jwk.n ?? "", "base64url")).reverse();
  const blob = new ByteWriter()
    .u32le(0x31415352)
    .u32le(modulus.length + 8)
    .u32le(2048)
    .u32le(255)
    .u32le(65537);
  blob.put(modulus).put(new Uint8Array(8));
  const key = blob.finish();
  const certificate = new ByteWriter()
    .u32le(1)
    .u32le(1)
    .u32le(1)
    .u16le(6)
    .u16le(key.length)
    .put(key)
    .finish();
  const body = new ByteWriter(1024).put(SERVER_RANDOM).put(names(ISSUED.companyName, ISSUED.productId));
  body.u16le(0x0d).u16le(4).u32le(1).u16le(3).u16le(certificate.length).put(certificate).u32le(1);
  body.u16le(0x0e).u16le(9).put(Buffer.from("rds.test\0"));
  return pdu(LicenceMessage.LICENSE_REQUEST, body.finish());
}

/** The server's keys from what a client sent in its New License Request or License Information. */
function serverKeys(answer: Uint8Array): { keys: LicenceKeys; rest: ByteReader; type: number } {
  const reader = new ByteReader(answer, "answer", 4);
  const type = reader.u8();
  reader.advance(3 + 8);
  const client = reader.take(32);
  const encrypted = readBlob(reader).slice(0, 256).reverse();
  const padding = constants.RSA_NO_PADDING;
  const plain = Uint8Array.from(privateDecrypt({ key: privateKey, padding }, encrypted)).reverse();
  const keys = deriveLicenceKeys(nodeCrypto, plain.slice(0, 48), { client, server: SERVER_RANDOM });
  return { keys, rest: reader, type };
}

function sealed(keys: LicenceKeys, plain: Uint8Array): Uint8Array {
  const writer = new ByteWriter().u16le(9).u16le(plain.length).put(new Rc4(keys.encryptionKey).update(plain));
  return writer.put(licenceMac(nodeCrypto, keys.macSaltKey, plain)).finish();
}

test("a valid client goes on without a licence", () => {
  // FreeRDP's server in the lab.
  const alert = fromHex("80000000ff031000070000000200000004000000");
  assert.deepEqual(new Licensing(OPTIONS).receive(alert), { type: "done", licence: null });
});

test("a licensing error is told in words", () => {
  const alert = fromHex("80000000ff031000020000000100000004000000");
  assert.deepEqual(new Licensing(OPTIONS).receive(alert), {
    type: "fail",
    failure: { code: "no-licence", detail: "ERR_NO_LICENSE (0x00000002)" },
  });
});

test("a packet that is not about licensing is left alone", () => {
  assert.equal(new Licensing(OPTIONS).receive(fromHex("0000000001020304")), null);
});

test("xrdp's request is answered with a new licence request", () => {
  const { wish, key } = decodeLicenceRequest(XRDP_REQUEST.subarray(8));
  assert.equal(key.modulus.length, 64);
  assert.deepEqual(wish, {
    version: 0x40000,
    companyName: "Microsoft Corporation",
    productId: "236",
    scopes: ["microsoft.com"],
  });
  const answer = new Licensing(OPTIONS).receive(XRDP_REQUEST);
  assert.ok(answer?.type === "send");
  assert.equal(answer.bytes[4], LicenceMessage.NEW_LICENSE_REQUEST);
});

test("a server gets the premaster secret, proves itself by a challenge and issues a licence", () => {
  const licensing = new Licensing(OPTIONS);
  const request = licensing.receive(licenceRequest());
  assert.ok(request?.type === "send");
  const { keys, rest } = serverKeys(request.bytes);
  assert.equal(Buffer.from(readBlob(rest)).toString(), "alice\0");
  assert.equal(Buffer.from(readBlob(rest)).toString(), "poterne\0");
  const challenge = new TextEncoder().encode("TEST");
  const asked = licensing.receive(
    pdu(LicenceMessage.PLATFORM_CHALLENGE, concatBytes([new Uint8Array(4), sealed(keys, challenge)])),
  );
  assert.ok(asked?.type === "send");
  const response = new ByteReader(asked.bytes, "response", 8);
  const plain = new Rc4(keys.encryptionKey).update(readBlob(response));
  assert.equal(Buffer.from(plain.subarray(8)).toString(), "TEST");
  const hardware = new Rc4(keys.encryptionKey).update(readBlob(response));
  assert.deepEqual(
    response.take(16),
    licenceMac(nodeCrypto, keys.macSaltKey, concatBytes([plain, hardware])),
  );
  const issued = pdu(LicenceMessage.NEW_LICENSE, sealed(keys, licenceInfo()));
  assert.deepEqual(licensing.receive(issued), { type: "done", licence: ISSUED });
});

test("a stored licence is looked for by what the server wants, and shown instead", () => {
  const licence = Uint8Array.of(5, 4, 3);
  const wishes: LicenceWish[] = [];
  const findLicence = (wish: LicenceWish) => {
    wishes.push(wish);
    return licence;
  };
  const licensing = new Licensing({ ...OPTIONS, findLicence });
  const answer = licensing.receive(licenceRequest());
  const { version, companyName, productId, scope } = ISSUED;
  assert.deepEqual(wishes, [{ version, companyName, productId, scopes: [scope] }]);
  assert.ok(answer?.type === "send");
  const { keys, rest, type } = serverKeys(answer.bytes);
  assert.equal(type, LicenceMessage.LICENSE_INFO);
  assert.deepEqual(readBlob(rest), licence);
  const hardware = new Rc4(keys.encryptionKey).update(readBlob(rest));
  assert.deepEqual(hardware.subarray(4), OPTIONS.hardwareId);
  assert.deepEqual(rest.take(16), licenceMac(nodeCrypto, keys.macSaltKey, hardware));
  // ERR_INVALID_CLIENT with ST_RESET_PHASE_TO_START: the server asks again, for another licence.
  assert.equal(licensing.receive(fromHex("80000000ff031000080000000300000004000000")), null);
  const second = licensing.receive(licenceRequest());
  assert.ok(second?.type === "send");
  assert.equal(second.bytes[4], LicenceMessage.NEW_LICENSE_REQUEST);
  const upgraded = pdu(LicenceMessage.UPGRADE_LICENSE, sealed(serverKeys(second.bytes).keys, licenceInfo()));
  assert.deepEqual(licensing.receive(upgraded), { type: "done", licence: ISSUED });
});

test("a licence that is empty or too large is not kept", () => {
  const info = licenceInfo().subarray(0, -ISSUED.bytes.length - 4);
  for (const size of [0, 16 * 1024 + 1]) {
    const bytes = new ByteWriter(20_000).put(info).u32le(size).put(new Uint8Array(size)).finish();
    assert.equal(decodeIssuedLicence(bytes), null);
  }
});

for (const [code, expected] of [
  [1, "licensing-failed"],
  [4, "licence-refused"],
  [6, "no-licence-server"],
  [8, "licence-refused"],
  [99, "licensing-failed"],
] as const)
  test(`licensing error ${code} is ${expected}`, () => {
    const body = new ByteWriter().u32le(code).u32le(1).u16le(4).u16le(0).finish();
    const result = new Licensing(OPTIONS).receive(pdu(LicenceMessage.ERROR_ALERT, body));
    assert.ok(result?.type === "fail");
    assert.equal(result.failure.code, expected);
  });

test("a wrong MAC and a challenge out of turn are refused", () => {
  const licensing = new Licensing(OPTIONS);
  const early = pdu(LicenceMessage.PLATFORM_CHALLENGE, new Uint8Array(40));
  assert.throws(() => licensing.receive(early), /no licence request/);
  const request = licensing.receive(licenceRequest());
  assert.ok(request?.type === "send");
  const { keys } = serverKeys(request.bytes);
  const body = concatBytes([new Uint8Array(4), sealed(keys, Uint8Array.of(1, 2))]);
  body[body.length - 1] = (body[body.length - 1] ?? 0) ^ 1;
  assert.throws(() => licensing.receive(pdu(LicenceMessage.PLATFORM_CHALLENGE, body)), /MAC/);
});

test("the key of an X.509 certificate is found", () => {
  const der = Buffer.from(CERTIFICATE, "base64");
  const jwk = new X509Certificate(der).publicKey.export({ format: "jwk" });
  const key = rsaKeyOfCertificate(Uint8Array.from(der));
  assert.equal(Buffer.from(key.modulus).toString("base64url"), jwk.n);
  assert.equal(key.exponent, 65537);
});

test("damaged licensing messages are refused, never more, also where the sender has the keys", () => {
  assertWithstands(XRDP_REQUEST, (bytes) => new Licensing(OPTIONS).receive(bytes));
  assertWithstands(licenceRequest(), (bytes) => new Licensing(OPTIONS).receive(bytes));
  assertWithstands(licenceInfo(), decodeIssuedLicence);
  assertWithstands(fromHex("80000000ff031000020000000100000004000000"), (bytes) =>
    new Licensing(OPTIONS).receive(bytes),
  );
  assertWithstands(Uint8Array.from(Buffer.from(CERTIFICATE, "base64")), rsaKeyOfCertificate);
  const crypto = { ...nodeCrypto, random: (sizeBytes: number) => new Uint8Array(sizeBytes).fill(5) };
  const begin = () => {
    const licensing = new Licensing({ ...OPTIONS, crypto });
    const asked = licensing.receive(licenceRequest());
    assert.ok(asked?.type === "send");
    return { licensing, answer: asked.bytes };
  };
  const { keys } = serverKeys(begin().answer);
  for (const type of [LicenceMessage.PLATFORM_CHALLENGE, LicenceMessage.NEW_LICENSE]) {
    const lead = type === LicenceMessage.PLATFORM_CHALLENGE ? new Uint8Array(4) : new Uint8Array(0);
    const good = pdu(type, concatBytes([lead, sealed(keys, licenceInfo())]));
    assert.notEqual(begin().licensing.receive(good), null);
    assertWithstands(good, (bytes) => begin().licensing.receive(bytes));
  }
});
