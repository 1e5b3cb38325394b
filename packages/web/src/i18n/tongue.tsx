import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useState } from "react";
import type { Language } from "./format.ts";
import type { common } from "./fr/common.ts";
import type { signIn } from "./fr/sign-in.ts";
import type { Words } from "./fr.ts";

/** The words that the sign-in page shares with the console. */
export interface EntryWords {
  readonly common: typeof common;
  readonly signIn: typeof signIn;
  /** The error catalogue's words in this language, by code. */
  readonly errors: Readonly<Record<string, { readonly what: string; readonly next: string }>>;
}

interface Tongue {
  readonly language: Language;
  readonly words: EntryWords;
  readonly setLanguage: (language: Language) => void;
}

const STORAGE_KEY = "poterne-language";
const TongueContext = createContext<Tongue | null>(null);

/** The language chosen on this browser before, else the browser's own if we speak it, else French. */
export function guessLanguage(): Language {
  const stored = localStorage.getItem(STORAGE_KEY);
  if (stored === "fr" || stored === "en") return stored;
  const wanted = navigator.languages.find((tag) => /^(fr|en)\b/i.test(tag));
  return wanted?.toLowerCase().startsWith("en") ? "en" : "fr";
}

/** Remembers the choice on this browser, so that the sign-in page opens in it. */
export function rememberLanguage(language: Language): void {
  localStorage.setItem(STORAGE_KEY, language);
}

/** Gives words to everything below it; `load` fetches a language's words when it is chosen. */
export function TongueProvider<W extends EntryWords>(props: {
  readonly language: Language;
  readonly words: W;
  readonly load: (language: Language) => W | Promise<W>;
  readonly children: ReactNode;
}) {
  const [current, setCurrent] = useState({ language: props.language, words: props.words as EntryWords });
  const { load } = props;
  const setLanguage = useCallback(
    (language: Language) => {
      rememberLanguage(language);
      void Promise.resolve(load(language)).then((words) => setCurrent({ language, words }));
    },
    [load],
  );
  useEffect(() => {
    document.documentElement.lang = current.language;
  }, [current.language]);
  const tongue = useMemo(() => ({ ...current, setLanguage }), [current, setLanguage]);
  return <TongueContext value={tongue}>{props.children}</TongueContext>;
}

function useTongue(): Tongue {
  const tongue = use(TongueContext);
  if (tongue === null) throw new Error("no tongue provider above this component");
  return tongue;
}

/** The language in use and the function that changes it. */
export function useLanguage(): { language: Language; setLanguage: (language: Language) => void } {
  const { language, setLanguage } = useTongue();
  return { language, setLanguage };
}

/** Words that both the sign-in page and the console have. */
export function useEntryWords(): EntryWords {
  return useTongue().words;
}

/** All words. INVARIANT: only called below the console's provider, which loads all of them. */
export function useWords(): Words {
  return useTongue().words as Words;
}
