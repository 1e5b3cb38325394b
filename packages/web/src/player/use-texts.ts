import { useLanguage } from "../i18n/tongue.tsx";
import { playerEn } from "./texts-en.ts";
import { type PlayerTexts, playerFr } from "./texts-fr.ts";

/** The player's words in the person's language. */
export function usePlayerTexts(): PlayerTexts {
  return useLanguage().language === "fr" ? playerFr : playerEn;
}
