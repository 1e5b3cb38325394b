import { readFileSync } from "node:fs";
import path from "node:path";
import { parse as parseToml } from "smol-toml";
import type { z } from "zod";
import { type Settings, settingsSchema } from "./settings.ts";

/** Where a value came from. */
export type Origin = "default" | "file" | "environment" | "option";

/** The settings with the origin of each value, by dotted name. */
export interface Configuration {
  readonly settings: Settings;
  readonly origins: ReadonlyMap<string, Origin>;
  /** The TOML file that was read, null when there is none. */
  readonly file: string | null;
}

/** What a person wrote wrong, in words for the terminal. */
export class ConfigurationError extends Error {}

type Tree = { [name: string]: unknown };

/**
 * Merges defaults, the TOML file, `POTERNE_*` and command-line options, in rising order.
 * `options` and the environment use dotted names (`store.engine`, POTERNE_STORE_ENGINE). Throws `ConfigurationError`.
 */
export function loadConfiguration(input: {
  readonly options: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly file: string | null;
}): Configuration {
  const origins = new Map<string, Origin>();
  const merged: Tree = {};
  const file = input.file ?? input.environment.POTERNE_CONFIG ?? null;
  if (file !== null) mergeTree(merged, readToml(file), "file", origins, "");
  for (const name of settingNames()) {
    const value = input.environment[environmentName(name)];
    if (value !== undefined) place(merged, name, value, "environment", origins);
  }
  for (const [name, value] of Object.entries(input.options)) place(merged, name, value, "option", origins);
  const result = settingsSchema.safeParse(merged);
  if (!result.success) throw new ConfigurationError(describe(result.error));
  return { settings: freeze(result.data), origins, file };
}

/** All setting names, dotted, in the schema's order. */
export function settingNames(): string[] {
  return flatten(settingsSchema.parse({}), "").map(([name]) => name);
}

/** `store.engine` → `POTERNE_STORE_ENGINE`, `publicUrl` → `POTERNE_PUBLIC_URL`. */
export function environmentName(name: string): string {
  return `POTERNE_${name
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .replaceAll(".", "_")
    .toUpperCase()}`;
}

/** One line per value with its origin, for `poterne config explain`; passwords in URLs are masked. */
export function explainConfiguration(
  configuration: Configuration,
): { name: string; value: string; origin: Origin }[] {
  return flatten(configuration.settings, "").map(([name, value]) => ({
    name,
    value: maskSecret(typeof value === "string" ? value : JSON.stringify(value)),
    origin: configuration.origins.get(name) ?? "default",
  }));
}

function maskSecret(value: string): string {
  return value.replace(/:\/\/([^:@/]*):[^@]*@/, "://$1:***@");
}

function readToml(file: string): Tree {
  try {
    return parseToml(readFileSync(path.resolve(file), "utf8")) as Tree;
  } catch (error) {
    throw new ConfigurationError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function mergeTree(
  target: Tree,
  source: Tree,
  origin: Origin,
  origins: Map<string, Origin>,
  prefix: string,
): void {
  for (const [name, value] of Object.entries(source)) {
    if (isTree(value)) mergeTree(target, value, origin, origins, `${prefix}${name}.`);
    else place(target, `${prefix}${name}`, value, origin, origins);
  }
}

function place(
  target: Tree,
  dotted: string,
  value: unknown,
  origin: Origin,
  origins: Map<string, Origin>,
): void {
  const parts = dotted.split(".");
  const last = parts.pop() ?? dotted;
  let node = target;
  for (const part of parts) {
    const next = node[part];
    if (isTree(next)) node = next;
    else {
      const made: Tree = {};
      node[part] = made;
      node = made;
    }
  }
  node[last] =
    typeof value === "string" && isListSetting(dotted) ? value.split(",").map((item) => item.trim()) : value;
  origins.set(dotted, origin);
}

function isListSetting(name: string): boolean {
  const entry = flatten(settingsSchema.parse({}), "").find(([candidate]) => candidate === name);
  return Array.isArray(entry?.[1]);
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function flatten(tree: object, prefix: string): [name: string, value: unknown][] {
  return Object.entries(tree).flatMap(([name, value]): [string, unknown][] =>
    isTree(value) ? flatten(value, `${prefix}${name}.`) : [[`${prefix}${name}`, value]],
  );
}

function describe(error: z.ZodError): string {
  return error.issues
    .map((issue) => `${issue.path.join(".") || "configuration"}: ${issue.message}`)
    .join("\n");
}

function freeze<T>(value: T): T {
  if (isTree(value)) for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}
