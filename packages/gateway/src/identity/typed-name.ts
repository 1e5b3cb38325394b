import { type RealmNames, readAccountName } from "../kerberos/account-name.ts";
import { loginKey } from "../people/people-store.ts";
import { realmOf } from "./ldap/realm.ts";
import type { LiveProvider } from "./provider-registry.ts";

/** Realms by other names of theirs in upper case: the setting `kerberos.domains`. */
export type DomainNames = RealmNames["realms"];

/** What a name typed at the sign-in means: see docs/decisions/0120. */
export interface TypedName {
  /** The name it has here, if it is one of this gateway. */
  readonly here: string;
  /** Spellings a directory is asked for, in turn. */
  readonly spellings: readonly string[];
  /** Directories that may be asked, in their order; those not named by a domain that was typed are left out. */
  readonly asked: readonly LiveProvider[];
  /** What failures are counted under: one name however its domain is written. */
  readonly key: string;
}

/**
 * Reads `name`, `DOMAIN\name`, `.\name` or `name@domain`. A domain names the directories that answer for it; `.` names this
 * gateway. What stands after an `@` may also be part of a login or of a mail address: where no directory answers for it, it
 * is a name like any other.
 */
export function readTypedName(
  text: string,
  enabled: readonly LiveProvider[],
  realms: DomainNames,
): TypedName {
  const read = readAccountName(text, { defaultRealm: null, realms });
  const slash = text.indexOf("\\");
  if (slash < 0) {
    const named = answering(enabled, read.principal?.realm ?? null);
    if (named.length === 0) return { here: text, spellings: [text], asked: enabled, key: loginKey(text) };
    // The name before the `@` is one in the domain even where no attribute has the long one, as Active Directory has it.
    return { here: text, spellings: [text, read.user], asked: named, key: keyOf(read.user, named) };
  }
  if (read.isLocal) return { here: read.user, spellings: [], asked: [], key: loginKey(read.user) };
  if (read.user === "") return { here: text, spellings: [], asked: [], key: loginKey(text) };
  const domain = text.slice(0, slash).toUpperCase();
  const named =
    read.principal === null ? byFirstLabel(enabled, domain) : answering(enabled, read.principal.realm);
  return { here: text, spellings: [read.user], asked: named, key: keyOf(read.user, named) };
}

/** Directories that answer for a realm. */
function answering(enabled: readonly LiveProvider[], realm: string | null): readonly LiveProvider[] {
  return realm === null ? [] : enabled.filter((live) => realmsOf(live).includes(realm));
}

/** A short name that no setting explains is the first part of a realm, as Windows proposes it; of one directory's only. */
function byFirstLabel(enabled: readonly LiveProvider[], domain: string): readonly LiveProvider[] {
  const named = enabled.filter((live) => realmsOf(live).some((realm) => realm.split(".")[0] === domain));
  return named.length === 1 ? named : [];
}

function realmsOf({ config }: LiveProvider): readonly string[] {
  if (config.kind !== "ldap") return [];
  const own = realmOf(config);
  return [...(own === null ? [] : [own]), ...(config.ticketRealms ?? [])].map((realm) => realm.toUpperCase());
}

function keyOf(user: string, named: readonly LiveProvider[]): string {
  const [first] = named.map((live) => realmsOf(live)[0] ?? "");
  return loginKey(`${user}@${first ?? ""}`);
}
