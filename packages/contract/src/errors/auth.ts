import { defineErrors } from "./entry.ts";

/** Failures of the noun *auth*: signing in, factors, people and tokens. The acts journal themselves, hence `none`. */
export const authErrors = defineErrors({
  "sign-in-refused": {
    status: 401,
    journal: "none",
    fr: {
      what: "Le nom ou le mot de passe ne convient pas.",
      next: "Vérifiez les deux et recommencez ; sinon demandez une réinitialisation à l'assistance.",
    },
    en: {
      what: "The name or the password is not right.",
      next: "Check both and try again; otherwise ask the help desk for a reset.",
    },
  },
  "source-banned": {
    status: 429,
    journal: "none",
    fr: {
      what: "Trop d'échecs depuis cette adresse : les connexions y sont suspendues.",
      next: "Attendez {seconds} s, ou prévenez l'administrateur.",
    },
    en: {
      what: "Too many failures from this address: sign-in is suspended there.",
      next: "Wait {seconds} s, or tell the administrator.",
    },
  },
  "link-invalid": {
    status: 401,
    journal: "none",
    fr: {
      what: "Ce lien ne vaut plus : il a déjà servi, a expiré ou n'est pas complet.",
      next: "Demandez un nouveau lien à la personne qui vous l'a donné.",
    },
    en: {
      what: "This link is no longer good: it was used, has expired or is not complete.",
      next: "Ask for a new link from whoever gave it to you.",
    },
  },
  "enrolment-link-needed": {
    status: 403,
    journal: "none",
    fr: {
      what: "Vos appareils ont été réinitialisés : il faut le lien remis par l'assistance pour en enrôler un.",
      next: "Ouvrez ce lien, ou demandez-en un autre.",
    },
    en: {
      what: "Your devices were reset: enrolling one needs the link from the help desk.",
      next: "Open that link, or ask for another.",
    },
  },
  "wrong-code": {
    status: 401,
    journal: "none",
    fr: {
      what: "Le code ne convient pas, ou il a déjà servi.",
      next: "Attendez le code suivant ; vérifiez l'heure de votre téléphone.",
    },
    en: {
      what: "The code is not right, or was used already.",
      next: "Wait for the next code; check your phone's clock.",
    },
  },
  "passkey-refused": {
    status: 401,
    journal: "none",
    fr: {
      what: "La clé d'accès n'a pas été reconnue.",
      next: "Recommencez, ou choisissez un autre moyen.",
    },
    en: { what: "The passkey was not recognised.", next: "Try again, or choose another way." },
  },
  "passkeys-unavailable": {
    status: 409,
    journal: "none",
    fr: {
      what: "Les clés d'accès ne fonctionnent pas à cette adresse : le navigateur demande un nom et HTTPS, pas une adresse IP.",
      next: "Enrôlez une application d'authentification, ou ouvrez la passerelle par son nom.",
    },
    en: {
      what: "Passkeys do not work at this address: the browser asks for a name and HTTPS, not an IP address.",
      next: "Enrol an authenticator application, or open the gateway by its name.",
    },
  },
  "last-factor": {
    status: 409,
    journal: "none",
    fr: {
      what: "C'est votre dernier appareil, et un second facteur est exigé.",
      next: "Enrôlez-en un autre d'abord.",
    },
    en: {
      what: "This is your last device, and a second factor is required.",
      next: "Enrol another one first.",
    },
  },
  "too-many-factors": {
    status: 409,
    journal: "none",
    fr: { what: "Vous avez déjà {limit} appareils.", next: "Retirez-en un d'abord." },
    en: { what: "You already have {limit} devices.", next: "Remove one first." },
  },
  "password-too-short": {
    status: 422,
    journal: "none",
    fr: {
      what: "Le mot de passe compte moins de {limit} caractères.",
      next: "Prenez une phrase de plusieurs mots.",
    },
    en: {
      what: "The password has fewer than {limit} characters.",
      next: "Take a sentence of several words.",
    },
  },
  "password-too-long": {
    status: 422,
    journal: "none",
    fr: { what: "Le mot de passe dépasse {limit} octets.", next: "Prenez-en un plus court." },
    en: { what: "The password exceeds {limit} bytes.", next: "Take a shorter one." },
  },
  "password-common": {
    status: 422,
    journal: "none",
    fr: {
      what: "Ce mot de passe est facile à deviner : mot courant, suite de touches ou répétition.",
      next: "Prenez une phrase de plusieurs mots sans rapport entre eux.",
    },
    en: {
      what: "This password is easy to guess: a common word, a run of keys or a repetition.",
      next: "Take a sentence of several unrelated words.",
    },
  },
  "password-personal": {
    status: 422,
    journal: "none",
    fr: {
      what: "Ce mot de passe est fait de votre nom, de votre adresse ou du nom de l'organisation.",
      next: "Prenez une phrase de plusieurs mots sans rapport avec vous.",
    },
    en: {
      what: "This password is made of your name, your address or the organisation's name.",
      next: "Take a sentence of several words unrelated to you.",
    },
  },
  "password-reused": {
    status: 422,
    journal: "none",
    fr: {
      what: "Ce mot de passe est l'un de vos {limit} derniers.",
      next: "Prenez-en un que vous n'avez pas encore eu.",
    },
    en: { what: "This password is one of your last {limit}.", next: "Take one you have not had before." },
  },
  "directory-away": {
    status: 503,
    journal: "none",
    fr: {
      what: "Le nom ou le mot de passe ne convient pas, ou l'annuaire qui vous connaît ne répond pas.",
      next: "Vérifiez les deux et recommencez ; sinon prévenez l'administrateur.",
    },
    en: {
      what: "The name or the password is not right, or the directory that knows you does not answer.",
      next: "Check both and try again; otherwise tell the administrator.",
    },
  },
  "account-disabled": {
    status: 403,
    journal: "none",
    fr: {
      what: "Votre compte est désactivé dans l'annuaire.",
      next: "Prévenez l'administrateur.",
    },
    en: { what: "Your account is disabled in the directory.", next: "Tell the administrator." },
  },
  "account-expired": {
    status: 403,
    journal: "none",
    fr: {
      what: "Votre compte a expiré dans l'annuaire.",
      next: "Prévenez l'administrateur.",
    },
    en: { what: "Your account has expired in the directory.", next: "Tell the administrator." },
  },
  "account-password-expired": {
    status: 403,
    journal: "none",
    fr: {
      what: "Votre mot de passe de l'annuaire a expiré ou doit être changé.",
      next: "Changez-le sur un poste de l'organisation, puis revenez.",
    },
    en: {
      what: "Your directory password has expired or must be changed.",
      next: "Change it on a computer of the organisation, then come back.",
    },
  },
  "not-admitted": {
    status: 403,
    journal: "none",
    fr: {
      what: "Votre compte est bon, mais il n'ouvre pas cette passerelle.",
      next: "Prévenez l'administrateur.",
    },
    en: {
      what: "Your account is good, but does not open this gateway.",
      next: "Tell the administrator.",
    },
  },
  "federation-refused": {
    status: 401,
    journal: "none",
    fr: {
      what: "La connexion par la fédération n'a pas abouti.",
      next: "Recommencez ; sinon prévenez l'administrateur.",
    },
    en: {
      what: "Signing in at the federation did not succeed.",
      next: "Try again; otherwise tell the administrator.",
    },
  },
  "ticket-wanted": {
    status: 401,
    journal: "none",
    fr: {
      what: "Votre navigateur n'a pas donné de ticket de votre domaine.",
      next: "Connectez-vous avec votre identifiant et votre mot de passe.",
    },
    en: {
      what: "Your browser gave no ticket of your domain.",
      next: "Sign in with your name and password.",
    },
  },
  "ticket-refused": {
    status: 403,
    journal: "none",
    fr: {
      what: "La connexion par le ticket de votre domaine n'a pas abouti.",
      next: "Connectez-vous avec votre identifiant et votre mot de passe ; le journal dit pourquoi.",
    },
    en: {
      what: "Signing in by your domain's ticket did not succeed.",
      next: "Sign in with your name and password; the journal says why.",
    },
  },
});
