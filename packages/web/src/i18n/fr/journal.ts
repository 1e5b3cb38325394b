import { counted } from "../format.ts";

/** Words of the journal. */
export const journal = {
  title: "Journal",
  intro: "Tout ce qui compte, dans une chaîne signée. Vos propres lectures y figurent aussi.",
  searchLabel: "Mots de l'entrée (3 lettres au moins)",
  kind: "Type",
  kindHint: "session.opened, ou session. pour toutes",
  level: "Gravité",
  levels: { info: "fait", notice: "à noter", alarm: "alarme" },
  at: "Date",
  actor: "Qui",
  system: "Le système",
  what: "Quoi",
  address: "Adresse",
  details: "Détails",
  show: "Afficher le détail",
  hide: "Masquer le détail",
  before: "Avant",
  after: "Après",
  value: "Valeur",
  chain: "Place dans la chaîne",
  chainText: (sequence: number, epoch: number) => `entrée ${sequence}, époque ${epoch}`,
  sameSession: "Tout sur cette session",
  samePerson: "Tout sur cette personne",
  sameMachine: "Tout sur cette machine",
  exportCsv: "Exporter en CSV",
  exportJson: "Exporter en JSON",
  state: "État de la chaîne",
  available: "Le gardien du journal répond",
  unavailable: "Le gardien du journal ne répond pas : rien de nouveau ne s'ouvre",
  signedUpTo: (sequence: number, date: string) => `Signé jusqu'à l'entrée ${sequence}, le ${date}.`,
  unsigned: "Aucun point signé pour l'instant.",
  copied: (sequence: number, behind: number) =>
    behind === 0
      ? `Copie de recherche à jour (entrée ${sequence}).`
      : `Copie de recherche en retard de ${counted("fr", behind, { one: "# entrée", other: "# entrées" })}.`,
  kept: (months: number, segments: number, size: string) =>
    `Conservé ${months} mois ; ${counted("fr", segments, { one: "# segment", other: "# segments" })}, ${size}.`,
  syslogOn: (address: string) => `Collecteur ${address} connecté.`,
  syslogOff: (address: string) =>
    `Collecteur ${address} injoignable ; rien n'est perdu, tout lui sera renvoyé.`,
  syslogNone: "Aucun collecteur syslog n'est configuré.",
  alarms: (count: number) => counted("fr", count, { one: "# alarme non lue", other: "# alarmes non lues" }),
  alarmsRead: "Marquer comme lues",
  atLeast: "Il y en a davantage : précisez les filtres pour un compte exact.",
  emptyTitle: "Aucune entrée",
  emptyText: "Aucune entrée ne correspond à ces filtres.",
};
