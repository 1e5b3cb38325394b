import "../theme/console-styles.css";
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { ApiFailure, UNREACHABLE } from "../api/api-failure.ts";
import { readNonce } from "../boot/csp.ts";
import { loadWords } from "../i18n/load-words.ts";
import { guessLanguage, TongueProvider } from "../i18n/tongue.tsx";
import { resolveVariables, theme } from "../theme/theme.ts";
import { ConfirmProvider } from "../ui/confirm.tsx";
import { ErrorBoundary } from "../ui/error-boundary.tsx";
import { FactorPrompt } from "./factor-prompt.tsx";
import { goToSignIn } from "./go-to-sign-in.ts";
import { router } from "./router.tsx";

const STALE_AFTER_MS = 5000;
const MAX_RETRIES = 2;

function leaveIfSignedOut(error: Error): void {
  if (error instanceof ApiFailure && error.code === "not-signed-in") goToSignIn();
}

function makeQueryClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError: leaveIfSignedOut }),
    mutationCache: new MutationCache({ onError: leaveIfSignedOut }),
    defaultOptions: {
      queries: {
        staleTime: STALE_AFTER_MS,
        retry: (count, error) =>
          error instanceof ApiFailure && error.code === UNREACHABLE && count < MAX_RETRIES,
      },
    },
  });
}

/** Starts the console. */
export async function start(root: HTMLElement): Promise<void> {
  const language = guessLanguage();
  const words = await loadWords(language);
  createRoot(root).render(
    <MantineProvider
      theme={theme}
      cssVariablesResolver={resolveVariables}
      defaultColorScheme="auto"
      getStyleNonce={readNonce}
    >
      <TongueProvider language={language} words={words} load={loadWords}>
        <ErrorBoundary>
          <QueryClientProvider client={makeQueryClient()}>
            <ConfirmProvider>
              <Notifications position="bottom-right" />
              <FactorPrompt />
              <RouterProvider router={router} />
            </ConfirmProvider>
          </QueryClientProvider>
        </ErrorBoundary>
      </TongueProvider>
    </MantineProvider>,
  );
}
