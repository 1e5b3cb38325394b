import type { HealthCheck } from "@poterne/contract";
import { ok, type Words, wrong } from "../health/check.ts";
import type { MailSettings, MailTrouble, SendOutcome } from "./smtp.ts";

/** What each trouble means, and what to do about it. */
const TROUBLES: Readonly<Record<MailTrouble["at"], { readonly found: Words; readonly remedy: Words }>> = {
  settings: {
    found: { fr: "Un fichier des réglages ne se lit pas", en: "A file of the settings cannot be read" },
    remedy: {
      fr: "Vérifiez mail.passwordFile et mail.caFile, et que le service a le droit de les lire.",
      en: "Check mail.passwordFile and mail.caFile, and that the service may read them.",
    },
  },
  name: {
    found: { fr: "Le DNS ne connaît pas ce serveur", en: "The DNS does not know this server" },
    remedy: { fr: "Vérifiez mail.host.", en: "Check mail.host." },
  },
  connect: {
    found: { fr: "Le serveur n'accepte pas la connexion", en: "The server takes no connection" },
    remedy: {
      fr: "Vérifiez mail.host, mail.port, le pare-feu, et que le serveur fonctionne.",
      en: "Check mail.host, mail.port, the firewall, and that the server runs.",
    },
  },
  slow: {
    found: { fr: "Le serveur ne répond pas à temps", en: "The server does not answer in time" },
    remedy: {
      fr: "Vérifiez le port : un port TLS (465) avec « starttls », ou l'inverse, se tait ainsi ; puis le pare-feu.",
      en: "Check the port: a TLS port (465) with “starttls”, or the other way round, is silent like this; then the firewall.",
    },
  },
  tls: {
    found: { fr: "Le chiffrement est impossible", en: "Encryption is not possible" },
    remedy: {
      fr: "Le certificat doit porter le nom de mail.host et venir d'une autorité connue (mail.caFile pour la vôtre) ; le serveur doit offrir STARTTLS, ou réglez mail.security = « tls ».",
      en: "The certificate must bear the name in mail.host and come from a known authority (mail.caFile for your own); the server must offer STARTTLS, or set mail.security = “tls”.",
    },
  },
  "log-in": {
    found: {
      fr: "Le serveur refuse le compte ou son mot de passe",
      en: "The server refuses the account or its password",
    },
    remedy: {
      fr: "Vérifiez mail.user et la première ligne du fichier mail.passwordFile.",
      en: "Check mail.user and the first line of the file mail.passwordFile.",
    },
  },
  sender: {
    found: { fr: "Le serveur refuse l'expéditeur", en: "The server refuses the sender" },
    remedy: {
      fr: "Vérifiez mail.sender : le compte doit avoir le droit d'écrire sous cette adresse ; un serveur qui demande un compte veut mail.user.",
      en: "Check mail.sender: the account must be allowed to write under that address; a server that wants an account needs mail.user.",
    },
  },
  recipient: {
    found: { fr: "Le serveur refuse le destinataire", en: "The server refuses the recipient" },
    remedy: {
      fr: "Vérifiez l'adresse de la personne, et que le serveur relaie pour ce compte.",
      en: "Check the person's address, and that the server relays for this account.",
    },
  },
  server: {
    found: { fr: "Le serveur répond par une erreur", en: "The server answers with an error" },
    remedy: {
      fr: "Lisez ce qu'il dit ; son journal en dit plus.",
      en: "Read what it says; its log says more.",
    },
  },
};

/** The check when no mail server is configured. */
export const mailIsOff: HealthCheck = wrong(
  "mail",
  "warning",
  { fr: "Aucun serveur de messagerie n'est configuré.", en: "No mail server is configured." },
  {
    fr: "Réglez mail.host et mail.sender : sans messagerie, seules les pages et le journal préviennent.",
    en: "Set mail.host and mail.sender: without mail only the pages and the journal tell people.",
  },
);

/** The check of a server that takes letters. */
export function mailIsFine({ host, port, security }: MailSettings): HealthCheck {
  const how = { starttls: "STARTTLS", tls: "TLS", off: "" }[security];
  if (how !== "")
    return ok("mail", {
      fr: `Messagerie : ${host}:${port} répond (${how}).`,
      en: `Mail: ${host}:${port} answers (${how}).`,
    });
  return wrong(
    "mail",
    "warning",
    {
      fr: `Messagerie : ${host}:${port} répond, en clair.`,
      en: `Mail: ${host}:${port} answers, in clear.`,
    },
    {
      fr: "N'employez « off » que vers un relais de cette machine.",
      en: "Use “off” only towards a relay on this machine.",
    },
  );
}

/** The check of a server that does not: what failed in plain words, and what it said. */
export function mailFails({ host, port }: MailSettings, { at, said }: MailTrouble): HealthCheck {
  const { found, remedy } = TROUBLES[at];
  const tail = said === "" ? "" : ` — « ${said} »`;
  const tailEn = said === "" ? "" : ` — “${said}”`;
  return wrong(
    "mail",
    "failed",
    {
      fr: `Messagerie : ${found.fr} (${host}:${port})${tail}.`,
      en: `Mail: ${found.en} (${host}:${port})${tailEn}.`,
    },
    remedy,
  );
}

/** The check of a letter that was sent as a test. */
export function mailTested(settings: MailSettings, outcome: SendOutcome, address: string): HealthCheck {
  if (outcome.result !== "sent") return mailFails(settings, outcome.trouble);
  return ok("mail letter", {
    fr: `Le serveur a accepté un message d'essai pour ${address}.`,
    en: `The server took a test letter for ${address}.`,
  });
}

/** The test letter. */
export function testLetter(address: string, organisation: string) {
  const name = organisation === "" ? "Poterne" : organisation;
  return {
    address,
    subject: "[Poterne] Essai / Test",
    body: `Message d'essai de ${name} : la messagerie fonctionne.\n\nTest letter of ${name}: mail works.\n`,
  };
}
