import { defineErrors } from "./entry.ts";

/** Failures of the noun *recording*. */
export const recordingErrors = defineErrors({
  "no-place-to-record": {
    status: 507,
    journal: "alarm",
    fr: {
      what: "L'enregistrement est obligatoire et il n'y a plus de place pour l'écrire.",
      next: "Prévenez l'administrateur : disque des enregistrements plein, au-dessus du seuil ou non inscriptible.",
    },
    en: {
      what: "Recording is mandatory and there is no place left to write it.",
      next: "Tell the administrator: the recordings' disk is full, over its watermark or not writable.",
    },
  },
  "recording-failed": {
    status: 500,
    journal: "alarm",
    fr: {
      what: "L'enregistrement de la session s'est arrêté : la session a été fermée.",
      next: "Prévenez l'administrateur ; ce qui a été enregistré jusque-là reste lisible.",
    },
    en: {
      what: "The session's recording stopped: the session was closed.",
      next: "Tell the administrator; what was recorded until then stays readable.",
    },
  },
  "recording-unreadable": {
    status: 409,
    journal: "notice",
    fr: {
      what: "Cet enregistrement ne peut pas être lu : son fichier est absent, altéré ou chiffré pour une autre clé.",
      next: "Lancez la vérification ; elle dit où le fichier est atteint.",
    },
    en: {
      what: "This recording cannot be read: its file is missing, altered or encrypted for another key.",
      next: "Run the verification; it says where the file is damaged.",
    },
  },
  "recording-deleted": {
    status: 410,
    journal: "none",
    fr: {
      what: "Cet enregistrement a été supprimé ; le certificat de suppression est au journal.",
      next: "Revenez à la liste.",
    },
    en: {
      what: "This recording was deleted; the certificate of deletion is in the journal.",
      next: "Go back to the list.",
    },
  },
  "recording-on-hold": {
    status: 409,
    journal: "notice",
    fr: {
      what: "Cet enregistrement est sous conservation légale : il ne peut pas être supprimé.",
      next: "Levez d'abord la conservation légale, avec un motif.",
    },
    en: {
      what: "This recording is under legal hold: it cannot be deleted.",
      next: "Lift the legal hold first, with a reason.",
    },
  },
  "recording-running": {
    status: 409,
    journal: "none",
    fr: {
      what: "La session est encore en cours d'enregistrement.",
      next: "Attendez la fin de la session et recommencez.",
    },
    en: { what: "The session is still being recorded.", next: "Wait for the session's end and try again." },
  },
  "not-a-terminal": {
    status: 409,
    journal: "none",
    fr: {
      what: "Cette action n'existe que pour les sessions de terminal.",
      next: "Utilisez la lecture de l'enregistrement.",
    },
    en: { what: "This exists for terminal sessions only.", next: "Play the recording instead." },
  },
});
