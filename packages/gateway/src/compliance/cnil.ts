import { lookAtCharter, lookAtInputRecording, lookAtRetention, lookAtSilentWatching } from "./looks.ts";
import { always, both, type Rule, together } from "./rule.ts";

const source = "cnil";

/** CNIL: what it recommends for logs (October 2021), on watching people at work, and on their rights. */
export const cnilRules: readonly Rule[] = [
  {
    source,
    number: "",
    meaning: both(
      "Les journaux sont gardés 6 à 12 mois, à part, horodatés et signés ; au-delà, le risque est documenté.",
      "Logs are kept 6 to 12 months, apart, with time and signature; beyond that the risk is documented.",
    ),
    proofs: ["recording-deleted", "journal-verified"],
    judge: lookAtRetention,
  },
  {
    source,
    number: "",
    meaning: both(
      "Pas d'enregistrement de la frappe ni de surveillance permanente, sauf besoin de sécurité exceptionnel et information précise.",
      "No recording of typing and no permanent watching, save an exceptional security need with specific information.",
    ),
    judge: (facts) =>
      together(lookAtInputRecording(facts), lookAtSilentWatching(facts), lookAtCharter(facts)),
  },
  {
    source,
    number: "",
    meaning: both(
      "Pas de capture d'écran couplée à l'enregistrement de la voix.",
      "No capture of the screen coupled with a recording of voices.",
    ),
    judge: () =>
      always(
        both(
          "Le microphone n'est transmis à aucune cible et n'est jamais enregistré.",
          "The microphone is passed to no target and never recorded.",
        ),
      ),
  },
];
