import { counted, formatDuration } from "../format.ts";

const days = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];

/** Words of where, when and under which approval access is open. */
export const rules = {
  group: "Où, quand, avec quel accord",
  networks: "Adresses sources admises",
  networksHint:
    "Une adresse ou un réseau par ligne : 192.0.2.0/24, 2001:db8::/32. Vide : de partout. Chaque liste qui s'applique doit contenir l'adresse.",
  networksOf: {
    person: "D'où cette personne peut se connecter et ouvrir des sessions.",
    group: "D'où les membres de ce groupe peuvent se connecter et ouvrir des sessions.",
    target: "D'où cette cible peut être ouverte.",
    grant: "D'où cette autorisation peut être utilisée.",
  },
  networksChange: "Changer les adresses",
  anywhere: "De partout.",
  hours: "Ouvert seulement à certaines heures",
  timeZone: "Fuseau horaire",
  timeZoneHint: "Nom IANA : 19:00 reste 19:00 en été comme en hiver.",
  weekdays: "Jours",
  weekdayNames: days,
  weekdayShort: ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."],
  from: "De",
  to: "À",
  slot: (index: number) => `Plage ${index}`,
  addSlot: "Ajouter une plage",
  removeSlot: (index: number) => `Retirer la plage ${index}`,
  closedOnHolidays: "Fermé les jours fériés",
  approval: "Une demande approuvée est nécessaire",
  quorum: "Nombre d'approbations",
  approvers: "Groupes qui approuvent",
  approversHint: "Vide : tous les approbateurs, et les administrateurs du site.",
  approvalMinutes: "Durée maximale demandée (minutes)",
  emergency: "Permettre l'accès d'urgence (bris de glace)",
  emergencyHint: "S'ouvre aussitôt, avec une alarme ; un compte rendu est exigé ensuite.",
  emergencyMinutes: "Durée de l'accès d'urgence (minutes)",
  sentences: {
    hours: (timeZone: string, slots: string) => `Ouvert ${slots} (${timeZone}) ; la session finit avec.`,
    slot: (weekdays: readonly number[], from: string, to: string) =>
      `${weekdays.map((day) => days[day - 1] ?? "").join(", ")} de ${from} à ${to}`,
    holidays: "Fermé les jours fériés.",
    networks: (networks: string) => `Seulement depuis ${networks}.`,
    approval: (quorum: number, minutes: number) =>
      `Demande approuvée par ${counted("fr", quorum, { one: "# personne", other: "# personnes" })}, pour ${formatDuration("fr", minutes * 60_000)} au plus.`,
    emergency: (minutes: number) =>
      `Accès d'urgence possible pour ${formatDuration("fr", minutes * 60_000)}, avec alarme et compte rendu.`,
    total: (count: number) =>
      `${counted("fr", count, { one: "# session", other: "# sessions" })} au plus en tout.`,
  },
  endsAt: (date: string) => `Une session ouverte alors finirait le ${date}.`,
  sourceAddress: "Depuis l'adresse",
  sourceAddressHint: "Vide : les adresses ne sont pas examinées.",
  holidaysTitle: "Jours fériés",
  holidaysIntro: "Les politiques à horaires peuvent être fermées ces jours-là.",
  holidaysText: "Liste",
  holidaysHint: "Une ligne par jour : 2026-12-25 Noël. Collez ici une liste pour l'importer.",
  holidaysAdd: (year: number) => `Ajouter les jours fériés français de ${year}`,
  holidaysWrong: (line: string) => `Cette ligne ne commence pas par une date : ${line}`,
  holidaysCount: (count: number) => counted("fr", count, { one: "# jour", other: "# jours" }),
  saved: "Enregistré.",
};
