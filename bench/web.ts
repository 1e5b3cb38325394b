import { readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { projectRoot } from "../tests/support/lab.ts";
import { atMost, type Bench } from "./result.ts";

const dist = path.join(projectRoot, "packages/web/dist");

/** What `.vite/manifest.json` says of a piece. */
interface Chunk {
  readonly file: string;
  readonly imports?: readonly string[];
  readonly css?: readonly string[];
  readonly assets?: readonly string[];
}

type Manifest = Readonly<Record<string, Chunk>>;

/** What the browser loads for each page, by the sources that are asked for; static imports come along. */
const PAGES = {
  "sign-in": ["index.html", "src/sign-in/start.tsx", "src/sign-in/words-fr.ts"],
  console: [
    "index.html",
    "src/shell/start.tsx",
    "src/i18n/fr.ts",
    "src/pages/home.tsx",
    "src/pages/machines/machine-table.tsx",
  ],
  session: ["src/session/session-page.tsx"],
  viewer: ["../viewer/src/desktop/desktop-view.ts"],
  terminal: ["../viewer/src/terminal/terminal-view.ts"],
} as const;

/**
 * Sizes of the built pages' scripts, styles and HTML, each file gzipped by itself as a server sends it; fonts are not
 * counted. Viewer: what a desktop session adds to the console. Terminal: what a terminal session adds to a session page.
 */
export const web: Bench = async ({ say }) => {
  const manifest = JSON.parse(readFileSync(path.join(dist, ".vite/manifest.json"), "utf8")) as Manifest;
  const console = filesOf(manifest, PAGES.console);
  const session = filesOf(manifest, PAGES.session);
  const sets = {
    "sign-in": [filesOf(manifest, PAGES["sign-in"]), 120],
    console: [console, 260],
    viewer: [without(new Set([...session, ...filesOf(manifest, PAGES.viewer)]), console), 80],
    terminal: [without(filesOf(manifest, PAGES.terminal), new Set([...console, ...session])), 150],
  } as const;
  return Object.entries(sets).map(([name, [files, budget]]) => {
    const sizes = [...files].map((file) => ({ file, bytes: gzippedBytes(file) }));
    const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
    const largest = sizes.toSorted((left, right) => right.bytes - left.bytes).slice(0, 3);
    say(`${name}: ${sizes.length} files; ${largest.map(({ file, bytes }) => `${file} ${bytes}`).join(", ")}`);
    return atMost("web", `${name}, gzip`, { value: total / 1000, unit: "kB", budget });
  });
};

/** Files of these pieces and of what they import, with their styles and workers. */
function filesOf(manifest: Manifest, keys: readonly string[]): ReadonlySet<string> {
  const files = new Set<string>();
  const seen = new Set<string>();
  const add = (key: string): void => {
    const chunk = manifest[key];
    if (chunk === undefined) throw new Error(`the built pages have no ${key}`);
    if (seen.has(key)) return;
    seen.add(key);
    for (const file of [chunk.file, ...(chunk.css ?? []), ...(chunk.assets ?? [])])
      if (/\.(?:js|css)$/.test(file)) files.add(file);
    if (key === "index.html") files.add("index.html");
    for (const imported of chunk.imports ?? []) add(imported);
  };
  for (const key of keys) add(key);
  return files;
}

function without(files: ReadonlySet<string>, others: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...files].filter((file) => !others.has(file)));
}

function gzippedBytes(file: string): number {
  return gzipSync(readFileSync(path.join(dist, file)), { level: 6 }).length;
}
