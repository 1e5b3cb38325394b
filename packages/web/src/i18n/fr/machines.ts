import { counted, formatDuration } from "../format.ts";

/** Words of My machines and of opening a session. */
export const machines = {
  title: "Mes machines",
  intro: "Ce que vous pouvez ouvrir maintenant. Un clic ouvre la session.",
  searchLabel: "Nom, site ou adresse",
  site: "Site",
  siteWithCount: (name: string, count: number) => `${name} (${count})`,
  protocol: "Protocole",
  view: "Afficher",
  viewAll: "Toutes",
  viewFavourites: "Favorites",
  viewRecent: "Récentes",
  layout: "Présentation",
  asCards: "Cartes",
  asList: "Liste",
  emptyTitle: "Aucune machine ne vous est accordée",
  emptyText:
    "Demandez à votre administrateur une autorisation, en lui disant quelle machine et pourquoi. Si on vous a donné un lien vers une machine, ouvrez-le : la page vous dira ce qui manque.",
  emptyFilteredTitle: "Aucune machine ne correspond",
  emptyFilteredText: "Changez ou effacez les filtres.",
  emptyFavouritesText: "Marquez une machine d'une étoile pour la retrouver ici.",
  connect: "Ouvrir",
  connectTo: (name: string) => `Ouvrir ${name}`,
  details: "Détails",
  account: "Compte",
  accountOf: (name: string) => `Compte pour ${name}`,
  accountAsk: (name: string) => `${name} (mot de passe demandé)`,
  favouriteAdd: (name: string) => `Mettre ${name} en favori`,
  favouriteRemove: (name: string) => `Retirer ${name} des favoris`,
  recorded: "● REC",
  recordedLong: (policy: string) => `Enregistrée : la politique « ${policy} » l'exige.`,
  recordedShould: (policy: string) => `Enregistrée si possible, selon la politique « ${policy} ».`,
  notRecorded: "Non enregistrée.",
  inputRecorded: "Ce que vous tapez est aussi enregistré, sauf aux invites sans écho.",
  needsReason: "motif",
  needsTicket: "ticket",
  guardian: "quatre yeux",
  guardianLong: "La session attend qu'un gardien la suive, et s'interrompt s'il part.",
  readOnly: "lecture seule",
  readOnlyLong: "Lecture seule : ni clavier ni souris ne sont transmis.",
  maxLength: (minutes: number) => `Durée limitée à ${formatDuration("fr", minutes * 60_000)}.`,
  clipboard: (isIn: boolean, isOut: boolean): string =>
    isIn && isOut
      ? "Presse-papiers : dans les deux sens."
      : isIn
        ? "Presse-papiers : vers la cible seulement."
        : isOut
          ? "Presse-papiers : depuis la cible seulement."
          : "Presse-papiers : fermé.",
  files: (isIn: boolean, isOut: boolean): string =>
    isIn && isOut
      ? "Fichiers : envoi et réception."
      : isIn
        ? "Fichiers : envoi seulement."
        : isOut
          ? "Fichiers : réception seulement."
          : "Fichiers : aucun échange.",
  validUntil: (date: string) => `Votre autorisation prend fin le ${date}.`,
  reason: "Motif",
  reasonHint: "Il figure dans le journal et avec l'enregistrement.",
  ticket: "Numéro de ticket",
  openTitle: (machine: string) => `Ouvrir ${machine}`,
  openRules: "Ce qui s'applique à cette session",
  whyTitle: "Pourquoi ne puis-je pas l'ouvrir ?",
  whyText: "Vous ne pouvez pas ouvrir cette cible en ce moment. Voici pourquoi :",
  whyAsk: "Transmettez cette adresse à votre administrateur pour demander l'accès :",
  lastOpened: (ago: string) => `ouverte ${ago}`,
  targetCount: (count: number) => counted("fr", count, { one: "# accès", other: "# accès" }),
  toMachines: "Toutes mes machines",
  machine: "Machine",
  target: "Accès",
  rules: "Règles",
};
