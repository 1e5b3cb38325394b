import { defineErrors } from "./entry.ts";

/** Failures of files on a target. `{path}` is the file meant. */
export const fileErrors = defineErrors({
  "session-not-active": {
    status: 409,
    journal: "none",
    fr: {
      what: "La session n'accepte pas d'action en ce moment.",
      next: "Attendez qu'elle soit ouverte ou que la pause soit levée.",
    },
    en: {
      what: "The session accepts no action at the moment.",
      next: "Wait until it is open or the pause is lifted.",
    },
  },
  "files-unavailable": {
    status: 409,
    journal: "none",
    fr: {
      what: "Cette cible n'offre pas de transfert de fichiers.",
      next: "Demandez à son administrateur d'activer SFTP.",
    },
    en: { what: "This target offers no file transfer.", next: "Ask its administrator to enable SFTP." },
  },
  "files-not-allowed": {
    status: 403,
    journal: "notice",
    fr: {
      what: "La règle de cette session ne permet pas ce transfert.",
      next: "Demandez à un administrateur si vous en avez besoin.",
    },
    en: {
      what: "The policy of this session does not allow this transfer.",
      next: "Ask an administrator if you need it.",
    },
  },
  "file-not-found": {
    status: 404,
    journal: "none",
    fr: { what: "{path} n'existe pas sur la cible.", next: "Rafraîchissez la liste." },
    en: { what: "{path} does not exist on the target.", next: "Refresh the list." },
  },
  "file-denied": {
    status: 403,
    journal: "none",
    fr: {
      what: "La cible refuse l'accès à {path}.",
      next: "Le compte utilisé n'a pas ce droit sur la cible.",
    },
    en: {
      what: "The target denies access to {path}.",
      next: "The account in use has no such right on the target.",
    },
  },
  "file-exists": {
    status: 409,
    journal: "none",
    fr: { what: "{path} existe déjà.", next: "Choisissez un autre nom." },
    en: { what: "{path} exists already.", next: "Choose another name." },
  },
  "file-is-folder": {
    status: 409,
    journal: "none",
    fr: { what: "{path} n'est pas un fichier ordinaire.", next: "Téléchargez un dossier en archive." },
    en: { what: "{path} is not a regular file.", next: "Download a folder as an archive." },
  },
  "folder-not-empty": {
    status: 409,
    journal: "none",
    fr: {
      what: "Le dossier {path} n'est pas vide.",
      next: "Confirmez la suppression de tout son contenu, ou videz-le.",
    },
    en: {
      what: "The folder {path} is not empty.",
      next: "Confirm the removal of all it holds, or empty it.",
    },
  },
  "file-too-large": {
    status: 413,
    journal: "notice",
    fr: {
      what: "{path} dépasse la taille permise de {maxBytes} octets.",
      next: "Découpez le fichier ou demandez une autre règle.",
    },
    en: {
      what: "{path} is larger than the {maxBytes} bytes allowed.",
      next: "Split the file or ask for another policy.",
    },
  },
  "too-many-files": {
    status: 409,
    journal: "none",
    fr: {
      what: "{path} contient trop d'éléments pour cette action (limite {limit}).",
      next: "Agissez sur des sous-dossiers.",
    },
    en: {
      what: "{path} holds too many items for this action (limit {limit}).",
      next: "Act on its folders one by one.",
    },
  },
  "file-offset-wrong": {
    status: 409,
    journal: "none",
    fr: {
      what: "La reprise de {path} ne tombe pas à la bonne place : le fichier a {sizeBytes} octets.",
      next: "Reprenez à partir de cette taille, ou recommencez.",
    },
    en: {
      what: "Resuming {path} does not fit: the file has {sizeBytes} bytes.",
      next: "Resume from that size, or start again.",
    },
  },
  "file-incomplete": {
    status: 409,
    journal: "none",
    fr: {
      what: "Le transfert de {path} s'est arrêté en route.",
      next: "Reprenez-le : ce qui est arrivé est conservé.",
    },
    en: {
      what: "The transfer of {path} stopped on the way.",
      next: "Resume it: what has arrived is kept.",
    },
  },
  "too-many-transfers": {
    status: 429,
    journal: "none",
    fr: {
      what: "Trop de transferts en même temps dans cette session.",
      next: "Attendez que l'un d'eux se termine.",
    },
    en: {
      what: "Too many transfers at the same time in this session.",
      next: "Wait until one of them ends.",
    },
  },
  "drive-full": {
    status: 507,
    journal: "none",
    fr: {
      what: "Le lecteur de la session est plein : {path} n'y tient pas.",
      next: "Supprimez des fichiers du lecteur, ou demandez un quota plus grand.",
    },
    en: {
      what: "The session's drive is full: {path} does not fit.",
      next: "Remove files from the drive, or ask for a larger quota.",
    },
  },
  "drive-failed": {
    status: 500,
    journal: "none",
    fr: {
      what: "Le lecteur de la session a répondu par une erreur imprévue.",
      next: "Rouvrez la session ; si cela se répète, prévenez l'administrateur.",
    },
    en: {
      what: "The session's drive met an unforeseen error.",
      next: "Open the session again; if it happens again, tell the administrator.",
    },
  },
  "file-failed": {
    status: 502,
    journal: "none",
    fr: {
      what: "La cible n'a pas pu traiter {path} : {reason}.",
      next: "Vérifiez la place disque et les droits sur la cible.",
    },
    en: {
      what: "The target could not handle {path}: {reason}.",
      next: "Check disk space and rights on the target.",
    },
  },
});
