import { defineErrors } from "./entry.ts";

/** Failures of administering people and groups; apart from signing in, whose page loads only its own words. */
export const peopleErrors = defineErrors({
  "login-taken": {
    status: 409,
    journal: "none",
    fr: { what: "L'identifiant {login} est déjà pris.", next: "Choisissez-en un autre." },
    en: { what: "The login {login} is already taken.", next: "Choose another." },
  },
  "role-beyond-yours": {
    status: 403,
    journal: "notice",
    fr: {
      what: "Vous ne pouvez ni donner ni modifier des droits plus étendus que les vôtres.",
      next: "Demandez à un administrateur de toute l'organisation.",
    },
    en: {
      what: "You can neither give nor change rights wider than yours.",
      next: "Ask an administrator of the whole organisation.",
    },
  },
  "last-administrator": {
    status: 409,
    journal: "none",
    fr: {
      what: "C'est le dernier administrateur de toute l'organisation.",
      next: "Nommez-en un autre d'abord.",
    },
    en: {
      what: "This is the last administrator of the whole organisation.",
      next: "Appoint another one first.",
    },
  },
  "group-cycle": {
    status: 409,
    journal: "none",
    fr: {
      what: "Le groupe {name} se contiendrait lui-même.",
      next: "Retirez d'abord l'appartenance inverse.",
    },
    en: { what: "The group {name} would contain itself.", next: "Remove the opposite membership first." },
  },
});
