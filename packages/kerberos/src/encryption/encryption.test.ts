import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DecodeError, encodeUtf8, fromHex, toHex } from "@poterne/bytes";
import { nodeCrypto, passwordKey } from "../testing/node-crypto.ts";
import { SeededRandom } from "../testing/random.ts";
import { decryptCts, encryptCts } from "./cipher-text-stealing.ts";
import { checksum, decrypt, encrypt, IntegrityError, isChecksumGood } from "./encryption.ts";
import { nFold } from "./n-fold.ts";
import { Purpose } from "./profile.ts";
import { findProfile, PROFILES, profileOf } from "./profiles.ts";

const readVectors = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../vectors/${name}.json`, import.meta.url), "utf8"));
const rfc3962: {
  stringToKey: { iterations: number; password: string; salt: string; aes128: string; aes256: string }[];
  ctsKey: string;
  cts: { plain: string; cipher: string }[];
} = readVectors("rfc3962");
const rfc8009: {
  salt: string;
  password: string;
  types: {
    etype: number;
    passwordKey: string;
    key: string;
    checksumKey: string;
    encryptionKey: string;
    integrityKey: string;
    checksum: { data: string; value: string };
    encryption: { plain: string; confounder: string; cipher: string }[];
  }[];
} = readVectors("rfc8009");

test("n-fold gives the vectors of RFC 3961 appendix A.1", () => {
  const vectors: [text: string, sizeBytes: number, folded: string][] = [
    ["012345", 8, "be072631276b1955"],
    ["password", 7, "78a07b6caf85fa"],
    ["Rough Consensus, and Running Code", 8, "bb6ed30870b7f0e0"],
    ["password", 21, "59e4a8ca7c0385c3c37b3f6d2000247cb6e6bd5b3e"],
    ["MASSACHVSETTS INSTITVTE OF TECHNOLOGY", 24, "db3b0d8f0b061e603282b308a50841229ad798fab9540c1b"],
    ["Q", 21, "518a54a215a8452a518a54a215a8452a518a54a215"],
    ["ba", 21, "fb25d531ae8974499f52fd92ea9857c4ba24cf297e"],
    ["kerberos", 8, "6b65726265726f73"],
    ["kerberos", 16, "6b65726265726f737b9b5b2b93132b93"],
    ["kerberos", 21, "8372c236344e5f1550cd0747e15d62ca7a5a3bcea4"],
    ["kerberos", 32, "6b65726265726f737b9b5b2b93132b935c9bdcdad95c9899c4cae4dee6d6cae4"],
  ];
  for (const [text, sizeBytes, folded] of vectors)
    assert.equal(toHex(nFold(encodeUtf8(text), sizeBytes)), folded);
});

test("string-to-key gives the vectors of RFC 3962 appendix B", () => {
  for (const { iterations, password, salt, aes128, aes256 } of rfc3962.stringToKey) {
    const hint = { salt: fromHex(salt), iterations };
    assert.equal(toHex(passwordKey(17, fromHex(password), hint).bytes), aes128);
    assert.equal(toHex(passwordKey(18, fromHex(password), hint).bytes), aes256);
  }
});

test("ciphertext stealing gives the vectors of RFC 3962 appendix B, both ways", () => {
  const key = fromHex(rfc3962.ctsKey);
  for (const { plain, cipher } of rfc3962.cts) {
    assert.equal(toHex(encryptCts(nodeCrypto, key, fromHex(plain))), cipher);
    assert.equal(toHex(decryptCts(nodeCrypto, key, fromHex(cipher))), plain);
  }
});

for (const vector of rfc8009.types) {
  const key = { etype: vector.etype, bytes: fromHex(vector.key) };
  const { name } = profileOf(key);

  test(`${name} gives the keys of RFC 8009 appendix A`, () => {
    const derived = passwordKey(vector.etype, rfc8009.password, { salt: fromHex(rfc8009.salt) });
    assert.equal(toHex(derived.bytes), vector.passwordKey);
    for (const [purpose, wanted] of [
      [Purpose.checksum, vector.checksumKey],
      [Purpose.encryption, vector.encryptionKey],
      [Purpose.integrity, vector.integrityKey],
    ] as const)
      assert.equal(toHex(profileOf(key).deriveKey(nodeCrypto, key.bytes, 2, purpose)), wanted);
  });

  test(`${name} gives the checksum and the ciphertexts of RFC 8009 appendix A`, () => {
    const { data, value } = vector.checksum;
    assert.equal(toHex(checksum(nodeCrypto, key, 2, fromHex(data))), value);
    for (const { plain, confounder, cipher } of vector.encryption) {
      const tools = { crypto: nodeCrypto, randomBytes: () => fromHex(confounder) };
      assert.equal(toHex(encrypt(tools, key, 2, fromHex(plain))), cipher);
      assert.equal(toHex(decrypt(nodeCrypto, key, 2, fromHex(cipher))), plain);
    }
  });
}

for (const profile of PROFILES) {
  const random = new SeededRandom(profile.etype);
  const tools = { crypto: nodeCrypto, randomBytes: random.bytes };
  const key = { etype: profile.etype, bytes: random.bytes(profile.keyBytes) };

  test(`${profile.name} opens what it sealed, of any length`, () => {
    for (const size of [0, 1, 15, 16, 17, 31, 32, 33, 1000]) {
      const plain = random.bytes(size);
      const sealed = encrypt(tools, key, 11, plain);
      assert.equal(sealed.length, 16 + size + profile.macBytes);
      assert.deepEqual(decrypt(nodeCrypto, key, 11, sealed), plain);
    }
  });

  test(`${profile.name} refuses another usage, another key, every turned bit and what is too short`, () => {
    const sealed = encrypt(tools, key, 11, random.bytes(21));
    assert.throws(() => decrypt(nodeCrypto, key, 12, sealed), IntegrityError);
    const other = { etype: profile.etype, bytes: random.bytes(profile.keyBytes) };
    assert.throws(() => decrypt(nodeCrypto, other, 11, sealed), IntegrityError);
    for (let bit = 0; bit < sealed.length * 8; bit += 3) {
      const changed = sealed.map((octet, at) => (at === bit >> 3 ? octet ^ (1 << (bit & 7)) : octet));
      assert.throws(() => decrypt(nodeCrypto, key, 11, changed), IntegrityError);
    }
    for (let size = 0; size < 16 + profile.macBytes; size++)
      assert.throws(() => decrypt(nodeCrypto, key, 11, sealed.subarray(0, size)), DecodeError);
  });

  test(`${profile.name} knows its own checksum from another`, () => {
    const data = random.bytes(50);
    const found = checksum(nodeCrypto, key, 6, data);
    assert.equal(found.length, profile.macBytes);
    assert.ok(isChecksumGood(nodeCrypto, key, 6, { data, found }));
    assert.ok(!isChecksumGood(nodeCrypto, key, 7, { data, found }));
    assert.ok(!isChecksumGood(nodeCrypto, key, 6, { data, found: found.subarray(1) }));
  });
}

test("weak encryption types have no profile", () => {
  for (const etype of [1, 2, 3, 16, 23, 24, 25, 26]) assert.equal(findProfile(etype), undefined);
});
