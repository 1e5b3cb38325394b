import { enAdmin } from "./en-admin.ts";
import type { Words } from "./fr.ts";
import { type AdminWords, frAdmin } from "./fr-admin.ts";
import { useLanguage, useWords } from "./tongue.tsx";

/** All words, with those of administration, which come with the first of its pages. */
export function useAdminWords(): Words & AdminWords {
  const { language } = useLanguage();
  return { ...useWords(), ...(language === "fr" ? frAdmin : enAdmin) };
}
