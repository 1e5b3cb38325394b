import type { Words } from "../health/check.ts";
import type { MailKind } from "./mail-tables.ts";

/** What a letter tells: names of people and machines, a time, a page. Never a reason, an address or a secret. */
export interface LetterFacts {
  /** Who asks, or whose access it is. */
  readonly person: string;
  /** `machine / target`; for a pass the company. */
  readonly what: string;
  readonly ticket: string;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** Who decided, empty for nobody. */
  readonly by: string;
}

/** A subject and the sentences below it. `{what}`, `{person}`, `{by}`, `{from}`, `{to}` stand for facts. */
interface LetterWords {
  readonly subject: Words;
  readonly text: Words;
  /** Page of the console, behind a sign-in. */
  readonly page: "/requests" | "/admin/vendors";
}

const on = (page: LetterWords["page"], subject: Words, text: Words): LetterWords => ({ subject, text, page });

/** The letters, by what they are about. */
export const LETTERS: Readonly<Record<MailKind, LetterWords>> = {
  "request-made": on(
    "/requests",
    { fr: "À décider : {person} demande {what}", en: "To decide: {person} asks for {what}" },
    {
      fr: "{person} demande l'accès à {what}. Votre décision est attendue ; le motif est dans la page.",
      en: "{person} asks for access to {what}. Your decision is awaited; the reason is in the page.",
    },
  ),
  "request-approved": on(
    "/requests",
    { fr: "Accès approuvé : {what}", en: "Access approved: {what}" },
    {
      fr: "Votre demande pour {what} est approuvée par {by}, du {from} au {to}.",
      en: "Your request for {what} is approved by {by}, from {from} to {to}.",
    },
  ),
  "request-renewed": on(
    "/requests",
    { fr: "Accès prolongé : {what}", en: "Access prolonged: {what}" },
    {
      fr: "Votre accès à {what} est prolongé par {by}, jusqu'au {to}.",
      en: "Your access to {what} is prolonged by {by}, until {to}.",
    },
  ),
  "request-refused": on(
    "/requests",
    { fr: "Demande refusée : {what}", en: "Request refused: {what}" },
    {
      fr: "Votre demande pour {what} est refusée par {by}. Le commentaire est dans la page.",
      en: "Your request for {what} is refused by {by}. The comment is in the page.",
    },
  ),
  "request-revoked": on(
    "/requests",
    { fr: "Accès retiré : {what}", en: "Access revoked: {what}" },
    {
      fr: "Votre accès à {what} est retiré par {by}, tout de suite ; ses sessions sont fermées.",
      en: "Your access to {what} is revoked by {by}, at once; its sessions are closed.",
    },
  ),
  "request-expired": on(
    "/requests",
    { fr: "Demande restée sans réponse : {what}", en: "Request without an answer: {what}" },
    {
      fr: "Personne n'a décidé à temps de votre demande pour {what}. Refaites-la si vous en avez encore besoin.",
      en: "Nobody decided in time about your request for {what}. Make it again if you still need it.",
    },
  ),
  "request-ending": on(
    "/requests",
    { fr: "Accès bientôt terminé : {what}", en: "Access ends soon: {what}" },
    {
      fr: "Votre accès à {what} se termine le {to}. Demandez une prolongation avant, si le travail n'est pas fini.",
      en: "Your access to {what} ends on {to}. Ask to prolong it before, if the work is not done.",
    },
  ),
  "emergency-opened": on(
    "/requests",
    { fr: "URGENCE : {person} a ouvert {what}", en: "EMERGENCY: {person} opened {what}" },
    {
      fr: "{person} s'est donné un accès d'urgence à {what}, sans approbation, du {from} au {to}. Regardez la session en direct, ou retirez l'accès dans la page. Un compte rendu est dû.",
      en: "{person} took emergency access to {what}, without an approval, from {from} to {to}. Watch the session live, or revoke the access in the page. A report is due.",
    },
  ),
  "emergency-report-due": on(
    "/requests",
    { fr: "Compte rendu dû : {what}", en: "Report due: {what}" },
    {
      fr: "Votre accès d'urgence à {what} est terminé. Écrivez son compte rendu dans la page : sans lui, vous ne pouvez rien demander d'autre.",
      en: "Your emergency access to {what} is over. Write its report in the page: without it you can ask for nothing else.",
    },
  ),
  "pass-proposed": on(
    "/admin/vendors",
    { fr: "À décider : accès tiers pour {person}", en: "To decide: vendor pass for {person}" },
    {
      fr: "{by} propose un accès tiers pour {person} ({what}), du {from} au {to}. Votre décision est attendue.",
      en: "{by} proposes a vendor pass for {person} ({what}), from {from} to {to}. Your decision is awaited.",
    },
  ),
  "pass-approved": on(
    "/admin/vendors",
    { fr: "Accès tiers approuvé : {person}", en: "Vendor pass approved: {person}" },
    {
      fr: "L'accès tiers de {person} ({what}) est approuvé par {by}. Il s'ouvre le {from} et se ferme de lui-même le {to}.",
      en: "The vendor pass of {person} ({what}) is approved by {by}. It opens on {from} and closes by itself on {to}.",
    },
  ),
  "pass-refused": on(
    "/admin/vendors",
    { fr: "Accès tiers refusé : {person}", en: "Vendor pass refused: {person}" },
    {
      fr: "L'accès tiers proposé pour {person} ({what}) est refusé par {by}.",
      en: "The vendor pass proposed for {person} ({what}) is refused by {by}.",
    },
  ),
  "pass-changed": on(
    "/admin/vendors",
    { fr: "Accès tiers : nouvelle fin, {person}", en: "Vendor pass: new end, {person}" },
    {
      fr: "La fin de l'accès tiers de {person} ({what}) est portée au {to} par {by}.",
      en: "The end of the vendor pass of {person} ({what}) is moved to {to} by {by}.",
    },
  ),
  "pass-revoked": on(
    "/admin/vendors",
    { fr: "Accès tiers retiré : {person}", en: "Vendor pass revoked: {person}" },
    {
      fr: "L'accès tiers de {person} ({what}) est retiré par {by}, tout de suite ; ses sessions sont fermées.",
      en: "The vendor pass of {person} ({what}) is revoked by {by}, at once; its sessions are closed.",
    },
  ),
  "pass-ending": on(
    "/admin/vendors",
    { fr: "Accès tiers bientôt terminé : {person}", en: "Vendor pass ends soon: {person}" },
    {
      fr: "L'accès tiers de {person} ({what}) se ferme le {to} ; ses sessions se ferment avec lui.",
      en: "The vendor pass of {person} ({what}) closes on {to}; its sessions close with it.",
    },
  ),
  "pass-closed": on(
    "/admin/vendors",
    { fr: "Accès tiers terminé, rapport prêt : {person}", en: "Vendor pass over, report ready: {person}" },
    {
      fr: "L'accès tiers de {person} ({what}) est fermé depuis le {to}. Son rapport est dans la page : sessions, fichiers, enregistrements.",
      en: "The vendor pass of {person} ({what}) is closed since {to}. Its report is in the page: sessions, files, recordings.",
    },
  ),
};

