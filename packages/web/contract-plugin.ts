import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const CONTRACT = "@poterne/contract";
/** Ids of the modules made here; the prefix keeps other plugins away. */
const MADE = "\0poterne-contract:";
const ERRORS = "poterne-errors:";
const folder = fileURLToPath(new URL("../contract/src/", import.meta.url));

/** What the sign-in page needs of the contract: kept apart so that it loads nothing of the console's. */
const ENTRY_ROUTES = ["routes/sign-in.ts", "routes/me.ts", "routes/federation.ts"];
const ENTRY_ERRORS = ["errors/common.ts", "errors/auth.ts"];

type Exports = Readonly<Record<string, unknown>>;
type Catalogue = Readonly<Record<string, Readonly<Record<"fr" | "en", { what: string; next: string }>>>>;

/**
 * Gives the browser the contract without its schemas (decision 0045): routes become `{ method, path }`, constants stay,
 * schemas and code are left out, so that importing one by mistake fails the build. Types come from the contract itself.
 * The words of the failures are modules of their own: `poterne-errors:fr`, `poterne-errors:en` with all codes, and
 * `poterne-errors:fr-entry`, `poterne-errors:en-entry` with those of signing in.
 */
export function contractPlugin(): Plugin {
  return {
    name: "poterne-contract",
    enforce: "pre",
    resolveId(id) {
      if (id === CONTRACT) return `${MADE}all`;
      return id.startsWith(ERRORS) || id.startsWith(MADE) ? MADE + id.replace(MADE, "") : null;
    },
    load: (id) => (id.startsWith(MADE) ? write(id.slice(MADE.length)) : null),
  };
}

async function write(name: string): Promise<string> {
  if (name === "all") return ["entry", "rest"].map((part) => `export * from "${MADE}${part}";\n`).join("");
  if (name.startsWith(ERRORS)) return writeErrors(name.slice(ERRORS.length));
  const entry = await read(ENTRY_ROUTES);
  const all = Object.entries(await read(["index.ts"]));
  const wanted = all.filter(([exported]) => exported in entry === (name === "entry"));
  return wanted.map(writeExport).join("");
}

async function writeErrors(name: string): Promise<string> {
  const language = name.startsWith("en") ? "en" : "fr";
  const isEntry = name.endsWith("-entry");
  const found = isEntry ? await read(ENTRY_ERRORS) : { all: (await read(["index.ts"])).errorCatalogue };
  const catalogue: Catalogue = Object.assign({}, ...Object.values(found));
  const texts = Object.entries(catalogue).map(([code, entry]) => [code, entry[language]]);
  return `export const errors = ${JSON.stringify(Object.fromEntries(texts))};\n`;
}

async function read(files: readonly string[]): Promise<Exports> {
  const modules = await Promise.all(files.map((file) => import(folder + file)));
  return Object.assign({}, ...modules);
}

function writeExport([name, value]: [string, unknown]): string {
  if (name === "errorCatalogue") return "";
  if (isRoute(value)) {
    return `export const ${name} = ${JSON.stringify({ method: value.method, path: value.path })};\n`;
  }
  return isConstant(value) ? `export const ${name} = ${JSON.stringify(value)};\n` : "";
}

function isRoute(value: unknown): value is { method: string; path: string } {
  return typeof value === "object" && value !== null && "method" in value && "path" in value;
}

/** Plain data: strings, numbers, arrays and records of them; a schema or a function is not. */
function isConstant(value: unknown): boolean {
  if (value === null || ["string", "number", "boolean"].includes(typeof value)) return true;
  if (Array.isArray(value)) return value.every(isConstant);
  const isRecord = typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype;
  return isRecord && Object.values(value as object).every(isConstant);
}
