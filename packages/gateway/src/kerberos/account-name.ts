import { type Principal, personName } from "@poterne/kerberos";

/** What account names mean here: see the settings `kerberos.realm` and `kerberos.domains`. */
export interface RealmNames {
  /** The realm of names without one, null for none. */
  readonly defaultRealm: string | null;
  /** Realms by other names of theirs in upper case: a domain's short name, the end of mail-like log-in names. */
  readonly realms: ReadonlyMap<string, string>;
}

/** An account's name as its parts. */
export interface AccountName {
  /** What stands without the realm: the name on the target itself. */
  readonly user: string;
  /** Null for an account of one machine only (`.\name`, or no realm anywhere): no KDC knows it. */
  readonly principal: Principal | null;
}

/** Reads `name`, `name@realm`, `NAME\name` or `.\name`. A short name before the backslash that no setting explains is a machine's. */
export function readAccountName(text: string, { defaultRealm, realms }: RealmNames): AccountName {
  const slash = text.indexOf("\\");
  if (slash >= 0) {
    const domain = text.slice(0, slash).toUpperCase();
    const user = text.slice(slash + 1);
    const realm = realms.get(domain) ?? (/[^.]\.[^.]/.test(domain) ? domain : null);
    return { user, principal: realm === null || user === "" ? null : { realm, name: personName(user) } };
  }
  const at = text.lastIndexOf("@");
  if (at > 0 && at < text.length - 1) {
    const domain = text.slice(at + 1).toUpperCase();
    const user = text.slice(0, at);
    const realm = realms.get(domain);
    // An alias that only the KDC can resolve (RFC 6806 §5); in the realm's own name the plain name is enough.
    if (realm !== undefined && realm !== domain)
      return { user, principal: { realm, name: personName(text) } };
    return { user, principal: { realm: domain, name: personName(user) } };
  }
  const isKnown = defaultRealm !== null && text !== "";
  return { user: text, principal: isKnown ? { realm: defaultRealm, name: personName(text) } : null };
}
