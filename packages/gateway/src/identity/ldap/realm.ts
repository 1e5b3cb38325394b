import type { LdapConfig } from "@poterne/contract";

/** The realm of a directory's people: as set, its first ticket realm, or what an Active Directory's base DN says; null: none. */
export function realmOf(config: LdapConfig): string | null {
  if ((config.accountRealm ?? "") !== "") return config.accountRealm ?? null;
  const [ticketRealm] = config.ticketRealms ?? [];
  if (ticketRealm !== undefined) return ticketRealm;
  if (config.schema !== "active-directory") return null;
  const parts = [...config.baseDn.matchAll(/(?:^|,)\s*dc\s*=\s*([^,\s]+)/gi)].map(([, part = ""]) => part);
  return parts.length === 0 ? null : parts.join(".").toUpperCase();
}
