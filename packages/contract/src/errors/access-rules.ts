import { defineErrors } from "./entry.ts";

/** Failures of where, when and with whom: addresses, hours, requests and approvals. */
export const accessRuleErrors = defineErrors({
  "refused-sessions-in-total": {
    status: 403,
    journal: "notice",
    fr: {
      what: "Sous cette politique, il y a déjà autant de sessions qu'elle en permet en tout.",
      next: "Réessayez quand l'une d'elles sera terminée.",
    },
    en: {
      what: "There are already as many sessions under this policy as it allows in total.",
      next: "Try again when one of them has ended.",
    },
  },
  "refused-outside-hours": {
    status: 403,
    journal: "notice",
    fr: {
      what: "Cet accès n'est pas ouvert à cette heure.",
      next: "Revenez à l'heure d'ouverture indiquée, ou demandez un autre accès.",
    },
    en: {
      what: "This access is not open at this hour.",
      next: "Come back at the opening time shown, or ask for another access.",
    },
  },
  "refused-source-refused": {
    status: 403,
    journal: "notice",
    fr: {
      what: "Cet accès n'est pas ouvert depuis cette adresse.",
      next: "Connectez-vous depuis un réseau admis.",
    },
    en: {
      what: "This access is not open from this address.",
      next: "Connect from a network that is allowed.",
    },
  },
  "refused-approval-needed": {
    status: 403,
    journal: "notice",
    fr: {
      what: "Cet accès demande une approbation.",
      next: "Faites une demande : motif, durée, et qui doit l'approuver est prévenu.",
    },
    en: {
      what: "This access needs an approval.",
      next: "Make a request: reason and length; those who approve are told.",
    },
  },
  "source-refused": {
    status: 403,
    journal: "notice",
    fr: {
      what: "Votre adresse n'est pas admise ici.",
      next: "Connectez-vous depuis un réseau admis, ou demandez à un administrateur.",
    },
    en: {
      what: "Your address is not allowed here.",
      next: "Connect from a network that is allowed, or ask an administrator.",
    },
  },
  "source-locks-you-out": {
    status: 409,
    journal: "none",
    fr: {
      what: "Cette liste vous exclurait : votre adresse ({address}) n'y est pas.",
      next: "Ajoutez votre réseau à la liste, ou faites-la écrire par un autre administrateur.",
    },
    en: {
      what: "This list would shut you out: your address ({address}) is not in it.",
      next: "Add your network to the list, or have another administrator write it.",
    },
  },
  "request-not-possible": {
    status: 409,
    journal: "none",
    fr: {
      what: "Cette cible ne peut pas être demandée ainsi : aucune autorisation sous approbation ne la couvre pour vous, ou la durée dépasse {minutes} minutes.",
      next: "Choisissez une cible de la liste, et une durée permise.",
    },
    en: {
      what: "This target cannot be asked for like this: no grant under approval covers it for you, or the length is over {minutes} minutes.",
      next: "Choose a target of the list, and a length that is allowed.",
    },
  },
  "request-decided": {
    status: 409,
    journal: "none",
    fr: {
      what: "Cette demande n'attend plus de décision.",
      next: "Rechargez la page pour voir ce qu'il en est.",
    },
    en: { what: "This request no longer waits for a decision.", next: "Reload the page to see its state." },
  },
  "request-own": {
    status: 403,
    journal: "notice",
    fr: {
      what: "Nul n'approuve sa propre demande, ni deux fois la même.",
      next: "Une autre personne doit l'approuver.",
    },
    en: {
      what: "Nobody approves their own request, nor the same one twice.",
      next: "Another person must approve it.",
    },
  },
  "report-due": {
    status: 409,
    journal: "none",
    fr: {
      what: "Le compte rendu d'un accès d'urgence manque encore.",
      next: "Écrivez-le dans « Mes demandes », puis recommencez.",
    },
    en: {
      what: "The report of an emergency access is still missing.",
      next: "Write it in “My requests”, then try again.",
    },
  },
  "emergency-report-due": {
    status: 409,
    journal: "notice",
    fr: {
      what: "Votre accès d'urgence à {target} attend son compte rendu : aucun autre ne s'ouvre, et il ne se prolonge pas.",
      next: "Écrivez ce compte rendu dans « Mes demandes », puis recommencez ; un administrateur peut aussi clore l'urgence.",
    },
    en: {
      what: "Your emergency access to {target} waits for its report: no other opens, and it is not prolonged.",
      next: "Write that report in “My requests”, then try again; an administrator can close the emergency too.",
    },
  },
  "pass-closed": {
    status: 403,
    journal: "notice",
    fr: {
      what: "Votre accès de personne extérieure n'est pas ouvert maintenant.",
      next: "Revenez pendant le créneau convenu. S'il a changé, demandez à qui vous a invité.",
    },
    en: {
      what: "Your access as an outside person is not open now.",
      next: "Come back within the slot agreed on. If it has changed, ask who invited you.",
    },
  },
  "pass-slot-wrong": {
    status: 422,
    journal: "none",
    fr: {
      what: "Ce créneau n'est pas possible : il doit finir dans l'avenir, après son début, et durer {days} jours au plus.",
      next: "Corrigez le début ou la fin.",
    },
    en: {
      what: "This slot is not possible: it must end in the future, after its start, and last {days} days at most.",
      next: "Correct the start or the end.",
    },
  },
  "pass-decided": {
    status: 409,
    journal: "none",
    fr: {
      what: "Cet accès tiers n'en est plus là.",
      next: "Rechargez la page pour voir ce qu'il en est.",
    },
    en: { what: "This vendor pass is no longer at that point.", next: "Reload the page to see its state." },
  },
  "grant-of-pass": {
    status: 409,
    journal: "none",
    fr: {
      what: "Cette autorisation vient d'un accès tiers : elle ne se change pas d'ici.",
      next: "Prolongez ou retirez l'accès tiers dans sa page.",
    },
    en: {
      what: "A vendor pass gave this grant: it is not changed here.",
      next: "Extend or revoke the vendor pass in its page.",
    },
  },
  "pass-own": {
    status: 403,
    journal: "notice",
    fr: {
      what: "Qui propose un accès tiers ne l'approuve pas et ne le prolonge pas.",
      next: "Une autre personne doit le faire.",
    },
    en: {
      what: "Whoever proposes a vendor pass neither approves nor extends it.",
      next: "Somebody else must do it.",
    },
  },
  "mail-no-address": {
    status: 409,
    journal: "none",
    fr: {
      what: "Votre profil n'a pas d'adresse électronique : le message d'essai n'irait nulle part.",
      next: "Ajoutez votre adresse dans votre profil de personne, puis recommencez.",
    },
    en: {
      what: "Your profile has no mail address: the test message would go nowhere.",
      next: "Add your address to your entry under people, then try again.",
    },
  },
  "request-too-many": {
    status: 409,
    journal: "none",
    fr: {
      what: "Vous avez déjà {limit} demandes en attente.",
      next: "Retirez-en une, ou attendez une décision.",
    },
    en: { what: "You already have {limit} requests waiting.", next: "Withdraw one, or wait for a decision." },
  },
});
