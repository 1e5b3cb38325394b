import type { HealthCheck } from "@poterne/contract";
import { lookAtRetention, lookAtSyslog } from "./looks.ts";
import { always, both, inPart, type Rule, type Verdict } from "./rule.ts";

const source = "anssi-logging";

/** A check of the doctor as a verdict. */
function fromCheck(check: HealthCheck): Verdict {
  const state = { ok: "met", warning: "partly", failed: "not-met" } as const;
  return { state: state[check.state], evidence: [check.found], remedy: check.remedy, place: "/admin" };
}

/** ANSSI, architecture of logging: the rules that a single source of logs can keep. */
export const loggingRules: readonly Rule[] = [
  {
    source,
    number: "R3, R4",
    meaning: both(
      "Chaque événement est horodaté, à la seconde, avec son fuseau.",
      "Every event carries its time, to the second, with its zone.",
    ),
    proofs: ["journal-verified"],
    judge: () =>
      always(
        both(
          "Chaque entrée porte l'heure UTC à la milliseconde et une horloge qui ne recule pas ; un saut d'horloge est une alarme.",
          "Every entry carries UTC to the millisecond and a clock that never goes back; a jump of the clock is an alarm.",
        ),
        "/journal",
      ),
  },
  {
    source,
    number: "R5",
    meaning: both("Les horloges sont synchronisées.", "Clocks are synchronised."),
    judge: ({ clock }) => fromCheck(clock),
  },
  {
    source,
    number: "R6",
    meaning: both("Pas de secret dans les journaux.", "No secrets in logs."),
    judge: () =>
      always(
        both(
          "Mots de passe, codes, jetons et contenus n'entrent ni au journal ni dans les traces ; la frappe sans écho n'est jamais enregistrée.",
          "Passwords, codes, tokens and contents enter neither the journal nor the logs; typing without echo is never recorded.",
        ),
      ),
  },
  {
    source,
    number: "R9, R14, R16, R17",
    meaning: both(
      "Journaux centralisés presque en temps réel, par TCP et TLS, vers un collecteur authentifié.",
      "Logs are centralised in near real time, over TCP and TLS, to an authenticated collector.",
    ),
    judge: lookAtSyslog,
  },
  {
    source,
    number: "R13",
    meaning: both("Le format d'origine des journaux est gardé.", "The native format of logs is kept."),
    judge: () =>
      always(
        both(
          "Le fichier du journal garde chaque entrée telle qu'elle fut écrite (JSON, une par ligne) ; syslog en porte le texte entier, sans conversion.",
          "The journal's file keeps every entry as it was written (JSON, one a line); syslog carries its whole text, unconverted.",
        ),
        "/journal",
      ),
  },
  {
    source,
    number: "R21, R22",
    meaning: both(
      "Les journaux ont leur place, et le disque est surveillé.",
      "Logs have room of their own, and the disk is watched.",
    ),
    judge: ({ disk }) => fromCheck(disk),
  },
  {
    source,
    number: "R23",
    meaning: both(
      "Une base indexée, et une copie intacte à côté.",
      "An indexed database, and an untouched copy beside it.",
    ),
    proofs: ["journal-verified"],
    judge: () =>
      always(
        both(
          "Le fichier signé et chaîné du gardien est la preuve ; la table du magasin en est la copie de recherche.",
          "The keeper's signed and chained file is the evidence; the store's table is its searchable copy.",
        ),
        "/journal",
      ),
  },
  {
    source,
    number: "R24, R25",
    meaning: both(
      "Rotation, et effacement automatique selon la règle.",
      "Rotation, and automatic deletion according to the rules.",
    ),
    proofs: ["recording-deleted"],
    judge: lookAtRetention,
  },
  {
    source,
    number: "R26, R27",
    meaning: both(
      "Écrire, effacer et lire les journaux sont des droits séparés.",
      "Writing, deleting and reading logs are separate rights.",
    ),
    judge: ({ settings }) => {
      const evidence = both(
        "Seul le gardien écrit ; personne n'efface par les pages ni par l'API ; les lectures sont un droit, et sont elles-mêmes au journal.",
        "Only the keeper writes; nobody deletes by pages or API; reading is a right, and is itself in the journal.",
      );
      if (settings.keeper.socket !== "") return always(evidence);
      return inPart(
        evidence,
        both(
          "Faites du gardien un service à part (keeper.socket) : l'utilisateur de la passerelle ne pourra plus toucher au fichier.",
          "Run the keeper as a service of its own (keeper.socket): the gateway's user can then no longer touch the file.",
        ),
      );
    },
  },
];
