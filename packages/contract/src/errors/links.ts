import { defineErrors } from "./entry.ts";

/** Failures of linked identities. */
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
