import { always, both, byCount, inPart, notHere, type Rule } from "./rule.ts";

const source = "protected-users";

/** What the group Protected Users of Active Directory imposes on remote desktops. */
export const protectedUsersRules: readonly Rule[] = [
  {
    source,
    number: "",
    meaning: both("Pas de NTLM : Kerberos seulement.", "No NTLM: Kerberos only."),
    proofs: ["kerberos-examined"],
    judge: ({ targets }) => {
      if (targets.rdp === 0) return noDesktops;
      return byCount(targets.rdpWithoutKerberos, {
        none: both(
          "Chaque bureau à distance demande un ticket d'abord ; NTLM n'est jamais essayé pour un membre du groupe.",
          "Every remote desktop asks for a ticket first; NTLM is never tried for a member of the group.",
        ),
        some: both(
          `Bureaux à distance réglés sans Kerberos : ${targets.rdpWithoutKerberos} sur ${targets.rdp}.`,
          `Remote desktops set to go without Kerberos: ${targets.rdpWithoutKerberos} of ${targets.rdp}.`,
        ),
        remedy: both(
          "Choisissez « d'abord » ou « seulement par ticket » dans leurs options.",
          "Choose “first” or “only by ticket” in their options.",
        ),
        place: "/admin/machines",
      });
    },
  },
  {
    source,
    number: "",
    meaning: both(
      "Une adresse IP ne suffit pas : la cible a un nom (TERMSRV/nom).",
      "An IP address is not enough: the target has a name (TERMSRV/name).",
    ),
    judge: ({ targets }) => {
      if (targets.rdp === 0) return noDesktops;
      return byCount(targets.rdpWithoutName, {
        none: both(
          "Chaque bureau à distance est joint par un nom, ou sa machine a un nom Kerberos.",
          "Every remote desktop is reached by a name, or its machine has a Kerberos name.",
        ),
        some: both(
          `Bureaux à distance connus par leur seule adresse : ${targets.rdpWithoutName} sur ${targets.rdp}.`,
          `Remote desktops known by their address only: ${targets.rdpWithoutName} of ${targets.rdp}.`,
        ),
        remedy: both("Donnez un nom Kerberos à ces machines.", "Give these machines a Kerberos name."),
        place: "/admin/machines",
      });
    },
  },
  {
    source,
    number: "",
    meaning: both("AES seulement, ni DES ni RC4.", "AES only, neither DES nor RC4."),
    judge: () =>
      always(
        both(
          "Poterne ne sait parler que les chiffrements AES de Kerberos.",
          "Poterne speaks only Kerberos's AES encryption types.",
        ),
        "/admin/kerberos",
      ),
  },
  {
    source,
    number: "",
    meaning: both(
      "Pas de délégation, pas de cache ; tickets de 4 heures, non renouvelables.",
      "No delegation, no cache; tickets of 4 hours that cannot be renewed.",
    ),
    judge: () =>
      always(
        both(
          "Chaque session demande ses propres tickets, ni délégables ni renouvelables, et les efface.",
          "Each session asks for its own tickets, neither forwardable nor renewable, and wipes them.",
        ),
      ),
  },
  {
    source,
    number: "",
    meaning: both(
      "Les contrôleurs de domaine doivent être joignables.",
      "The domain controllers have to be reachable.",
    ),
    judge: ({ settings }) =>
      inPart(
        settings.kerberos.kdcs.length === 0
          ? both(
              "Contrôleurs cherchés dans le DNS, chacun à son tour.",
              "Controllers are looked up in the DNS, each in turn.",
            )
          : both(
              `Contrôleurs nommés dans kerberos.kdcs : ${settings.kerberos.kdcs.length}, chacun à son tour.`,
              `Controllers named in kerberos.kdcs: ${settings.kerberos.kdcs.length}, each in turn.`,
            ),
        both(
          "Le diagnostic Kerberos dit si chacun répond.",
          "The Kerberos doctor says whether each answers.",
        ),
        "/admin/kerberos",
      ),
  },
];

const noDesktops = notHere(
  both("Aucune cible n'est un bureau à distance RDP.", "No target is an RDP remote desktop."),
);
