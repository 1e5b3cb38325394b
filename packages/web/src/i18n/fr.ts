import { errors } from "poterne-errors:fr";
import { accounts, grants, health, policies } from "./fr/access.ts";
import { common } from "./fr/common.ts";
import { inventory } from "./fr/inventory.ts";
import { journal } from "./fr/journal.ts";
import { kerberos } from "./fr/kerberos.ts";
import { live } from "./fr/live.ts";
import { machines } from "./fr/machines.ts";
import { me } from "./fr/me.ts";
import { people } from "./fr/people.ts";
import { providers } from "./fr/providers.ts";
import { publicPages } from "./fr/public.ts";
import { recordings } from "./fr/recordings.ts";
import { requests, rules } from "./fr/rules.ts";
import { shell } from "./fr/shell.ts";
import { signIn } from "./fr/sign-in.ts";

/** All French words, the source of the translation. */
export const fr = {
  common,
  signIn,
  errors,
  shell,
  machines,
  me,
  live,
  recordings,
  journal,
  people,
  inventory,
  accounts,
  policies,
  grants,
  rules,
  requests,
  health,
  kerberos,
  providers,
  publicPages,
};

/** What every language must provide. */
export type Words = typeof fr;
