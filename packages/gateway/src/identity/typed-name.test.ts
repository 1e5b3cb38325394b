import assert from "node:assert/strict";
import { test } from "node:test";
import { providerConfig } from "@poterne/contract";
import type { LiveProvider } from "./provider-registry.ts";
import { readTypedName } from "./typed-name.ts";

const ldap = (name: string, changes: Record<string, unknown>): LiveProvider =>
  ({
    row: { id: name, name },
    config: providerConfig.parse({
      kind: "ldap",
      admits: "everyone",
      defaultRoles: ["user"],
      mappings: [],
      schema: "generic",
      servers: [{ host: "ldap", port: 636 }],
      security: "ldaps",
      isPlainAccepted: false,
      caPem: "",
      pins: [],
      bindDn: "",
      baseDn: "dc=example",
      userFilter: "(uid={login})",
      disabledFilter: "",
      loginAttribute: "uid",
      nameAttribute: "cn",
      mailAttribute: "mail",
      subjectAttribute: "entryUUID",
      groupBaseDn: "",
      memberAttribute: "member",
      nesting: "none",
      timeoutSeconds: 5,
      recheckMinutes: 1,
      ...changes,
    }),
    provider: {},
  }) as unknown as LiveProvider;

const plain = ldap("plain", {});
const paris = ldap("paris", { schema: "active-directory", baseDn: "DC=paris,DC=corp" });
const lyon = ldap("lyon", { accountRealm: "lyon.corp", ticketRealms: ["OLD.CORP"] });
const all = [plain, paris, lyon];
const shorts = new Map([["IDF", "PARIS.CORP"]]);

/** How a name is read: the name here, the directories asked with which spellings, and what failures count under. */
function read(text: string, enabled: readonly LiveProvider[] = all) {
  const { here, spellings, asked, key } = readTypedName(text, enabled, shorts);
  return [here, asked.map(({ row }) => row.name).join(" "), spellings.join(" "), key];
}

test("a bare name is one of this gateway first, then of any directory in order", () => {
  assert.deepEqual(read("Alice"), ["Alice", "plain paris lyon", "Alice", "alice"]);
});

test("a domain names the directory, by its short name, its full one, or a realm of its tickets", () => {
  const key = "alice@paris.corp";
  for (const text of ["IDF\\Alice", "idf\\Alice", "paris.corp\\Alice", "PARIS\\Alice"])
    assert.deepEqual(read(text), [text, "paris", "Alice", key], text);
  assert.deepEqual(read("Alice@Paris.Corp"), ["Alice@Paris.Corp", "paris", "Alice@Paris.Corp Alice", key]);
  assert.deepEqual(read("LYON.CORP\\alice").at(1), "lyon");
  assert.deepEqual(read("alice@old.corp").at(1), "lyon");
  assert.equal(read("alice@old.corp").at(3), read("lyon\\alice").at(3), "one count for one directory");
});

test("a dot is this gateway and asks no directory", () => {
  assert.deepEqual(read(".\\alice"), ["alice", "", "", "alice"]);
});

test("a domain nobody answers for asks nobody; behind an @ it is part of the name", () => {
  assert.deepEqual(read("NOWHERE\\alice").slice(1, 3), ["", "alice"]);
  assert.deepEqual(read("alice@mail.example"), [
    "alice@mail.example",
    "plain paris lyon",
    "alice@mail.example",
    "alice@mail.example",
  ]);
});

test("a short name that would fit two directories names neither", () => {
  const other = ldap("other", { accountRealm: "PARIS.EXAMPLE" });
  assert.equal(read("PARIS\\alice", [paris, other]).at(1), "");
  assert.equal(read("PARIS.EXAMPLE\\alice", [paris, other]).at(1), "other");
});

test("what is no name asks nobody by a part of it", () => {
  for (const text of [
    "\\",
    "\\alice",
    "PARIS\\",
    "@",
    "@paris.corp",
    "alice@",
    "a\\b\\c",
    "PARIS\\a@lyon.corp",
  ]) {
    const [, asked, spellings] = read(text);
    if (text === "PARIS\\a@lyon.corp") assert.deepEqual([asked, spellings], ["paris", "a@lyon.corp"]);
    else if (text.includes("\\")) assert.equal(asked, "", text);
    else assert.equal(spellings, text, text);
  }
});
