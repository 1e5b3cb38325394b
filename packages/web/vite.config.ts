import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { contractPlugin } from "./contract-plugin.ts";

/** Where the development server of the pages finds a running gateway. */
const gateway = process.env.POTERNE_DEV_GATEWAY ?? "https://localhost:8443";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "/",
  plugins: [contractPlugin(), react()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: ["chrome120", "firefox128"],
    // The content security policy has no `data:` for scripts, fonts or styles, and a favicon is cached better as a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // The terminal with its renderers is one chunk of about 520 kB (kB before compression), loaded when a terminal opens.
    // What each page loads has a budget in tests/e2e; this only tells when a chunk grows beyond the one we know.
    chunkSizeWarningLimit: 600,
    manifest: true,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // Components that every page begins with, in one chunk: in pieces of their own they compress less.
          groups: [
            {
              name: "first-screen",
              test: /@mantine\/core\/esm\/components\/(?:CloseButton|UnstyledButton|Input|InputBase|InputsGroupFieldset|NativeSelect|Combobox\/ComboboxChevron)\//,
            },
          ],
        },
      },
    },
  },
  worker: { format: "es" },
  server: {
    proxy: {
      "/api": { target: gateway, secure: false },
      "/n/": { target: gateway, secure: false, ws: true },
    },
  },
});
