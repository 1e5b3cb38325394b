import type { ComplianceState, RuleSource } from "@poterne/contract";
import { useLanguage } from "../../i18n/tongue.tsx";

const fr = {
  title: "Conformité",
  intro:
    "Ce que demandent les textes que Poterne connaît, et où en est cette installation à l'instant. Chaque règle est résumée avec nos mots : le texte qui fait foi est celui de son auteur.",
  print: "Imprimer",
  judged: (organisation: string, version: string) =>
    `${organisation === "" ? "" : `${organisation} — `}Poterne ${version} — état du`,
  sources: {
    "anssi-remote-assistance": "ANSSI : sécurité de la télé-assistance",
    "anssi-pa-022": "ANSSI-PA-022 : administration sécurisée des systèmes d'information",
    "anssi-logging": "ANSSI : architecture d'un système de journalisation",
    cnil: "CNIL : journalisation, surveillance au travail, droits des personnes",
    "protected-users": "Active Directory : comptes du groupe Protected Users",
    cnrs: "CNRS : instruction sur la prise de main à distance",
    "pgssi-s": "PGSSI-S : interventions à distance en santé",
    recyf: "ReCyF : référentiel de l'ANSSI pour NIS 2",
  } satisfies Record<RuleSource, string>,
  states: {
    met: "respectée",
    partly: "en partie",
    "not-met": "non respectée",
    "not-applicable": "sans objet",
    "not-recovered": "texte non retrouvé",
  } satisfies Record<ComplianceState, string>,
  rule: "Règle",
  state: "État",
  evidence: "Constat",
  remedy: "À faire",
  change: (page: string) => `Page « ${page} »`,
  colon: " : ",
  noProof: "rien au journal",
  wentBadly: "en échec",
  notRecovered: (numbers: string) =>
    `Textes non retrouvés : ${numbers}. Poterne n'en affirme rien ; voyez le document de leur auteur.`,
  onlyThese: "Une date mène à l'entrée du journal.",
};

/** What every language must provide. */
export type ComplianceWords = typeof fr;

const en: ComplianceWords = {
  title: "Compliance",
  intro:
    "What the texts Poterne knows of ask for, and how this installation stands right now. Each rule is summed up in our words: its author's text is the one that counts.",
  print: "Print",
  judged: (organisation, version) =>
    `${organisation === "" ? "" : `${organisation} — `}Poterne ${version} — as of`,
  sources: {
    "anssi-remote-assistance": "ANSSI: security of remote assistance",
    "anssi-pa-022": "ANSSI-PA-022: secure administration of information systems",
    "anssi-logging": "ANSSI: architecture of a logging system",
    cnil: "CNIL: logs, watching people at work, people's rights",
    "protected-users": "Active Directory: accounts of the group Protected Users",
    cnrs: "CNRS: instruction on remote control",
    "pgssi-s": "PGSSI-S: remote interventions in health care",
    recyf: "ReCyF: ANSSI's reference for NIS 2",
  },
  states: {
    met: "met",
    partly: "partly",
    "not-met": "not met",
    "not-applicable": "not applicable",
    "not-recovered": "text not recovered",
  },
  rule: "Rule",
  state: "State",
  evidence: "Found",
  remedy: "To do",
  change: (page) => `Page “${page}”`,
  colon: ": ",
  noProof: "nothing in the journal",
  wentBadly: "it failed",
  notRecovered: (numbers) =>
    `Texts not recovered: ${numbers}. Poterne claims nothing about them; see their author's document.`,
  onlyThese: "A date leads to the entry in the journal.",
};
/** The compliance page's words, which come with the page. */
export function useComplianceWords(): ComplianceWords {
  return useLanguage().language === "fr" ? fr : en;
}