const FRAME = {
  hello: { fr: "Bonjour {name},", en: "Hello {name}," },
  see: {
    fr: "Voir dans Poterne (connexion demandée) : {url}",
    en: "See it in Poterne (you will be asked to sign in): {url}",
  },
  foot: {
    fr: "Message automatique de {organisation}. Il ne contient aucun lien qui connecte ; Poterne ne demande jamais de mot de passe par courriel.",
    en: "Automatic message of {organisation}. It holds no link that signs in; Poterne never asks for a password by mail.",
  },
  ticket: { fr: "Ticket : {ticket}", en: "Ticket: {ticket}" },
} as const;

/** Longest subject. */
const MAX_SUBJECT = 200;

/** A letter's subject and plain text in a language. */
export function writeLetter(
  kind: MailKind,
  facts: LetterFacts,
  to: {
    readonly name: string;
    readonly language: "fr" | "en";
    readonly publicUrl: URL;
    readonly organisation: string;
  },
): { readonly subject: string; readonly body: string } {
  const { language } = to;
  const words = LETTERS[kind];
  const values: Readonly<Record<string, string>> = {
    person: facts.person,
    what: facts.what,
    by: facts.by,
    ticket: facts.ticket,
    from: momentText(facts.fromMs, language),
    to: momentText(facts.toMs, language),
    name: to.name,
    organisation: to.organisation === "" ? "Poterne" : to.organisation,
    url: new URL(words.page, to.publicUrl).href,
  };
  const lines = [
    fill(FRAME.hello[language], values),
    fill(words.text[language], values),
    ...(facts.ticket === "" ? [] : [fill(FRAME.ticket[language], values)]),
    fill(FRAME.see[language], values),
    `-- \n${fill(FRAME.foot[language], values)}`,
  ];
  const subject = oneLine(fill(words.subject[language], values));
  return { subject: `[Poterne] ${subject}`.slice(0, MAX_SUBJECT), body: `${lines.join("\n\n")}\n` };
}

function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** Names go into a header: no control characters. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ").trim();
}

function momentText(atMs: number | null, language: "fr" | "en"): string {
  if (atMs === null) return "";
  return new Intl.DateTimeFormat(language === "fr" ? "fr-FR" : "en-GB", {
    weekday: "long",
    day: "numeric",
    month: "long",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
  }).format(atMs);
}
