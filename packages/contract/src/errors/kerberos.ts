import { defineErrors } from "./entry.ts";

/** Why Kerberos opens no session on a target: the name, the account, the domain's KDCs, the service, the target itself. */
export const kerberosErrors = defineErrors({
  "kerberos-name-needed": {
    status: 502,
    journal: "notice",
    fr: {
      what: "{target} n'a qu'une adresse ({address}) : Kerberos prouve l'identité d'un nom, pas d'une adresse.",
      next: "Donnez à la machine son nom Kerberos, le nom complet qu'elle porte dans le domaine.",
    },
    en: {
      what: "{target} has only an address ({address}): Kerberos proves the identity of a name, not of an address.",
      next: "Give the machine its Kerberos name, the full name it has in the domain.",
    },
  },
  "kerberos-local-account": {
    status: 502,
    journal: "notice",
    fr: {
      what: "Le compte « {account} » n'est d'aucun domaine connu ici : Kerberos ne peut pas le prouver.",
      next: "Écrivez-le nom@DOMAINE, ou expliquez le nom court dans kerberos.domains.",
    },
    en: {
      what: "The account “{account}” is of no domain known here: Kerberos cannot prove it.",
      next: "Write it as name@DOMAIN, or explain the short name in kerberos.domains.",
    },
  },
  "kerberos-protected-user": {
    status: 502,
    journal: "notice",
    fr: {
      what: "Kerberos n'ouvre pas {target}, et « {account} » est membre de Protected Users : NTLM n'est jamais essayé ({reason}).",
      next: "Vérifiez le nom Kerberos de la machine avec le diagnostic Kerberos.",
    },
    en: {
      what: "Kerberos does not open {target}, and “{account}” is a member of Protected Users: NTLM is never tried ({reason}).",
      next: "Check the machine's Kerberos name with the Kerberos doctor.",
    },
  },
  "kerberos-wrong-password": {
    status: 502,
    journal: "notice",
    fr: {
      what: "Le domaine refuse le mot de passe de « {account} ».",
      next: "Vérifiez le compte, ou retapez le mot de passe.",
    },
    en: {
      what: "The domain refuses the password of “{account}”.",
      next: "Check the account, or type the password again.",
    },
  },
  "kerberos-password-expired": {
    status: 502,
    journal: "notice",
    fr: {
      what: "Le mot de passe de « {account} » a expiré ou doit être changé.",
      next: "Changez-le sur un poste du domaine, puis recommencez.",
    },
    en: {
      what: "The password of “{account}” has expired or must be changed.",
      next: "Change it on a machine of the domain, then try again.",
    },
  },
  "kerberos-account-barred": {
    status: 502,
    journal: "notice",
    fr: {
      what: "Le domaine ne laisse pas entrer « {account} » ({reason}).",
      next: "Demandez à qui gère l'annuaire : compte désactivé, verrouillé, expiré ou limité par une politique.",
    },
    en: {
      what: "The domain does not let “{account}” in ({reason}).",
      next: "Ask who runs the directory: the account is disabled, locked, expired or limited by policy.",
    },
  },
  "kerberos-person-unknown": {
    status: 502,
    journal: "notice",
    fr: {
      what: "Le domaine ne connaît pas « {account} ».",
      next: "Vérifiez le nom et le domaine du compte.",
    },
    en: {
      what: "The domain does not know “{account}”.",
      next: "Check the account's name and domain.",
    },
  },
  "kerberos-other-proof": {
    status: 502,
    journal: "notice",
    fr: {
      what: "Le domaine exige de « {account} » une autre preuve que le mot de passe, ou un chiffrement que Poterne refuse ({reason}).",
      next: "Voyez le diagnostic Kerberos : carte à puce, FAST, ou clés AES manquantes.",
    },
    en: {
      what: "The domain demands other proof of “{account}” than a password, or encryption that Poterne refuses ({reason}).",
      next: "See the Kerberos doctor: a smart card, FAST, or missing AES keys.",
    },
  },
  "kerberos-service-unknown": {
    status: 502,
    journal: "notice",
    fr: {
      what: "Le domaine ne donne pas de ticket pour {service} ({reason}).",
      next: "Utilisez le nom complet de la machine, ou ajoutez-le : setspn -S {service} MACHINE.",
    },
    en: {
      what: "The domain gives no ticket for {service} ({reason}).",
      next: "Use the machine's full name, or add it: setspn -S {service} MACHINE.",
    },
  },
  "kerberos-kdc-silent": {
    status: 502,
    journal: "notice",
    fr: {
      what: "Aucun KDC du domaine ne répond pour « {account} » ({detail}).",
      next: "Ouvrez TCP 88 vers les contrôleurs de domaine, vérifiez le DNS ou kerberos.kdcs.",
    },
    en: {
      what: "No KDC of the domain answers for “{account}” ({detail}).",
      next: "Open TCP 88 to the domain controllers, check the DNS or kerberos.kdcs.",
    },
  },
  "kerberos-clock": {
    status: 502,
    journal: "notice",
    fr: {
      what: "Les horloges diffèrent de plus de cinq minutes ({detail}).",
      next: "Réglez la passerelle, la machine et le domaine sur le même serveur NTP.",
    },
    en: {
      what: "The clocks differ by more than five minutes ({detail}).",
      next: "Set gateway, machine and domain to the same NTP server.",
    },
  },
  "kerberos-target-refused": {
    status: 502,
    journal: "notice",
    fr: {
      what: "{target} n'accepte pas le ticket pour {service} ({reason}).",
      next: "La machine doit être dans le domaine et porter ce nom ; voyez le diagnostic Kerberos.",
    },
    en: {
      what: "{target} does not accept the ticket for {service} ({reason}).",
      next: "The machine must be in the domain and bear this name; see the Kerberos doctor.",
    },
  },
  "kerberos-failed": {
    status: 502,
    journal: "notice",
    fr: {
      what: "Kerberos a échoué : {detail}.",
      next: "Voyez le diagnostic Kerberos et le journal du KDC à cette heure.",
    },
    en: {
      what: "Kerberos failed: {detail}.",
      next: "See the Kerberos doctor, and the KDC's log at this time.",
    },
  },
});
