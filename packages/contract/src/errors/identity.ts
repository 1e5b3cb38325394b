import { defineErrors } from "./entry.ts";

/** Failures of the noun *identity* that the sign-in page never shows: it does not load their words. */
export const identityErrors = defineErrors({
  "password-elsewhere": {
    status: 409,
    journal: "none",
    fr: {
      what: "Cette personne vient de {name} : son mot de passe n'est pas tenu ici.",
      next: "Changez-le là-bas.",
    },
    en: { what: "This person comes from {name}: the password is not kept here.", next: "Change it there." },
  },
  "provider-invalid": {
    status: 422,
    journal: "none",
    fr: { what: "Ces réglages ne vont pas : {reason}.", next: "Corrigez-les et recommencez." },
    en: { what: "These settings do not work: {reason}.", next: "Correct them and try again." },
  },
});
