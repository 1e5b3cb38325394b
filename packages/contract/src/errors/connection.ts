import { defineErrors } from "./entry.ts";

/** Failures of terminals between gateway and target, beside those of `session.ts`: algorithms, keys, log-in, jump hosts. */
export const connectionErrors = defineErrors({
  "key-refused": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La machine {target} refuse la clé ou le certificat du compte.",
      next: "Vérifiez que la clé y est autorisée et que le certificat est valable.",
    },
    en: {
      what: "The machine {target} refuses the account's key or certificate.",
      next: "Check that the key is authorised there and that the certificate is valid.",
    },
  },
  "password-change-required": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La machine {target} exige un nouveau mot de passe avant de laisser entrer.",
      next: "Changez-le sur la machine, puis mettez le coffre à jour.",
    },
    en: {
      what: "The machine {target} demands a new password before letting you in.",
      next: "Change it on the machine, then update the vault.",
    },
  },
  "login-not-recognised": {
    status: 502,
    journal: "notice",
    fr: {
      what: "L'invite de connexion de {target} n'a pas été reconnue.",
      next: "Corrigez les expressions d'invite dans les options de la cible.",
    },
    en: {
      what: "The log-in prompt of {target} was not recognised.",
      next: "Correct the prompt patterns in the target's options.",
    },
  },
  "secret-would-show": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La machine {target} aurait affiché le mot de passe : il n'a pas été envoyé.",
      next: "La machine doit masquer la saisie (option ECHO de Telnet) avant de le demander.",
    },
    en: {
      what: "The machine {target} would have shown the password: it was not sent.",
      next: "The machine must hide what is typed (Telnet's ECHO option) before it asks.",
    },
  },
  "bad-prompt-pattern": {
    status: 422,
    journal: "none",
    fr: {
      what: "L'expression d'invite « {name} » n'est pas valable ou coûterait trop de temps.",
      next: "Simplifiez-la : ni répétition imbriquée, ni référence arrière.",
    },
    en: {
      what: "The prompt pattern “{name}” is not valid or would cost too much time.",
      next: "Simplify it: no nested repetition, no back reference.",
    },
  },
  "no-common-algorithm": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La machine {target} ne propose que des algorithmes dangereux ou inconnus.",
      next: "Mettez-la à jour, ou autorisez les anciens algorithmes pour cette cible.",
    },
    en: {
      what: "The machine {target} offers only algorithms that are unsafe or unknown.",
      next: "Update it, or allow legacy algorithms on this target.",
    },
  },
  "legacy-algorithms": {
    status: 200,
    journal: "notice",
    fr: {
      what: "La liaison avec {target} utilise d'anciens algorithmes ({algorithms}) : elle pourrait être lue ou modifiée.",
      next: "Évitez d'y saisir des secrets et prévoyez la mise à jour de la machine.",
    },
    en: {
      what: "The link to {target} uses old algorithms ({algorithms}): it could be read or altered.",
      next: "Avoid typing secrets there and plan the machine's update.",
    },
  },
  "jump-failed": {
    status: 502,
    journal: "notice",
    fr: {
      what: "Le rebond {jump} n'a pas pu joindre {target}.",
      next: "Vérifiez que le rebond a le droit de relayer et qu'il atteint la machine.",
    },
    en: {
      what: "The jump host {jump} could not reach {target}.",
      next: "Check that the jump host may forward and that it reaches the machine.",
    },
  },
  "shell-refused": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La machine {target} accepte le compte mais refuse d'ouvrir un terminal.",
      next: "Vérifiez les droits du compte sur la machine.",
    },
    en: {
      what: "The machine {target} accepts the account but refuses to open a terminal.",
      next: "Check the account's rights on the machine.",
    },
  },
});
