import { useLanguage } from "../../i18n/tongue.tsx";

const fr = {
  title: "Comptes partagés",
  text: "Une personne à la fois se sert d'un compte partagé, et son nom est noté. Empruntez-le, ouvrez vos sessions, rendez-le. Le mot de passe n'est montré à personne.",
  free: "libre",
  mine: "emprunté par vous",
  heldBy: (name: string) => `emprunté par ${name}`,
  until: "jusqu'au",
  reasonOf: (reason: string) => `Motif : ${reason}`,
  take: "Emprunter",
  takeTitle: (name: string) => `Emprunter ${name}`,
  giveBack: "Rendre",
  giveBackText: "Vos sessions avec ce compte se terminent aussitôt.",
  reason: "Motif",
  reasonHint: "Noté au journal, et lu par ceux qui attendent le compte.",
  minutes: "Durée en minutes",
  atMost: (minutes: number) => `${minutes} minutes au plus`,
};

const en: typeof fr = {
  title: "Shared accounts",
  text: "One person at a time uses a shared account, and the name is kept. Check it out, open your sessions, give it back. The password is shown to nobody.",
  free: "free",
  mine: "checked out by you",
  heldBy: (name) => `checked out by ${name}`,
  until: "until",
  reasonOf: (reason) => `Reason: ${reason}`,
  take: "Check out",
  takeTitle: (name) => `Check ${name} out`,
  giveBack: "Give back",
  giveBackText: "Your sessions with this account end at once.",
  reason: "Reason",
  reasonHint: "Kept in the journal, and read by those who wait for the account.",
  minutes: "Minutes",
  atMost: (minutes) => `${minutes} minutes at most`,
};

/** Words of shared accounts; they come with the page. */
export function useSharedWords(): typeof fr {
  return useLanguage().language === "fr" ? fr : en;
}
