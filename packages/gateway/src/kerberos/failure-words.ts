import type { KerberosFailureReason } from "@poterne/kerberos";
import type { Words } from "../health/check.ts";

/** What a failure means to an administrator, and what to do about it. */
export interface FailureWords {
  readonly found: Words;
  readonly remedy: Words;
}

/** Every reason of the core in both languages. */
export const failureWords: Readonly<Record<KerberosFailureReason, FailureWords>> = {
  "wrong-password": {
    found: { fr: "Le mot de passe est refusé.", en: "The password is refused." },
    remedy: {
      fr: "Vérifiez la saisie ; s'il vient d'être changé, laissez les contrôleurs se synchroniser.",
      en: "Check what was typed; if it was just changed, let the domain controllers replicate.",
    },
  },
  "password-expired": {
    found: {
      fr: "Le mot de passe a expiré ou doit être changé.",
      en: "The password has expired or must be changed.",
    },
    remedy: { fr: "Changez-le sur un poste du domaine.", en: "Change it on a machine of the domain." },
  },
  "account-disabled": {
    found: { fr: "Le compte est désactivé.", en: "The account is disabled." },
    remedy: { fr: "Réactivez-le dans l'annuaire.", en: "Enable it in the directory." },
  },
  "account-locked": {
    found: { fr: "Le compte est verrouillé.", en: "The account is locked." },
    remedy: {
      fr: "Déverrouillez-le, et cherchez qui essaie de vieux mots de passe.",
      en: "Unlock it, and look for what keeps trying old passwords.",
    },
  },
  "account-expired": {
    found: { fr: "Le compte n'est pas en cours de validité.", en: "The account is outside its validity." },
    remedy: { fr: "Corrigez ses dates dans l'annuaire.", en: "Correct its dates in the directory." },
  },
  "account-restricted": {
    found: {
      fr: "La politique du domaine refuse ce compte ici : horaires, poste, ou limites de Protected Users.",
      en: "The domain's policy refuses this account here: hours, workstation, or the limits of Protected Users.",
    },
    remedy: {
      fr: "Voyez le journal du contrôleur de domaine. Un membre de Protected Users doit avoir des clés AES : changez son mot de passe une fois.",
      en: "See the domain controller's log. A member of Protected Users needs AES keys: change the password once.",
    },
  },
  "unknown-person": {
    found: { fr: "Le domaine ne connaît pas cette personne.", en: "The domain does not know this person." },
    remedy: { fr: "Vérifiez le nom et le domaine.", en: "Check the name and the domain." },
  },
  "unknown-service": {
    found: {
      fr: "Le domaine ne connaît pas ce nom de service (SPN).",
      en: "The domain does not know this service name (SPN).",
    },
    remedy: {
      fr: "Utilisez le nom complet de la machine, ou ajoutez-le : setspn -S SERVICE/NOM COMPTE.",
      en: "Use the machine's full name, or add it: setspn -S SERVICE/NAME ACCOUNT.",
    },
  },
  "unknown-realm": {
    found: { fr: "Aucun KDC n'est connu pour ce domaine.", en: "No KDC is known for this realm." },
    remedy: {
      fr: "Vérifiez l'orthographe, le DNS de cette machine, ou indiquez les KDC dans kerberos.kdcs.",
      en: "Check the spelling and this machine's DNS, or name the KDCs in kerberos.kdcs.",
    },
  },
  "preauthentication-unsupported": {
    found: {
      fr: "Le compte exige une autre preuve que le mot de passe (carte à puce, FAST).",
      en: "The account demands other proof than the password (smart card, FAST).",
    },
    remedy: {
      fr: "Poterne ne sait pas encore le faire : levez cette exigence pour ce compte, ou utilisez-en un autre.",
      en: "Poterne cannot do that yet: lift the demand for this account, or use another.",
    },
  },
  "encryption-unsupported": {
    found: { fr: "Pas de chiffrement AES en commun.", en: "No AES encryption type in common." },
    remedy: {
      fr: "Autorisez AES pour ce compte (msDS-SupportedEncryptionTypes = 24), puis changez son mot de passe.",
      en: "Allow AES for the account (msDS-SupportedEncryptionTypes = 24), then change its password.",
    },
  },
  "clock-skew": {
    found: {
      fr: "Les horloges diffèrent de plus de cinq minutes.",
      en: "The clocks differ by more than five minutes.",
    },
    remedy: {
      fr: "Réglez cette machine sur le même serveur NTP que le domaine.",
      en: "Set this machine to the same NTP server as the domain.",
    },
  },
  "ticket-expired": {
    found: { fr: "Le ticket a expiré.", en: "The ticket has expired." },
    remedy: { fr: "Reconnectez-vous.", en: "Sign in again." },
  },
  "ticket-not-yet-valid": {
    found: { fr: "Le ticket n'est pas encore valable.", en: "The ticket is not valid yet." },
    remedy: { fr: "Comparez les horloges.", en: "Compare the clocks." },
  },
  "service-restricted": {
    found: {
      fr: "Le compte du service ne peut pas servir ainsi.",
      en: "The service's account cannot serve this way.",
    },
    remedy: {
      fr: "Vérifiez qu'il est actif, valable et non réservé à « user-to-user ».",
      en: "Check that it is enabled, valid and not for user-to-user only.",
    },
  },
  "unknown-service-key": {
    found: {
      fr: "Le ticket est pour une clé que le fichier keytab n'a pas.",
      en: "The ticket is for a key that the keytab does not hold.",
    },
    remedy: {
      fr: "Exportez de nouveau le keytab, avec AES, après tout changement de mot de passe du service.",
      en: "Export the keytab again, with AES, after each change of the service's password.",
    },
  },
  "wrong-service-key": {
    found: {
      fr: "Le ticket ne s'ouvre pas avec la clé du service.",
      en: "The ticket does not open with the service's key.",
    },
    remedy: {
      fr: "Le mot de passe du service a changé, ou le SPN est sur deux comptes (setspn -X).",
      en: "The service's password was changed, or the SPN is on two accounts (setspn -X).",
    },
  },
  replay: {
    found: { fr: "Cette preuve a déjà servi.", en: "This proof was used before." },
    remedy: {
      fr: "Recommencez ; si cela dure, cherchez qui la rejoue.",
      en: "Try again; if it lasts, look for who replays it.",
    },
  },
  "kerberos-not-offered": {
    found: { fr: "L'autre côté ne propose pas Kerberos.", en: "The other side offers no Kerberos." },
    remedy: {
      fr: "Appelez-le par son nom complet, depuis un poste du domaine.",
      en: "Call it by its full name, from a machine of the domain.",
    },
  },
  "kdc-unreachable": {
    found: { fr: "Aucun KDC ne répond.", en: "No KDC answers." },
    remedy: {
      fr: "Ouvrez TCP 88 de cette machine vers les contrôleurs de domaine.",
      en: "Open TCP 88 from this machine to the domain controllers.",
    },
  },
  "kdc-unavailable": {
    found: { fr: "Le KDC dit qu'il ne peut pas servir.", en: "The KDC says that it cannot serve." },
    remedy: { fr: "Voyez son journal.", en: "See its log." },
  },
  refused: {
    found: {
      fr: "Le KDC refuse pour une raison sans nom ici.",
      en: "The KDC refuses for a reason without a name here.",
    },
    remedy: { fr: "Voyez son journal à cette heure.", en: "See its log at this time." },
  },
  "bad-answer": {
    found: {
      fr: "La réponse est illisible, d'une autre question, ou modifiée en chemin.",
      en: "The answer is malformed, for another question, or altered on the way.",
    },
    remedy: {
      fr: "Vérifiez que l'adresse est bien celle d'un KDC et que rien ne l'imite.",
      en: "Check that the address is a KDC's and that nothing poses as one.",
    },
  },
};
