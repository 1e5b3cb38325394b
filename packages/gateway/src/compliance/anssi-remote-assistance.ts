import { lookAtFactors, lookAtSources } from "./looks.ts";
import { lost } from "./not-recovered.ts";
import { both, notHere, type Rule } from "./rule.ts";

const noAssistance = notHere(
  both(
    "Cette version ouvre des sessions d'administration ; elle n'assiste personne dans sa propre session.",
    "This version opens sessions of administration; it assists nobody in their own session.",
  ),
);
const source = "anssi-remote-assistance";

/** ANSSI, remote assistance: twelve recommendations, of which R7–R10 and R12 could not be recovered. */
export const remoteAssistanceRules: readonly Rule[] = [
  {
    source,
    number: "R1",
    meaning: both(
      "L'aide se fait dans la session et avec les droits de la personne aidée ; son mot de passe n'est jamais donné.",
      "Help happens in the assisted person's session and rights; their password is never given away.",
    ),
    judge: () => noAssistance,
  },
  {
    source,
    number: "R2",
    meaning: both(
      "La personne aidée voit tout ce qui est fait.",
      "The assisted person sees everything that is done.",
    ),
    judge: () => noAssistance,
  },
  {
    source,
    number: "R3",
    meaning: both(
      "Rien ne commence sans l'accord explicite de la personne aidée.",
      "Nothing begins without the assisted person's explicit consent.",
    ),
    judge: () => noAssistance,
  },
  {
    source,
    number: "R4",
    meaning: both(
      "Les opérateurs prouvent leur identité fortement : certificat, Kerberos, à défaut mot de passe solide et code.",
      "Operators prove their identity strongly: certificate, Kerberos, or else a good password and a code.",
    ),
    proofs: ["sign-in-with-factor"],
    judge: lookAtFactors,
  },
  {
    source,
    number: "R5",
    meaning: both(
      "Seuls des comptes d'opérateurs explicitement autorisés peuvent proposer l'assistance.",
      "Only operators' accounts that are explicitly authorised may offer assistance.",
    ),
    judge: () => noAssistance,
  },
  {
    source,
    number: "R6",
    meaning: both("La personne aidée peut vérifier qui l'aide.", "The assisted person can check who helps."),
    judge: () => noAssistance,
  },
  lost(source, "R7"),
  lost(source, "R8"),
  lost(source, "R9"),
  lost(source, "R10"),
  {
    source,
    number: "R11",
    meaning: both(
      "Les opérateurs ne viennent que d'adresses bien identifiées.",
      "Operators come only from well identified addresses.",
    ),
    judge: lookAtSources,
  },
  lost(source, "R12"),
];
