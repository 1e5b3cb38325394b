import { useLanguage } from "../../i18n/tongue.tsx";
import { requestsEn } from "./request-words-en.ts";
import { type RequestWords, requestsFr } from "./request-words-fr.ts";

/** The words of the requests' page in the person's language. */
export function useRequestWords(): RequestWords {
  return useLanguage().language === "fr" ? requestsFr : requestsEn;
}
