import type { LdapConfig } from "@poterne/contract";
import type { Entry } from "ldapts";
import { MAX_GROUPS } from "../identity-provider.ts";
import { textOf } from "./entry.ts";
import { escapeFilterValue } from "./filter.ts";
import type { LdapConnection } from "./ldap-connection.ts";

/** Active Directory's matching rule that follows members of members, [MS-ADTS] 3.1.1.3.4.4.3. */
const IN_CHAIN = "1.2.840.113556.1.4.1941";
/** Most levels of groups in groups that are asked one by one. */
const MAX_DEPTH = 16;
/** Names asked for in one filter. */
const NAMES_PER_FILTER = 50;

type GroupConfig = Pick<LdapConfig, "groupBaseDn" | "baseDn" | "memberAttribute" | "nesting">;

/** The groups an entry is in, each with its DN and its names. Circles of groups end by themselves. */
export async function groupsOf(
  connection: LdapConnection,
  config: GroupConfig,
  dn: string,
): Promise<readonly (readonly string[])[]> {
  const found = new Map<string, readonly string[]>();
  let level = [dn];
  for (let depth = 0; level.length > 0 && depth < MAX_DEPTH; depth++) {
    const entries = await containing(connection, config, level);
    const fresh = entries.filter((entry) => !found.has(entry.dn.toLowerCase()));
    for (const entry of fresh) found.set(entry.dn.toLowerCase(), spellingsOf(entry));
    if (config.nesting !== "recursive" || found.size >= MAX_GROUPS) break;
    level = fresh.map((entry) => entry.dn);
  }
  return [...found.values()].slice(0, MAX_GROUPS);
}

async function containing(
  connection: LdapConnection,
  config: GroupConfig,
  names: readonly string[],
): Promise<Entry[]> {
  const rule = config.nesting === "chain" ? `:${IN_CHAIN}:` : "";
  const found: Entry[] = [];
  for (let start = 0; start < names.length; start += NAMES_PER_FILTER) {
    const terms = names
      .slice(start, start + NAMES_PER_FILTER)
      .map((name) => `(${config.memberAttribute}${rule}=${escapeFilterValue(name)})`);
    const some = await connection.search({
      base: config.groupBaseDn === "" ? config.baseDn : config.groupBaseDn,
      filter: terms.length === 1 ? (terms[0] ?? "") : `(|${terms.join("")})`,
      scope: "sub",
      attributes: ["cn", "sAMAccountName"],
      maxEntries: MAX_GROUPS,
    });
    found.push(...some);
  }
  return found;
}

function spellingsOf(entry: Entry): readonly string[] {
  const names = [entry.dn, textOf(entry, "cn"), textOf(entry, "sAMAccountName")];
  return [...new Set(names.filter((name) => name !== "" && name.length <= 400))];
}
