import { useLanguage } from "../i18n/tongue.tsx";
import { sessionEn } from "./texts-en.ts";
import { type SessionTexts, sessionFr } from "./texts-fr.ts";

/** The session page's words in the person's language. */
export function useSessionTexts(): SessionTexts {
  return useLanguage().language === "fr" ? sessionFr : sessionEn;
}
