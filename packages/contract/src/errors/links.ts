import { defineErrors } from "./entry.ts";

/** Failures of linked identities and of shared accounts. */
export const linkErrors = defineErrors({
  "linked-to-itself": {
    status: 409,
    journal: "none",
    fr: {
      what: "Une identité ne se relie pas à elle-même.",
      next: "Choisissez l'autre identité de la même personne.",
    },
    en: {
      what: "An identity is not linked to itself.",
      next: "Choose the other identity of the same human being.",
    },
  },
  "linked-own": {
    status: 403,
    journal: "notice",
    fr: {
      what: "Nul ne défait le lien de ses propres identités.",
      next: "Un autre administrateur peut le faire.",
    },
    en: {
      what: "Nobody unlinks their own identities.",
      next: "Another administrator can.",
    },
  },
  "checkout-needed": {
    status: 409,
    journal: "notice",
    fr: {
      what: "Ce compte est partagé : une personne à la fois s'en sert, et son nom est noté.",
      next: "Empruntez-le sur la page Demandes, puis ouvrez la session.",
    },
    en: {
      what: "This account is shared: one person at a time uses it, and the name is kept.",
      next: "Check it out on the Requests page, then open the session.",
    },
  },
  "checkout-held": {
    status: 409,
    journal: "notice",
    fr: {
      what: "{name} a emprunté ce compte.",
      next: "Attendez qu'il soit rendu (la page Demandes dit jusqu'à quand), ou demandez-le à cette personne.",
    },
    en: {
      what: "{name} has checked this account out.",
      next: "Wait until it is returned (the Requests page says until when), or ask that person.",
    },
  },
  "checkout-too-long": {
    status: 400,
    journal: "none",
    fr: {
      what: "Ce compte s'emprunte pour {minutes} minutes au plus.",
      next: "Choisissez une durée plus courte.",
    },
    en: {
      what: "This account is lent for {minutes} minutes at most.",
      next: "Choose a shorter time.",
    },
  },
  "request-linked": {
    status: 403,
    journal: "notice",
    fr: {
      what: "Cette demande est d'une autre de vos identités, ou l'une d'elles a déjà voté : nul ne s'approuve soi-même.",
      next: "Une autre personne doit l'approuver.",
    },
    en: {
      what: "This request is another of your identities', or one of them has voted already: nobody approves themselves.",
      next: "Another person must approve it.",
    },
  },
});
