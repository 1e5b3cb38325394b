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
  /** Null where no KDC can be asked: an account of one machine, or of a domain no setting explains. */
  readonly principal: Principal | null;
  /** Whether the name says that it is one machine's own: `.\name`, or no domain anywhere. */
  readonly isLocal: boolean;
}

/** Reads `name`, `name@realm`, `NAME\name` or `.\name`. */
export function readAccountName(text: string, { defaultRealm, realms }: RealmNames): AccountName {
  const slash = text.indexOf("\\");
  if (slash >= 0) {
    const domain = text.slice(0, slash).toUpperCase();
    const user = text.slice(slash + 1);
    const realm = realms.get(domain) ?? (/[^.]\.[^.]/.test(domain) ? domain : null);
    if (realm === null || user === "") return { user, principal: null, isLocal: domain === "." };
    return known(user, realm, user);
  }
  const at = text.lastIndexOf("@");
  if (at > 0 && at < text.length - 1) {
    const domain = text.slice(at + 1).toUpperCase();
    const user = text.slice(0, at);
    const realm = realms.get(domain);
    // An alias that only the KDC can resolve (RFC 6806 §5); in the realm's own name the plain name is enough.
    const isAlias = realm !== undefined && realm !== domain;
    return isAlias ? known(user, realm, text) : known(user, domain, user);
  }
  if (defaultRealm === null || text === "") return { user: text, principal: null, isLocal: text !== "" };
  return known(text, defaultRealm, text);
}

function known(user: string, realm: string, name: string): AccountName {
  return { user, principal: { realm, name: personName(name) }, isLocal: false };
}
