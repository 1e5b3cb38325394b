import type { GroupMapping, ProviderConfig, Role } from "@poterne/contract";
import type { Identity } from "./identity-provider.ts";

/** What the mapping makes of an identity. */
export interface Admission {
  readonly isAdmitted: boolean;
  readonly roles: readonly Role[];
  /** Groups of Poterne the person is in by the mapping. */
  readonly groupIds: readonly string[];
  /** All groups the mapping names: it rules membership in these and in no others. */
  readonly ruledGroupIds: readonly string[];
  /** The rules that hit. */
  readonly hits: readonly GroupMapping[];
}

type Rules = Pick<ProviderConfig, "admits" | "defaultRoles" | "mappings">;

/** A group's spelling as it is compared: case, and blanks around the signs of a DN, do not count. */
export function groupKey(spelling: string): string {
  return spelling
    .normalize("NFKC")
    .toLowerCase()
    .replace(/\s*([,=+])\s*/g, "$1")
    .trim();
}

/** Applies a provider's mapping to an identity. */
export function admit(rules: Rules, identity: Pick<Identity, "groups">): Admission {
  const held = new Set(identity.groups.flatMap((spellings) => spellings.map(groupKey)));
  const hits = rules.mappings.filter((rule) => held.has(groupKey(rule.group)));
  const groupsOf = (some: readonly GroupMapping[]) => [
    ...new Set(some.flatMap((rule) => (rule.groupId === null ? [] : [rule.groupId]))),
  ];
  return {
    isAdmitted: rules.admits === "everyone" || hits.length > 0,
    roles: [...new Set([...rules.defaultRoles, ...hits.flatMap((rule) => rule.roles)])],
    groupIds: groupsOf(hits),
    ruledGroupIds: groupsOf(rules.mappings),
    hits,
  };
}
