import { defineErrors } from "./entry.ts";

/** Failures of the nouns *vault*, *keeper* and *journal*; `journal-unavailable` is in the common part. */
export const vaultErrors = defineErrors({
  "keeper-unavailable": {
    status: 503,
    journal: "alarm",
    fr: {
      what: "Le gardien des secrets ne répond pas : rien de nouveau ne s'ouvre.",
      next: "Réessayez dans quelques secondes ; sinon prévenez l'administrateur.",
    },
    en: {
      what: "The keeper of the secrets does not answer: nothing new opens.",
      next: "Try again in a few seconds; otherwise tell the administrator.",
    },
  },
  "keeper-limit": {
    status: 429,
    journal: "alarm",
    fr: {
      what: "Trop de secrets ont été demandés en peu de temps ; le gardien refuse d'en ouvrir davantage.",
      next: "Attendez {seconds} s ; si cela se répète, prévenez l'administrateur.",
    },
    en: {
      what: "Too many secrets were asked for in a short time; the keeper refuses to open more.",
      next: "Wait {seconds} s; if it happens again, tell the administrator.",
    },
  },
  "secret-unreadable": {
    status: 500,
    journal: "alarm",
    fr: {
      what: "Ce secret ne peut pas être ouvert : il a été altéré, déplacé, ou sa clé maîtresse manque.",
      next: "Enregistrez le secret à nouveau, ou restaurez la clé maîtresse d'origine.",
    },
    en: {
      what: "This secret cannot be opened: it was altered, moved, or its master key is missing.",
      next: "Store the secret again, or restore the original master key.",
    },
  },
  "secret-too-large": {
    status: 400,
    journal: "none",
    fr: {
      what: "Ce secret est trop long : {maxBytes} octets au plus.",
      next: "Enregistrez un secret plus court.",
    },
    en: { what: "This secret is too long: {maxBytes} bytes at most.", next: "Store a shorter secret." },
  },
  "bad-key": {
    status: 400,
    journal: "none",
    fr: {
      what: "Cette clé privée SSH n'est pas utilisable : {detail}.",
      next: "Donnez une clé Ed25519, ECDSA ou RSA (2048 bits au moins) au format OpenSSH ou PEM, et sa phrase secrète.",
    },
    en: {
      what: "This SSH private key cannot be used: {detail}.",
      next: "Give an Ed25519, ECDSA or RSA key (2048 bits or more) in OpenSSH or PEM form, and its passphrase.",
    },
  },
  "signature-refused": {
    status: 403,
    journal: "alarm",
    fr: {
      what: "Le gardien a refusé de signer : {detail}.",
      next: "Vérifiez le compte et la cible ; prévenez l'administrateur si cela se répète.",
    },
    en: {
      what: "The keeper refused to sign: {detail}.",
      next: "Check the account and the target; tell the administrator if it happens again.",
    },
  },
});
