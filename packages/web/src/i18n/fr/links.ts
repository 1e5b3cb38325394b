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
  title: "Emprunt nominatif",
  text: "Un compte partagé s'emprunte : une personne à la fois, pour un temps borné et un motif noté. Aucune session ne s'ouvre sans emprunt, et toutes se terminent avec lui. Le mot de passe n'est jamais montré, pas même à qui emprunte.",
  notShared: "Ce compte n'est pas partagé : il s'utilise sans emprunt.",
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

/** The report of rights that nobody uses. */
export const unused = {
  title: "Droits inutilisés",
  intro:
    "Ce qui existait pendant toute la durée choisie et dont personne ne s'est servi, d'après les sessions et les connexions. Retirer un droit inutile est la façon la plus sûre de réduire ce qu'un compte volé peut ouvrir.",
  since: "Rien depuis le",
  knownSince: "La plus ancienne session connue est du",
  unknownBefore: "Ce qui a servi avant et plus depuis apparaît comme jamais utilisé.",
  noSession: "Aucune session n'est connue : tout ce qui est assez ancien apparaît.",
  days: "Inutilisé depuis",
  daysCount: (count: number) => `${count} jours`,
  kind: "Type",
  kinds: {
    grant: "Autorisation",
    membership: "Appartenance à un groupe",
    account: "Compte sur les cibles",
    person: "Personne",
  },
  search: "Nom",
  name: "À qui ou quoi",
  detail: "Précision",
  last: "Dernier usage",
  created: "Existe depuis",
  choose: (name: string) => `Sélectionner ${name}`,
  chooseAll: "Tout sélectionner",
  empty: "Rien d'inutilisé pendant cette durée.",
  cut: "Seules les 2 000 premières lignes sont montrées : précisez la recherche.",
  csv: "Exporter en CSV",
  print: "Imprimer",
  chosen: (count: number) => `${count} sélectionnés`,
  revoke: "Retirer",
  revokeTitle: (count: number) => `Retirer ${count} droits ?`,
  revokeText:
    "Les autorisations sont supprimées, les appartenances aux groupes retirées, les comptes et les personnes désactivés. Les sessions ouvertes se terminent. Vous pourrez annuler aussitôt.",
  endAt: "Fin le",
  setEnd: "Fixer la fin",
  endHint: "Pour les autorisations choisies.",
  done: (count: number) => `${count} droits retirés`,
  partly: (done: number, count: number) =>
    `${done} droits sur ${count} retirés, puis une erreur : voir le message.`,
  membershipNote:
    "Une appartenance à un groupe est jugée depuis la création de la personne : sa date n'est pas conservée.",
};

/** What lists of addresses do together, and a grant's own. */
export const sourceNotes = {
  together:
    "Toutes les listes qui s'appliquent doivent contenir l'adresse : celle de la personne, de chacun de ses groupes, de la cible, de l'autorisation et de la politique. Quelqu'un de deux groupes aux listes disjointes n'entre donc de nulle part ; le simulateur dit laquelle refuse.",
  ofGrant: "Adresses",
  ofGrantName: (name: string) => `Adresses de l'autorisation de ${name}`,
};

/** What the simulator says of shared accounts. */
export const simulated = {
  stopped: "Une autorisation le permet, mais la session ne s'ouvrirait pas",
  obstacles: "Ce qui se tient encore devant la session",
  free: (name: string) =>
    `${name} est partagé : la session s'ouvrira une fois le compte emprunté (il est libre).`,
  mine: (name: string) => `${name} est partagé, et cette personne l'a emprunté jusqu'au`,
  held: (name: string, holder: string) =>
    `${name} est partagé, et ${holder} l'a emprunté : aucune session avant son retour, au plus tard le`,
};
