import { defineErrors } from "./entry.ts";

/** Failures any route may answer. */
export const commonErrors = defineErrors({
  "bad-request": {
    status: 400,
    journal: "none",
    fr: {
      what: "La demande n'est pas valable : {detail}.",
      next: "Corrigez la valeur signalée et recommencez.",
    },
    en: { what: "The request is not valid: {detail}.", next: "Correct the value named and try again." },
  },
  "not-signed-in": {
    status: 401,
    journal: "none",
    fr: { what: "Vous n'êtes pas connecté.", next: "Connectez-vous." },
    en: { what: "You are not signed in.", next: "Sign in." },
  },
  "not-allowed": {
    status: 403,
    journal: "notice",
    fr: { what: "Vos droits ne permettent pas cette action.", next: "Demandez à un administrateur." },
    en: { what: "Your rights do not allow this.", next: "Ask an administrator." },
  },
  "fresh-factor-needed": {
    status: 403,
    journal: "none",
    fr: {
      what: "Cette action demande de confirmer votre identité.",
      next: "Confirmez avec votre second facteur.",
    },
    en: { what: "This action asks you to confirm who you are.", next: "Confirm with your second factor." },
  },
  "wrong-origin": {
    status: 403,
    journal: "notice",
    fr: { what: "La demande ne vient pas de cette page.", next: "Rechargez la page." },
    en: { what: "The request does not come from this page.", next: "Reload the page." },
  },
  "not-found": {
    status: 404,
    journal: "none",
    fr: { what: "Cet élément n'existe pas, ou vous n'y avez pas accès.", next: "Revenez à la liste." },
    en: { what: "This item does not exist, or you have no access to it.", next: "Go back to the list." },
  },
  conflict: {
    status: 409,
    journal: "none",
    fr: { what: "Impossible dans l'état actuel : {detail}.", next: "Rechargez la page et vérifiez." },
    en: { what: "Not possible as things stand: {detail}.", next: "Reload the page and check." },
  },
  "too-many-requests": {
    status: 429,
    journal: "notice",
    fr: { what: "Trop de demandes en peu de temps.", next: "Attendez {seconds} s." },
    en: { what: "Too many requests in a short time.", next: "Wait {seconds} s." },
  },
  "journal-unavailable": {
    status: 503,
    journal: "none",
    fr: {
      what: "Le journal ne peut pas être écrit : rien de nouveau ne s'ouvre.",
      next: "Prévenez l'administrateur : place disque, processus gardien.",
    },
    en: {
      what: "The journal cannot be written: nothing new opens.",
      next: "Tell the administrator: disk space, keeper process.",
    },
  },
  "store-unavailable": {
    status: 503,
    journal: "alarm",
    fr: {
      what: "La base de données ne répond pas.",
      next: "Réessayez dans un instant ; sinon prévenez l'administrateur.",
    },
    en: {
      what: "The database does not answer.",
      next: "Try again in a moment; otherwise tell the administrator.",
    },
  },
  internal: {
    status: 500,
    journal: "alarm",
    fr: { what: "Une erreur interne s'est produite.", next: "Donnez ce code à l'assistance : {reference}." },
    en: { what: "An internal error occurred.", next: "Give this code to support: {reference}." },
  },
});
