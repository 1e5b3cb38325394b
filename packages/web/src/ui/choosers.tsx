import { NativeSelect, useMantineColorScheme } from "@mantine/core";
import type { Language } from "../i18n/format.ts";
import { useEntryWords, useLanguage } from "../i18n/tongue.tsx";

/** Chooses the language; each one is named in itself. */
export function LanguageChooser(props: { readonly onChosen?: (language: Language) => void }) {
  const { common } = useEntryWords();
  const { language, setLanguage } = useLanguage();
  return (
    <NativeSelect
      aria-label={common.language}
      size="xs"
      value={language}
      data={[
        { value: "fr", label: "Français" },
        { value: "en", label: "English" },
      ]}
      onChange={(event) => {
        const chosen = event.currentTarget.value === "en" ? "en" : "fr";
        setLanguage(chosen);
        props.onChosen?.(chosen);
      }}
    />
  );
}

/** Chooses light, dark, or what the system says. */
export function ThemeChooser() {
  const { common } = useEntryWords();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <NativeSelect
      aria-label={common.theme}
      size="xs"
      value={colorScheme}
      data={[
        { value: "auto", label: common.themeAuto },
        { value: "light", label: common.themeLight },
        { value: "dark", label: common.themeDark },
      ]}
      onChange={(event) => setColorScheme(event.currentTarget.value as "auto" | "light" | "dark")}
    />
  );
}
