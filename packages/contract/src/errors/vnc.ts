import { defineErrors } from "./entry.ts";

/** What a VNC target refuses or does not protect: its security, its certificate, its log-in. */
export const vncErrors = defineErrors({
  "login-blocked": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La machine bloque les connexions après trop d'échecs.",
      next: "Attendez une minute, vérifiez le mot de passe, puis recommencez.",
    },
    en: {
      what: "The machine blocks log-ins after too many failures.",
      next: "Wait a minute, check the password, then try again.",
    },
  },
  "turned-away": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La machine a refusé la session : {reason}.",
      next: "Voyez ce qu'elle dit ; un seul client y est peut-être admis à la fois.",
    },
    en: {
      what: "The machine refused the session: {reason}.",
      next: "See what it says; perhaps it takes only one client at a time.",
    },
  },
  "no-common-security": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La machine ne propose aucune sécurité VNC connue de la passerelle (types {offered}).",
      next: "Activez VncAuth ou VeNCrypt sur la machine.",
    },
    en: {
      what: "The machine offers no VNC security the gateway knows (types {offered}).",
      next: "Turn VncAuth or VeNCrypt on at the machine.",
    },
  },
  "security-too-weak": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La machine n'offre qu'une sécurité plus faible que celle exigée (types {offered}).",
      next: "Renforcez le serveur VNC, ou abaissez la sécurité minimale de la cible.",
    },
    en: {
      what: "The machine offers only weaker security than demanded (types {offered}).",
      next: "Strengthen the VNC server, or lower the target's minimum security.",
    },
  },
  "tls-failed": {
    status: 502,
    journal: "notice",
    fr: {
      what: "Le chiffrement avec la machine n'a pas pu s'établir ({detail}).",
      next: "Vérifiez le certificat et la version de TLS du serveur.",
    },
    en: {
      what: "Encryption with the machine could not be set up ({detail}).",
      next: "Check the server's certificate and TLS version.",
    },
  },
  "target-not-encrypted": {
    status: 200,
    journal: "notice",
    fr: {
      what: "La liaison entre la passerelle et la machine n'est pas chiffrée.",
      next: "Activez VeNCrypt sur la machine, ou passez par un réseau sûr.",
    },
    en: {
      what: "The connection between gateway and machine is not encrypted.",
      next: "Turn VeNCrypt on at the machine, or use a safe network.",
    },
  },
  "target-not-identified": {
    status: 200,
    journal: "notice",
    fr: {
      what: "La liaison est chiffrée, mais la machine ne prouve pas son identité (TLS anonyme).",
      next: "Donnez-lui un certificat (types X509 de VeNCrypt).",
    },
    en: {
      what: "The connection is encrypted, but the machine does not prove who it is (anonymous TLS).",
      next: "Give it a certificate (VeNCrypt's X509 types).",
    },
  },
  "certificate-expired": {
    status: 200,
    journal: "notice",
    fr: {
      what: "Le certificat de la machine n'est plus valable depuis le {date}.",
      next: "Renouvelez-le.",
    },
    en: { what: "The machine's certificate expired on {date}.", next: "Renew it." },
  },
  "account-unfit": {
    status: 422,
    journal: "notice",
    fr: {
      what: "Le compte choisi n'a pas de mot de passe : {target} ne sait pas utiliser une clé SSH.",
      next: "Choisissez un compte à mot de passe.",
    },
    en: {
      what: "The account chosen has no password: {target} cannot use an SSH key.",
      next: "Choose an account with a password.",
    },
  },
});
