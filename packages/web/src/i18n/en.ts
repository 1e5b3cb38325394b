import { errors } from "poterne-errors:en";
import { common } from "./en/common.ts";
import { journal } from "./en/journal.ts";
import { live } from "./en/live.ts";
import { machines } from "./en/machines.ts";
import { me } from "./en/me.ts";
import { publicPages } from "./en/public.ts";
import { recordings } from "./en/recordings.ts";
import { rules } from "./en/rules.ts";
import { shell } from "./en/shell.ts";
import { signIn } from "./en/sign-in.ts";
import type { Words } from "./fr.ts";

/** All English words; a missing or different one does not compile. */
export const en: Words = {
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
