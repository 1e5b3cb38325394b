import { counted } from "../format.ts";

/** Words of the Kerberos doctor, in French. */
export const kerberos = {
  title: "Diagnostic Kerberos",
  intro:
    "Ce qu'il faut pour ouvrir une machine avec un compte du domaine : DNS, contrôleurs, horloge, compte, nom de service, machine. Les mêmes vérifications que « poterne doctor kerberos ».",
  target: "Cible",
  targetHint: "Son nom Kerberos, et NLA si c'est un Bureau à distance. Rien n'y est ouvert.",
  realm: "Domaine",
  realmHint: "Vide : celui du compte ou de la cible.",
  account: "Compte",
  accountHint: "nom@DOMAINE ou DOMAINE\\nom",
  password: "Mot de passe",
  passwordHint: "Pour une seule connexion au domaine ; conservé nulle part.",
  run: "Vérifier",
  running: "Vérification en cours : un contrôleur qui ne répond pas prend quelques secondes.",
  result: "Ce qui a été constaté",
  summary: (failed: number, warnings: number) =>
    failed + warnings === 0
      ? "Rien à changer."
      : `${counted("fr", failed, { one: "# défaut", other: "# défauts" })}, ${counted("fr", warnings, { one: "# point à surveiller", other: "# points à surveiller" })}.`,
  checks: {
    "kerberos-realm": "Domaine",
    "kerberos-name": "Nom de la machine",
    "kerberos-directory": "Contrôleurs (DNS ou configuration)",
    "kerberos-kdc": "Contrôleur",
    "kerberos-clock": "Horloge",
    "kerberos-account": "Compte et chiffrement",
    "kerberos-sign-in": "Connexion au domaine",
    "kerberos-protected-users": "Protected Users",
    "kerberos-spn": "Nom de service (SPN)",
    "kerberos-nla": "NLA sur la machine",
  } as Readonly<Record<string, string>>,
};
