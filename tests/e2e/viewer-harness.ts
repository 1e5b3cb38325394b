import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "@playwright/test";
import { build } from "vite";
import { buildKernel } from "../../tools/build-kernel.mjs";

/** Builds the viewer's bare test pages as the product builds its own, and serves them under the product's policy. */
export interface ViewerHarness {
  readonly browser: Browser;
  /** Opens one of the pages and waits until it is ready; refusals of the content policy gather in `violations`. */
  open(name: "terminal" | "desktop"): Promise<{ page: Page; violations: string[] }>;
  close(): Promise<void>;
}

const pagesFolder = fileURLToPath(new URL("./viewer-pages/", import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
};

function policy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    `style-src-elem 'self' 'nonce-${nonce}'`,
    "style-src-attr 'none'",
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "font-src 'self'",
    "worker-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "require-trusted-types-for 'script'",
  ].join("; ");
}

async function serveFile(folder: string, url: string, response: ServerResponse): Promise<void> {
  const name = path.normalize(new URL(url, "http://harness").pathname);
  const file = path.join(folder, name);
  const nonce = randomBytes(16).toString("base64");
  const content = await readFile(file);
  const isPage = file.endsWith(".html");
  response.writeHead(200, {
    "content-type": TYPES[path.extname(file)] ?? "application/octet-stream",
    "content-security-policy": policy(nonce),
  });
  response.end(isPage ? content.toString().replaceAll("__NONCE__", nonce) : content);
}

function listen(folder: string): Promise<Server> {
  const server = createServer((request, response) => {
    serveFile(folder, request.url ?? "/", response).catch(() => response.writeHead(404).end());
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** Starts the harness: one build, one server, one browser. `env` sets the browser's display for headed runs. */
export async function startViewerHarness(
  options: {
    readonly isHeaded?: boolean;
    readonly env?: Readonly<Record<string, string>>;
    readonly args?: readonly string[];
  } = {},
): Promise<ViewerHarness> {
  const folder = await mkdtemp(path.join(tmpdir(), "poterne-viewer-"));
  buildKernel();
  await build({
    root: pagesFolder,
    configFile: false,
    logLevel: "error",
    build: {
      outDir: folder,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      target: "chrome120",
      rolldownOptions: {
        input: ["terminal", "desktop"].map((name) => path.join(pagesFolder, `${name}.html`)),
      },
    },
    worker: { format: "es" },
  });
  const server = await listen(folder);
  const { port } = server.address() as AddressInfo;
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", ...(options.args ?? [])],
    headless: options.isHeaded !== true,
    ...(options.env === undefined
      ? {}
      : { env: { ...process.env, ...options.env } as Record<string, string> }),
  });
  return {
    browser,
    async open(name) {
      const page = await browser.newPage({ viewport: { width: 1000, height: 680 } });
      const violations: string[] = [];
      page.on("console", (message) => {
        if (/content security policy|trusted ?type/i.test(message.text())) violations.push(message.text());
      });
      page.on("pageerror", (error) => violations.push(String(error)));
      await page.goto(`http://127.0.0.1:${port}/${name}.html`);
      await page.waitForFunction(() => document.title === "ready");
      return { page, violations };
    },
    async close() {
      await browser.close();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
