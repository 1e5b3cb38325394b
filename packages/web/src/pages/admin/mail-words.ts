import { useLanguage } from "../../i18n/tongue.tsx";

const fr = {
  title: "Messagerie",
  intro:
    "Poterne écrit à qui doit décider, à qui attend une décision, et donne l'alerte en cas d'accès d'urgence. Aucun message ne contient de secret, de motif ni de lien de connexion.",
  off: "Aucun serveur de messagerie n'est configuré",
  offText:
    "Sans mail.host dans poterne.toml, seules les pages et le journal préviennent : personne ne reçoit d'alerte hors d'ici.",
  server: "Serveur",
  serverText: (host: string, port: number, how: string, sender: string) =>
    `${host}:${port}, ${how}, de la part de ${sender}`,
  security: { starttls: "STARTTLS exigé", tls: "TLS", off: "en clair" },
  test: "M'envoyer un message d'essai",
  testing: "Essai en cours : connexion, chiffrement, compte, message…",
  letters: "Messages",
  lettersText: "Les cent derniers, sans leur texte : il est effacé dès qu'un message est parti.",
  none: "Aucun message pour l'instant.",
  about: "Objet",
  to: "À",
  when: "Écrit",
  state: "État",
  said: "Dernière réponse du serveur",
  states: { waiting: "en attente", sent: "remis au serveur", expired: "abandonné", refused: "refusé" },
  attempts: (count: number) => (count > 1 ? `${count} essais` : `${count} essai`),
  kinds: {
    "request-made": "demande à décider",
    "request-approved": "demande approuvée",
    "request-renewed": "accès prolongé",
    "request-refused": "demande refusée",
    "request-revoked": "accès retiré",
    "request-expired": "demande sans réponse",
    "request-ending": "accès bientôt terminé",
    "emergency-opened": "accès d'urgence",
    "emergency-report-due": "compte rendu dû",
    "pass-proposed": "accès tiers à décider",
    "pass-approved": "accès tiers approuvé",
    "pass-refused": "accès tiers refusé",
    "pass-changed": "accès tiers : nouvelle fin",
    "pass-revoked": "accès tiers retiré",
    "pass-ending": "accès tiers bientôt terminé",
    "pass-closed": "accès tiers terminé",
  } as Readonly<Record<string, string>>,
};

type MailWords = typeof fr;

const en: MailWords = {
  title: "Mail",
  intro:
    "Poterne writes to those who have to decide, to those who wait for a decision, and raises the alarm when somebody takes emergency access. No message holds a secret, a reason, or a link that signs in.",
  off: "No mail server is configured",
  offText:
    "Without mail.host in poterne.toml only the pages and the journal tell people: nobody is alerted outside of here.",
  server: "Server",
  serverText: (host, port, how, sender) => `${host}:${port}, ${how}, from ${sender}`,
  security: { starttls: "STARTTLS demanded", tls: "TLS", off: "in clear" },
  test: "Send me a test message",
  testing: "Trying: connection, encryption, account, message…",
  letters: "Messages",
  lettersText: "The last hundred, without their text: it is erased once a message has left.",
  none: "No letters yet.",
  about: "About",
  to: "To",
  when: "Written",
  state: "State",
  said: "The server's last answer",
  states: { waiting: "waiting", sent: "taken by the server", expired: "given up", refused: "refused" },
  attempts: (count) => (count === 1 ? "1 attempt" : `${count} attempts`),
  kinds: {
    "request-made": "request to decide",
    "request-approved": "request approved",
    "request-renewed": "access prolonged",
    "request-refused": "request refused",
    "request-revoked": "access revoked",
    "request-expired": "request without an answer",
    "request-ending": "access ends soon",
    "emergency-opened": "emergency access",
    "emergency-report-due": "report due",
    "pass-proposed": "vendor pass to decide",
    "pass-approved": "vendor pass approved",
    "pass-refused": "vendor pass refused",
    "pass-changed": "vendor pass: new end",
    "pass-revoked": "vendor pass revoked",
    "pass-ending": "vendor pass ends soon",
    "pass-closed": "vendor pass over",
  },
};

/** The words of the page of mail, which come with it. */
export function useMailWords(): MailWords {
  return useLanguage().language === "fr" ? fr : en;
}
