import { defineErrors } from "./entry.ts";

/** Failures of the noun *identity* that the sign-in page never shows: it does not load their words. */
export const identityErrors = defineErrors({
  "own-password-needed": {
    status: 409,
    journal: "none",
    fr: {
      what: "Cette machine s'ouvre avec votre propre compte {account} : votre mot de passe est nécessaire.",
      next: "Ouvrez-la depuis un navigateur et tapez votre mot de passe.",
    },
    en: {
      what: "This machine opens with your own account {account}: your password is needed.",
      next: "Open it from a browser and type your password.",
    },
  },
  "own-password-changed": {
    status: 409,
    journal: "notice",
    fr: {
      what: "Le mot de passe gardé pour {account} n'est plus le bon : il a sans doute changé. Il est oublié.",
      next: "Tapez votre nouveau mot de passe.",
    },
    en: {
      what: "The password kept for {account} is no longer right: it was probably changed. It is forgotten.",
      next: "Type your new password.",
    },
  },
  "own-password-wrong": {
    status: 403,
    journal: "notice",
    fr: {
      what: "{provider} ne reconnaît pas ce mot de passe pour {account}.",
      next: "Vérifiez le clavier et recommencez ; trop d'essais verrouillent le compte.",
    },
    en: {
      what: "{provider} does not take this password for {account}.",
      next: "Check the keyboard and try again; too many attempts lock the account.",
    },
  },
  "own-account-none": {
    status: 409,
    journal: "none",
    fr: {
      what: "Vous n'avez pas de compte d'annuaire : rien ne peut s'ouvrir « en mon nom ».",
      next: "Choisissez un autre compte, ou demandez à l'administration de relier votre connexion à un annuaire.",
    },
    en: {
      what: "You have no directory account: nothing can open “as me”.",
      next: "Choose another account, or ask an administrator to tie your sign-in to a directory.",
    },
  },
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
