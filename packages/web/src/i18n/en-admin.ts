import { accounts, grants, health, policies } from "./en/access.ts";
import { inventory } from "./en/inventory.ts";
import { kerberos } from "./en/kerberos.ts";
import { checkouts, linked, unused } from "./en/links.ts";
import { people } from "./en/people.ts";
import { providers } from "./en/providers.ts";
import type { AdminWords } from "./fr-admin.ts";

/** English words of administration; a missing or different one does not compile. */
export const enAdmin: AdminWords = {
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
