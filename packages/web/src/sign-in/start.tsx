import "../theme/entry-styles.css";
import { MantineProvider } from "@mantine/core";
import { createRoot } from "react-dom/client";
import { readNonce } from "../boot/csp.ts";
import type { Language } from "../i18n/format.ts";
import { guessLanguage, TongueProvider } from "../i18n/tongue.tsx";
import { resolveVariables, theme } from "../theme/theme.ts";
import { ErrorBoundary } from "../ui/error-boundary.tsx";
import { loadEntryWords } from "./entry-words.ts";
import { SignInPage } from "./sign-in-page.tsx";

/** Starts the sign-in page: no router, no query cache, none of the console. */
export async function start(root: HTMLElement): Promise<void> {
  const language: Language = guessLanguage();
  const words = await loadEntryWords(language);
  createRoot(root).render(
    <MantineProvider
      theme={theme}
      cssVariablesResolver={resolveVariables}
      defaultColorScheme="auto"
      getStyleNonce={readNonce}
    >
      <TongueProvider language={language} words={words} load={loadEntryWords}>
        <ErrorBoundary>
          <SignInPage />
        </ErrorBoundary>
      </TongueProvider>
    </MantineProvider>,
  );
}
