import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { LdapConfig } from "@poterne/contract";
import { Client } from "ldapts";
import type { Environment } from "../../packages/gateway/src/environment.ts";
import { labDir } from "./lab.ts";

/** The lab's authority, PEM. */
export const labCa = (): string => readFileSync(path.join(labDir, "ca/ca.crt"), "utf8");

/** A real clock and real randomness. */
export const realEnvironment: Environment = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  randomBytes: (count: number) => new Uint8Array(randomBytes(count)),
};

const common = {
  kind: "ldap",
  admits: "everyone",
  defaultRoles: ["user"],
  mappings: [],
  security: "ldaps",
  isPlainAccepted: false,
  pins: [],
  disabledFilter: "",
  mailAttribute: "mail",
  groupBaseDn: "",
  memberAttribute: "member",
  timeoutSeconds: 5,
  recheckMinutes: 1,
} as const;

/** Settings for the lab's OpenLDAP. */
export function slapdConfig(changes: Partial<LdapConfig> = {}): LdapConfig {
  return {
    ...common,
    mappings: [],
    defaultRoles: ["user"],
    pins: [],
    schema: "generic",
    servers: [{ host: "127.0.0.1", port: 1636 }],
    caPem: labCa(),
    bindDn: "uid=bob,ou=people,dc=lab,dc=test",
    baseDn: "dc=lab,dc=test",
    userFilter: "(&(objectClass=inetOrgPerson)(uid={login}))",
    loginAttribute: "uid",
    nameAttribute: "cn",
    subjectAttribute: "entryUUID",
    nesting: "recursive",
    ...changes,
  };
}

/** Settings for the lab's Active Directory. */
export function sambaConfig(changes: Partial<LdapConfig> = {}): LdapConfig {
  return {
    ...common,
    mappings: [],
    defaultRoles: ["user"],
    pins: [],
    schema: "active-directory",
    servers: [{ host: "127.0.0.10", port: 636 }],
    caPem: labCa(),
    bindDn: "gate@lab.test",
    baseDn: "DC=lab,DC=test",
    userFilter: "(&(objectClass=user)(|(sAMAccountName={login})(userPrincipalName={login})))",
    loginAttribute: "sAMAccountName",
    nameAttribute: "cn",
    subjectAttribute: "objectGUID",
    nesting: "chain",
    ...changes,
  };
}

/** Makes entries in the lab's OpenLDAP anew, as its administrator; the product itself never writes. */
export async function addToSlapd(entries: Readonly<Record<string, Record<string, string | string[]>>>) {
  await asSlapdAdministrator(async (client) => {
    for (const [dn, attributes] of Object.entries(entries)) {
      await client.del(dn).catch(() => {});
      await client.add(dn, attributes);
    }
  });
}

/** Deletes an entry of the lab's OpenLDAP. */
export async function deleteFromSlapd(dn: string): Promise<void> {
  await asSlapdAdministrator((client) => client.del(dn));
}

/** Does something as the lab's OpenLDAP's administrator; a connection left open would keep the test's process from ending. */
export async function asSlapdAdministrator(act: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ url: "ldap://127.0.0.1:1389" });
  try {
    await client.bind("cn=admin,dc=lab,dc=test", "admin-pass");
    await act(client);
  } finally {
    await client.unbind();
  }
}

/** Runs the lab's `samba-tool`; its failure is the test's. */
export function sambaTool(...words: string[]): void {
  const done = spawnSync("samba-tool", [...words, "-s", path.join(labDir, "samba-ad/dc/etc/smb.conf")], {
    encoding: "utf8",
  });
  if (done.status !== 0) throw new Error(`samba-tool ${words.join(" ")}: ${done.stderr}${done.stdout}`);
}

/** Adds entries (LDIF, one a text) to the lab's Active Directory in one go. */
export function addToSamba(entries: readonly string[]): void {
  ldb("ldbadd", ["--relax"], entries.join("\n"));
}

/** Deletes a subtree of the lab's Active Directory, if it is there. */
export function removeFromSamba(dn: string): void {
  const there = ldb("ldbsearch", ["-b", dn, "-s", "base", "dn"], "");
  if (there.includes("# 1 entries")) ldb("ldbdel", ["-r", dn], "");
}

function ldb(tool: string, words: readonly string[], input: string): string {
  const store = path.join(labDir, "samba-ad/dc/private/sam.ldb");
  const { status, stdout, stderr } = spawnSync(tool, ["-H", store, ...words], { encoding: "utf8", input });
  if (status !== 0 && !stdout.includes("No such Base DN")) throw new Error(`${tool}: ${stderr}${stdout}`);
  return stdout;
}

/** Sets one attribute of an entry in the lab's Active Directory, one of the server's own too. */
export function setInSamba(dn: string, attribute: string, value: string): void {
  const change = `dn: ${dn}\nchangetype: modify\nreplace: ${attribute}\n${attribute}: ${value}\n`;
  ldb("ldbmodify", ["--relax"], change);
}
