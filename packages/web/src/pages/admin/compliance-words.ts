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
  change: "Ouvrir la page",
  notRecovered: (numbers: string) =>
    `Textes non retrouvés : ${numbers}. Poterne n'en affirme rien ; voyez le document de l'ANSSI.`,
  onlyThese:
    "Les règles absentes de cette liste ne dépendent pas d'une passerelle d'accès : réseau, postes d'administration, correctifs.",
};

type ComplianceWords = typeof fr;

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
  change: "Open the page",
  notRecovered: (numbers) =>
    `Texts not recovered: ${numbers}. Poterne claims nothing about them; see ANSSI's document.`,
  onlyThese:
    "Rules that are not in this list do not depend on an access gateway: network, administrators' computers, updates.",
};
/** The compliance page's words, which come with the page. */
export function useComplianceWords(): ComplianceWords {
  return useLanguage().language === "fr" ? fr : en;
}
