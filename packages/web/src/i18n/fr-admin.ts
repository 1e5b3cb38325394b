import { accounts, grants, health, policies } from "./fr/access.ts";
import { inventory } from "./fr/inventory.ts";
import { kerberos } from "./fr/kerberos.ts";
import { checkouts, linked, unused } from "./fr/links.ts";
import { people } from "./fr/people.ts";
import { providers } from "./fr/providers.ts";

/** French words of administration, the source of the translation. */
export const frAdmin = {
  people,
  inventory,
  accounts,
  policies,
  grants,
  health,
  kerberos,
  providers,
  linked,
  checkouts,
  unused,
};

/** What every language must provide. */
export type AdminWords = typeof frAdmin;
