import type { RuleSource } from "@poterne/contract";
import { both, type Rule } from "./rule.ts";

/** A numbered rule whose text is not in our hands. */
export function lost(source: RuleSource, number: string): Rule {
  return { source, number, meaning: both("Texte non retrouvé.", "Text not recovered."), judge: null };
}

/** Rules of texts we have in part, and texts we know to exist and have not read: listed, and claimed by nobody. */
export const lostRules: readonly Rule[] = [
  ...["R4", "R6", "R7", "R14", "R41", "R48"].map((number) => lost("anssi-pa-022", number)),
  ...["R1", "R2", "R7", "R8", "R10–R12", "R15", "R18–R20", "R28–R31"].map((number) =>
    lost("anssi-logging", number),
  ),
  {
    source: "cnil",
    number: "",
    meaning: both(
      "Droits des personnes (accès, analyse d'impact) : texte non relu.",
      "People's rights (access, impact assessment): text not read again.",
    ),
    judge: null,
  },
  {
    source: "cnrs",
    number: "",
    meaning: both(
      "Note du 23 janvier 2017, revue le 8 juillet 2019, et instruction sur la prise de main à distance.",
      "Note of 23 January 2017, revised on 8 July 2019, and instruction on remote control.",
    ),
    judge: null,
  },
  {
    source: "pgssi-s",
    number: "",
    meaning: both(
      "Guide sur les interventions à distance dans les systèmes de santé (ASIP Santé, 2014).",
      "Guide on remote interventions in health systems (ASIP Santé, 2014).",
    ),
    judge: null,
  },
  {
    source: "recyf",
    number: "",
    meaning: both("Référentiel de travail de l'ANSSI pour NIS 2.", "ANSSI's working reference for NIS 2."),
    judge: null,
  },
];
