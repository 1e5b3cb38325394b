import assert from "node:assert/strict";
import { it } from "node:test";
import { Failure } from "@poterne/contract";
import { checkPassword } from "./password-rules.ts";

const OWNER = {
  login: "jdupont",
  name: "Jean-Éric Dupont",
  email: "je.dupont@sdis25.example.fr",
  organisation: "Service d'incendie du Doubs",
};

function verdict(password: string): string {
  try {
    checkPassword(password, OWNER, 12);
    return "accepted";
  } catch (error) {
    assert.ok(error instanceof Failure);
    return error.code;
  }
}

it("accepts phrases, long words of one's own and what a generator makes", () => {
  for (const password of [
    "quatorze hérissons bavards",
    "soleil pompier cuisine bleue",
    "correct horse battery staple",
    "x9#Lq2!vTz8&",
    "Tr0ub4dor&3-xkcd",
    "Ma grand-mère jardine à Besançon",
    "mfkjzehrtoiu",
    "密码是很长的一个句子啊真的",
  ])
    assert.equal(verdict(password), "accepted", password);
});

it("counts characters, not bytes or halves of signs, and refuses more than 256 bytes", () => {
  assert.equal(verdict("x9#Lq2!vTz8"), "password-too-short");
  assert.equal(verdict("🦔🦊🐻🐼🐨🐯"), "password-too-short");
  assert.equal(verdict("quatorze hérissons bavards ".repeat(9)), "password-common");
  const long = Array.from({ length: 90 }, (_, index) => String.fromCodePoint(0x4e00 + index * 37)).join("");
  assert.equal(Buffer.byteLength(long) > 256, true);
  assert.equal(verdict(long), "password-too-long");
});

it("refuses common words however they are dressed up", () => {
  for (const password of [
    "motdepasse123",
    "Motdepasse2026!",
    "M0td3p@ss3!!",
    "Azertyuiop123",
    "AZERTYUIOP^$*",
    "password1234",
    "P@ssw0rd2026!",
    "administrateur",
    "Admin@2026-11",
    "soleil-2026-soleil",
    "!!Bienvenue!!",
    "jetaimedoudou",
    "Été-Été-Été-Été",
    "Novembre2026!",
    "Marseille13013",
    "changezmoi2026",
    "1l0vey0u1l0vey0u",
  ])
    assert.equal(verdict(password), "password-common", password);
});

it("refuses runs of keys, repetitions and digits alone", () => {
  for (const password of [
    "123456789012",
    "987654321098",
    "abcdefghijklm",
    "azertyqsdfgh",
    "1a2z3e4r5t6y",
    "1qaz2wsx3edc",
    "aaaaaaaaaaaa",
    "abcabcabcabc",
    "kz7!kz7!kz7!",
    "251119782511",
    "2026-11-21 10:00",
  ])
    assert.equal(verdict(password), "password-common", password);
});

it("refuses what is made of one's own names and the organisation's", () => {
  for (const password of [
    "JeanEricDupont",
    "Dupont-Jean-25!",
    "jdupont2026!!",
    "sdis25dupont",
    "Dup0nt!!1978",
    "Incendie-Doubs-25",
    "dupont-motdepasse",
  ])
    assert.equal(verdict(password), "password-personal", password);
});
