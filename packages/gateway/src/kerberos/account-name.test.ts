import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPrincipal } from "@poterne/kerberos";
import { type RealmNames, readAccountName } from "./account-name.ts";

const names: RealmNames = {
  defaultRealm: "LAB.TEST",
  realms: new Map([
    ["LAB", "LAB.TEST"],
    ["EXAMPLE.ORG", "AD.EXAMPLE.ORG"],
  ]),
};

function read(text: string, realmNames = names): string {
  const { user, principal, isLocal } = readAccountName(text, realmNames);
  return `${user} ${principal === null ? (isLocal ? "local" : "unknown") : formatPrincipal(principal)}`;
}

test("an account's name is read in every spelling people use", () => {
  assert.equal(read("carol"), "carol carol@LAB.TEST");
  assert.equal(read("carol@lab.test"), "carol carol@LAB.TEST");
  assert.equal(read("LAB\\carol"), "carol carol@LAB.TEST");
  assert.equal(read("other.test\\carol"), "carol carol@OTHER.TEST");
  assert.equal(read("carol@example.org"), "carol carol\\@example.org@AD.EXAMPLE.ORG");
});

test("an account of one machine has no principal, and a domain nobody explained is not taken for a machine", () => {
  assert.equal(read(".\\admin"), "admin local");
  assert.equal(read("SRV01\\admin"), "admin unknown");
  assert.equal(read("root", { ...names, defaultRealm: null }), "root local");
  assert.equal(read("LAB\\"), " unknown");
  assert.equal(read(""), " unknown");
});
