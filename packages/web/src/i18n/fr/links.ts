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
