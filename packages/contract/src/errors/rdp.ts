import { defineErrors } from "./entry.ts";

/** Why an RDP target does not let in, or ends the session. */
export const rdpErrors = defineErrors({
  "not-rdp": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La machine répond, mais pas en RDP.",
      next: "Vérifiez l'adresse et le port de la cible.",
    },
    en: {
      what: "The machine answers, but not in RDP.",
      next: "Check the target's address and port.",
    },
  },
  "target-reconnecting": {
    status: 200,
    journal: "notice",
    fr: {
      what: "La liaison entre la passerelle et {target} est coupée ; la passerelle se reconnecte.",
      next: "Patientez une demi-minute au plus : votre bureau distant continue.",
    },
    en: {
      what: "The connection between the gateway and {target} was cut; the gateway is reconnecting.",
      next: "Wait, half a minute at most: your remote desktop goes on.",
    },
  },
  "target-reconnected": {
    status: 200,
    journal: "notice",
    fr: { what: "La liaison avec {target} est rétablie.", next: "Vous pouvez continuer." },
    en: { what: "The connection to {target} is back.", next: "You can go on." },
  },
  "rdp-security-only": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La machine n'offre que l'ancien chiffrement de RDP (RC4), que la passerelle refuse.",
      next: "Donnez-lui un certificat et activez TLS ou NLA dans ses réglages de Bureau à distance.",
    },
    en: {
      what: "The machine offers only RDP's old encryption (RC4), which the gateway refuses.",
      next: "Give it a certificate and turn TLS or NLA on in its Remote Desktop settings.",
    },
  },
  "nla-required": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La machine exige l'authentification avant la session (NLA), que les options de la cible n'offrent pas.",
      next: "Choisissez « automatique » ou « NLA exigé » dans les options de la cible.",
    },
    en: {
      what: "The machine demands authentication before the session (NLA), which the target's options do not offer.",
      next: "Choose “automatic” or “NLA demanded” in the target's options.",
    },
  },
  "nla-not-offered": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La cible exige NLA et la machine ne le fait pas.",
      next: "Activez NLA sur la machine, ou choisissez « automatique » dans les options de la cible.",
    },
    en: {
      what: "The target demands NLA and the machine does not do it.",
      next: "Turn NLA on at the machine, or choose “automatic” in the target's options.",
    },
  },
  "credssp-too-old": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La version de NLA de la machine est trop ancienne pour être sûre ({detail}).",
      next: "Mettez la machine à jour, ou admettez l'ancienne version dans les options de la cible.",
    },
    en: {
      what: "The machine's version of NLA is too old to be safe ({detail}).",
      next: "Update the machine, or allow the old version in the target's options.",
    },
  },
  "public-key-mismatch": {
    status: 502,
    journal: "alarm",
    fr: {
      what: "La clé prouvée par {target} n'est pas celle de son chiffrement : quelqu'un s'interpose peut-être. Le mot de passe n'a pas été envoyé.",
      next: "N'insistez pas. Un administrateur doit vérifier le réseau et le certificat de la machine.",
    },
    en: {
      what: "The key that {target} proved is not that of its encryption: somebody may stand between. The password was not sent.",
      next: "Do not insist. An administrator must check the network and the machine's certificate.",
    },
  },
  "target-password-expired": {
    status: 502,
    journal: "notice",
    fr: {
      what: "Le mot de passe du compte a expiré ou doit être changé.",
      next: "Changez-le ailleurs que par cette session, puis mettez le coffre à jour.",
    },
    en: {
      what: "The account's password has expired or must be changed.",
      next: "Change it elsewhere than in this session, then update the vault.",
    },
  },
  "target-account-disabled": {
    status: 502,
    journal: "notice",
    fr: {
      what: "Le compte est désactivé sur la machine ou dans son domaine.",
      next: "Adressez-vous à qui tient l'annuaire.",
    },
    en: {
      what: "The account is disabled on the machine or in its domain.",
      next: "Ask who runs the directory.",
    },
  },
  "target-account-locked": {
    status: 502,
    journal: "notice",
    fr: {
      what: "Le compte est verrouillé après trop d'échecs.",
      next: "Attendez la fin du verrouillage, ou adressez-vous à qui tient l'annuaire.",
    },
    en: {
      what: "The account is locked after too many failures.",
      next: "Wait until the lock ends, or ask who runs the directory.",
    },
  },
  "target-account-expired": {
    status: 502,
    journal: "notice",
    fr: {
      what: "Le compte a expiré.",
      next: "Adressez-vous à qui tient l'annuaire.",
    },
    en: {
      what: "The account has expired.",
      next: "Ask who runs the directory.",
    },
  },
  "account-restricted": {
    status: 502,
    journal: "notice",
    fr: {
      what: "Le compte existe, mais n'a pas le droit de se connecter ainsi, d'ici ou à cette heure ({detail}).",
      next: "Voyez avec qui tient l'annuaire : heures, ordinateurs permis, droit d'ouvrir une session, NTLM interdit.",
    },
    en: {
      what: "The account exists, but may not sign in this way, from here or at this hour ({detail}).",
      next: "See with who runs the directory: hours, computers allowed, right to sign in, NTLM forbidden.",
    },
  },
  "authentication-unavailable": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La machine n'a pas pu vérifier le compte ({detail}).",
      next: "Vérifiez qu'elle joint son contrôleur de domaine et que son heure est juste.",
    },
    en: {
      what: "The machine could not check the account ({detail}).",
      next: "Check that it reaches its domain controller and that its clock is right.",
    },
  },
  "not-authorized": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La machine connaît le compte, qui n'a pas le droit d'ouvrir un bureau à distance.",
      next: "Ajoutez-le au groupe « Utilisateurs du Bureau à distance » de la machine.",
    },
    en: {
      what: "The machine knows the account, which has no right to a remote desktop.",
      next: "Add it to the machine's “Remote Desktop Users” group.",
    },
  },
  "no-licence": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La machine n'accorde pas de licence de bureau à distance ({detail}).",
      next: "Vérifiez le serveur de licences RDS et le nombre de licences d'accès.",
    },
    en: {
      what: "The machine grants no remote desktop licence ({detail}).",
      next: "Check the RDS licence server and the number of access licences.",
    },
  },
  "no-licence-server": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La machine ne trouve pas de serveur de licences de bureau à distance ({detail}).",
      next: "Vérifiez ses réglages RDS et le serveur de licences ; le délai de grâce est peut-être écoulé.",
    },
    en: {
      what: "The machine finds no remote desktop licence server ({detail}).",
      next: "Check its RDS settings and the licence server; its days of grace may be over.",
    },
  },
  "licence-expired": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La licence de bureau à distance gardée pour cette machine a expiré et n'est pas renouvelée ({detail}).",
      next: "Rouvrez la session : une nouvelle licence sera demandée. Sinon, voyez le serveur de licences RDS.",
    },
    en: {
      what: "The remote desktop licence kept for this machine has expired and is not renewed ({detail}).",
      next: "Open the session again: a new licence will be asked for. If not, see the RDS licence server.",
    },
  },
  "licence-refused": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La machine refuse la licence de bureau à distance de la passerelle ({detail}).",
      next: "Rouvrez la session : une nouvelle licence sera demandée. Sinon, voyez le serveur de licences RDS.",
    },
    en: {
      what: "The machine refuses the gateway's remote desktop licence ({detail}).",
      next: "Open the session again: a new licence will be asked for. If not, see the RDS licence server.",
    },
  },
  "licensing-failed": {
    status: 502,
    journal: "notice",
    fr: {
      what: "L'échange de licence de bureau à distance avec la machine a échoué ({detail}).",
      next: "Réessayez ; sinon, voyez les journaux de la machine et du serveur de licences RDS.",
    },
    en: {
      what: "The exchange of a remote desktop licence with the machine failed ({detail}).",
      next: "Try again; if not, see the logs of the machine and of the RDS licence server.",
    },
  },
  "disconnected-by-administrator": {
    status: 502,
    journal: "notice",
    fr: {
      what: "Un administrateur de la machine a déconnecté la session.",
      next: "Adressez-vous à lui avant de vous reconnecter.",
    },
    en: {
      what: "An administrator of the machine disconnected the session.",
      next: "Ask them before you reconnect.",
    },
  },
  "taken-over": {
    status: 502,
    journal: "notice",
    fr: {
      what: "Une autre connexion au même compte a repris ce bureau.",
      next: "Reconnectez-vous si c'était vous ; sinon, prévenez un administrateur.",
    },
    en: {
      what: "Another connection to the same account took this desktop over.",
      next: "Reconnect if that was you; if not, tell an administrator.",
    },
  },
  "target-idle-timeout": {
    status: 502,
    journal: "none",
    fr: {
      what: "La machine a fermé la session, restée trop longtemps sans activité.",
      next: "Vous pouvez vous reconnecter.",
    },
    en: {
      what: "The machine closed the session, idle for too long.",
      next: "You can reconnect.",
    },
  },
  "target-time-limit": {
    status: 502,
    journal: "none",
    fr: {
      what: "La session a atteint la durée permise par la machine.",
      next: "Vous pouvez vous reconnecter.",
    },
    en: {
      what: "The session reached the length the machine allows.",
      next: "You can reconnect.",
    },
  },
  "target-failed": {
    status: 502,
    journal: "notice",
    fr: {
      what: "La machine dit qu'elle est en panne ou qu'elle s'arrête ({detail}).",
      next: "Voyez ses journaux, puis reconnectez-vous.",
    },
    en: {
      what: "The machine says that it broke down or is going down ({detail}).",
      next: "See its logs, then reconnect.",
    },
  },
});
