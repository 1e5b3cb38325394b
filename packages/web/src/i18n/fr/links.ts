/** Linked identities. */
export const linked = {
  title: "Autres identités de la même personne",
  text: "Compte ordinaire et compte d'administration d'un même être humain. Le lien ne donne aucun droit de l'un à l'autre ; il empêche que l'un approuve, garde ou vote pour l'autre, et dit ici quand l'un s'en va.",
  none: "Aucune.",
  add: "Relier une identité",
  addAction: "Relier",
  other: "L'autre identité",
  otherText:
    "Chaque identité garde ses rôles, ses groupes et ses droits. Seul un autre administrateur pourra défaire le lien.",
  roles: "Rôles",
  state: "État",
  since: "Reliée",
  by: (name: string) => `par ${name}`,
  remove: "Défaire le lien",
  removeText: "Les deux identités pourront de nouveau approuver l'une pour l'autre.",
  erased: "Identité effacée",
  goneTitle: "Une identité liée n'est plus active",
  gone: (names: string) => `${names} : vérifiez si celle-ci doit partir aussi.`,
  stays: (names: string) =>
    `Identité liée qui resterait active : ${names}. Traitez-la aussi si la personne s'en va.`,
};

/** Shared accounts with a named check-out. */
export const checkouts = {
  title: "Emprunt nommé",
  text: "Un compte partagé s'emprunte : une personne à la fois, pour un temps borné et un motif noté. Aucune session ne s'ouvre sans emprunt, et elles se terminent avec lui. Le mot de passe n'est jamais montré : le révéler n'est pas prévu dans cette version.",
  notShared: "Ce compte n'est pas partagé : il s'emploie sans emprunt.",
  atMost: (minutes: number) => `Emprunté pour ${minutes} minutes au plus.`,
  changes: "Le mot de passe est à changer après chaque retour.",
  changeDue: "À changer : ce compte a été rendu depuis le dernier changement de son secret.",
  setRule: "Régler l'emprunt",
  isShared: "Compte partagé, emprunté par une personne à la fois",
  maxMinutes: "Durée la plus longue, en minutes",
  changesAfterReturn: "Marquer le mot de passe « à changer » après chaque retour",
  who: "Qui",
  reason: "Motif",
  from: "Depuis",
  to: "Jusqu'au",
  end: "Fin",
  lasts: "en cours",
  ends: { returned: "rendu", expired: "temps écoulé", forced: "repris" },
  none: "Personne ne l'a encore emprunté.",
  takeBack: "Reprendre",
  takeBackText: "Les sessions ouvertes avec ce compte se terminent aussitôt.",
};
