import { errors } from "poterne-errors:fr";
import { common } from "./fr/common.ts";
import { journal } from "./fr/journal.ts";
import { live } from "./fr/live.ts";
import { machines } from "./fr/machines.ts";
import { me } from "./fr/me.ts";
import { publicPages } from "./fr/public.ts";
import { recordings } from "./fr/recordings.ts";
import { rules } from "./fr/rules.ts";
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
  rules,
  publicPages,
};

/** What every language must provide. */
export type Words = typeof fr;
