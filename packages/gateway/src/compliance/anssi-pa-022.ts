import {
  lookAtAlerts,
  lookAtApprovals,
  lookAtBackups,
  lookAtCharter,
  lookAtClearProtocols,
  lookAtFactors,
  lookAtIdentities,
  lookAtRecording,
  lookAtSources,
  lookAtSyslog,
  lookAtVendorAccounts,
  lookAtVendors,
} from "./looks.ts";
import { always, both, byCount, inPart, notHere, type Rule, together } from "./rule.ts";

const source = "anssi-pa-022";

/** ANSSI-PA-022 v3.0, secure administration: the rules with which such a gateway can help, by their titles. */
export const administrationRules: readonly Rule[] = [
  {
    source,
    number: "R1, R2",
    meaning: both(
      "Les administrateurs sont informés de leurs droits et devoirs.",
      "Administrators are informed of their rights and duties.",
    ),
    proofs: ["charter-accepted"],
    judge: lookAtCharter,
  },
  {
    source,
    number: "R3",
    meaning: both("La documentation est tenue à jour.", "Documentation is kept up to date."),
    judge: () =>
      inPart(
        both(
          "Sites, machines, cibles et autorisations s'exportent (CSV, API) ; chaque changement est au journal.",
          "Sites, machines, targets and grants can be exported (CSV, API); every change is in the journal.",
        ),
        both("Joignez l'export à votre documentation.", "Add the export to your documentation."),
        "/admin/machines",
      ),
  },
  {
    source,
    number: "R5, R22, R23",
    meaning: both(
      "Zones de confiance : des outils d'administration par zone, filtrés.",
      "Zones of trust: tools of administration per zone, filtered.",
    ),
    judge: ({ settings }) =>
      inPart(
        both(
          `Les sites séparent l'administration ; la passerelle ne joint que des cibles, et aucune de ces adresses : ${settings.sessions.deniedAddresses.join(", ")}.`,
          `Sites separate administration; the gateway reaches targets only, and none of these addresses: ${settings.sessions.deniedAddresses.join(", ")}.`,
        ),
        both(
          "Une passerelle par zone et le filtrage du réseau restent à votre charge.",
          "One gateway per zone and the network's filtering remain yours to do.",
        ),
      ),
  },
  {
    source,
    number: "R24",
    meaning: both(
      "L'administration emploie des protocoles chiffrés, sinon un tunnel IPsec.",
      "Administration uses encrypted protocols, or else an IPsec tunnel.",
    ),
    proofs: ["identity-confirmed"],
    judge: (facts) => together(lookAtClearProtocols(facts), lookAtIdentities(facts)),
  },
  {
    source,
    number: "R25, R26",
    meaning: both(
      "La rupture de protocole est étudiée, et l'on y renonce là où la confidentialité l'exige.",
      "A break of protocol is considered, and renounced where confidentiality demands it.",
    ),
    judge: () =>
      always(
        both(
          "La passerelle termine chaque session : aucun secret enregistré d'une cible n'arrive dans un navigateur.",
          "The gateway terminates every session: no stored secret of a target ever reaches a browser.",
        ),
      ),
  },
  {
    source,
    number: "R27, R29, R30",
    meaning: both(
      "Les comptes d'administration sont réservés à cet usage et individuels.",
      "Accounts of administration are kept for that use and individual.",
    ),
    proofs: ["checked-out"],
    judge: ({ vaultAccounts, sharedAccounts, linkedPeople }) =>
      inPart(
        both(
          `Le journal et l'enregistrement nomment la personne derrière chaque compte, même partagé (comptes au coffre : ${vaultAccounts} ; empruntés par une personne à la fois : ${sharedAccounts} ; identités liées, ordinaire et d'administration : ${linkedPeople}).`,
          `Journal and recording name the person behind every account, shared or not (accounts in the vault: ${vaultAccounts}; checked out by one person at a time: ${sharedAccounts}; linked identities, ordinary and of administration: ${linkedPeople}).`,
        ),
        both(
          "Que les comptes des cibles soient individuels ne se voit pas d'ici.",
          "Whether accounts on the targets are individual cannot be seen from here.",
        ),
        "/admin/accounts",
      ),
  },
  {
    source,
    number: "R28",
    meaning: both(
      "Les annuaires des comptes d'administration sont protégés.",
      "Directories of accounts of administration are protected.",
    ),
    proofs: ["provider-tested"],
    judge: ({ providers }) => {
      if (providers.ldap === 0)
        return notHere(both("Aucun annuaire n'est interrogé.", "No directory is asked."));
      return byCount(providers.unprotected, {
        none: both(
          "Annuaires lus par LDAPS ou StartTLS, avec leur certificat vérifié ; rien n'y est écrit.",
          "Directories are read by LDAPS or StartTLS with their certificate checked; nothing is written to them.",
        ),
        some: both(
          `Annuaires interrogés en clair : ${providers.unprotected} sur ${providers.ldap}.`,
          `Directories asked in clear: ${providers.unprotected} of ${providers.ldap}.`,
        ),
        remedy: both("Passez-les en LDAPS ou StartTLS.", "Change them to LDAPS or StartTLS."),
        place: "/admin/providers",
        otherwise: "not-met",
      });
    },
  },
  {
    source,
    number: "R31, R32",
    meaning: both(
      "La vie des comptes d'administration est suivie et tracée.",
      "The life of accounts of administration is followed and logged.",
    ),
    proofs: ["person-changed"],
    judge: ({ grants }) =>
      byCount(grants.withoutEnd, {
        none: both(
          "Création, changement, désactivation et effacement sont au journal ; chaque autorisation a une fin.",
          "Creation, change, disabling and erasure are in the journal; every grant has an end.",
        ),
        some: both(
          `Création, changement, désactivation et effacement sont au journal ; autorisations sans fin : ${grants.withoutEnd} sur ${grants.count}.`,
          `Creation, change, disabling and erasure are in the journal; grants without an end: ${grants.withoutEnd} of ${grants.count}.`,
        ),
        remedy: both(
          "Donnez-leur une fin, et revoyez-les régulièrement.",
          "Give them an end, and review them regularly.",
        ),
        place: "/admin/grants",
      }),
  },
  {
    source,
    number: "R33, R36, R37",
    meaning: both(
      "Authentification à deux facteurs, par des moyens reconnus.",
      "Authentication by two factors, by recognised means.",
    ),
    proofs: ["sign-in-with-factor"],
    judge: lookAtFactors,
  },
  {
    source,
    number: "R34, R35",
    meaning: both(
      "Pas de mot de passe par défaut ; les secrets sont dans un coffre.",
      "No default password; secrets are in a vault.",
    ),
    proofs: ["secret-changed"],
    judge: ({ vaultAccounts, settings }) =>
      always(
        both(
          `Aucun mot de passe d'origine : la première entrée se fait par un lien à usage unique. Secrets au coffre : ${vaultAccounts}, chiffrés un à un, que seul le gardien ${settings.keeper.socket === "" ? "(processus enfant)" : "(service séparé)"} ouvre.`,
          `No original password: the first entry is by a one-time link. Secrets in the vault: ${vaultAccounts}, each encrypted, which only the keeper ${settings.keeper.socket === "" ? "(child process)" : "(service of its own)"} opens.`,
        ),
        "/admin/accounts",
      ),
  },
  {
    source,
    number: "R38, R39, R40",
    meaning: both(
      "Le moindre privilège ; les droits se donnent à des groupes.",
      "Least privilege; rights are given to groups.",
    ),
    proofs: ["grant-changed"],
    judge: ({ grants }) =>
      together(
        byCount(grants.toPersons, {
          none: both(
            `Rien n'est permis sans autorisation ; autorisations données à des groupes : ${grants.count} sur ${grants.count}.`,
            `Nothing is allowed without a grant; grants to groups: ${grants.count} of ${grants.count}.`,
          ),
          some: both(
            `Rien n'est permis sans autorisation ; autorisations données à une seule personne : ${grants.toPersons} sur ${grants.count}.`,
            `Nothing is allowed without a grant; grants to a single person: ${grants.toPersons} of ${grants.count}.`,
          ),
          remedy: both("Donnez ces accès à des groupes.", "Give these accesses to groups."),
          place: "/admin/grants",
        }),
        byCount(grants.unused, {
          none: both(
            "Aucune autorisation n'est restée inutilisée 90 jours.",
            "No grant has been unused for 90 days.",
          ),
          some: both(
            `Autorisations inutilisées depuis 90 jours : ${grants.unused}.`,
            `Grants unused for 90 days: ${grants.unused}.`,
          ),
          remedy: both("Retirez ce qui ne sert plus.", "Take away what is of no use any more."),
          place: "/admin/unused",
        }),
      ),
  },
  {
    source,
    number: "R45",
    meaning: both("Les sauvegardes sont définies et essayées.", "Backups are defined and tried."),
    proofs: ["backup-made", "restore-tested"],
    judge: lookAtBackups,
  },
  {
    source,
    number: "R46, R47",
    meaning: both("Les journaux sont collectés et centralisés.", "Logs are collected centrally."),
    judge: lookAtSyslog,
  },
  {
    source,
    number: "R49, R50, R51",
    meaning: both(
      "L'administration à distance passe par un VPN.",
      "Remote administration goes through a VPN.",
    ),
    judge: lookAtSources,
  },
  {
    source,
    number: "R52–R58",
    meaning: both(
      "Les échanges de fichiers sont limités, tracés et analysés.",
      "Exchanges of files are limited, logged and scanned.",
    ),
    proofs: ["file-passed"],
    judge: ({ policies }) => {
      const open = policies.filter(({ rules }) => rules.filesToTarget || rules.filesFromTarget);
      if (open.length === 0)
        return always(
          both(
            "Aucune politique utilisée ne permet de transférer des fichiers.",
            "No policy in use lets files pass.",
          ),
          "/admin/policies",
        );
      return inPart(
        both(
          `Fichiers permis par : ${open.map(({ name }) => name).join(", ")} ; chaque transfert est au journal avec taille et SHA-256. Pas d'analyse antivirus.`,
          `Files may pass by: ${open.map(({ name }) => name).join(", ")}; every transfer is in the journal with size and SHA-256. No virus scan.`,
        ),
        both(
          "Analysez les fichiers avant et après, ou fermez ces transferts.",
          "Scan files before and after, or close these transfers.",
        ),
        "/admin/policies",
      );
    },
  },
  {
    source,
    number: "R59–R63",
    meaning: both(
      "L'administration par des tiers est encadrée : contrat, postes sains, chaîne d'accès dédiée, VPN.",
      "Administration by third parties is framed: contract, sound workstations, an access chain of its own, VPN.",
    ),
    proofs: ["pass-approved"],
    judge: lookAtVendors,
  },
  {
    source,
    number: "R64, R66",
    meaning: both(
      "Les tiers ont des comptes dédiés, activés à la demande.",
      "Third parties have accounts of their own, activated on demand.",
    ),
    proofs: ["pass-approved", "pass-closed"],
    judge: lookAtVendorAccounts,
  },
  {
    source,
    number: "R65",
    meaning: both(
      "Les comptes des tiers sont dans un annuaire dédié (renforcé).",
      "Third parties' accounts are in a directory of their own (reinforced).",
    ),
    judge: ({ vendors }) =>
      vendors.count === 0
        ? notHere(both("Aucune personne extérieure n'est connue ici.", "No outside person is known here."))
        : inPart(
            both(
              `Les ${vendors.count} comptes de tiers sont tenus par la passerelle, hors de vos annuaires, mais avec ceux de ses autres personnes locales.`,
              `The ${vendors.count} accounts of third parties are kept by the gateway, outside your directories, but with those of its other local people.`,
            ),
            both(
              "Un annuaire à part demande une passerelle à part.",
              "A separate directory takes a separate gateway.",
            ),
            "/admin/vendors",
          ),
  },
  {
    source,
    number: "R67",
    meaning: both(
      "L'authentification des tiers est renforcée.",
      "Third parties' authentication is reinforced.",
    ),
    judge: (facts) =>
      facts.vendors.count === 0
        ? notHere(both("Aucune personne extérieure n'est connue ici.", "No outside person is known here."))
        : lookAtFactors(facts),
  },
  {
    source,
    number: "R68",
    meaning: both(
      "Un rebond éphémère entre le VPN et le système administré.",
      "An ephemeral bounce between the VPN and the administered system.",
    ),
    judge: () =>
      notHere(both("Cette version n'a pas de bureau de rebond.", "This version has no bounce desktop.")),
  },
  {
    source,
    number: "R69",
    meaning: both("Accès strictement contrôlés et tracés.", "Accesses strictly controlled and traceable."),
    proofs: ["session-opened", "request-approved", "recording-verified", "mail-tested"],
    judge: (facts) => together(lookAtRecording(facts), lookAtApprovals(facts), lookAtAlerts(facts)),
  },
];
