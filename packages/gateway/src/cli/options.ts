import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Configuration, ConfigurationError, loadConfiguration } from "../config/load.ts";
import { chooseLanguage, type Language } from "./language.ts";

/** A command line that was read: the settings in force, what else was asked, what was left over. */
export interface CommandLine {
  readonly configuration: Configuration;
  readonly isDemo: boolean;
  /** Of what is printed: `--lang`, else the terminal's. */
  readonly language: Language;
  readonly flags: Readonly<Record<string, string | boolean>>;
  readonly words: readonly string[];
}

/** The file read when none is named. */
const DEFAULT_FILE = "poterne.toml";

const settingOptions = {
  port: { type: "string" },
  host: { type: "string" },
  "public-url": { type: "string" },
  data: { type: "string" },
  "log-level": { type: "string" },
} as const;

const settingNames: Readonly<Record<keyof typeof settingOptions, string>> = {
  port: "port",
  host: "host",
  "public-url": "publicUrl",
  data: "data",
  "log-level": "logLevel",
};

/**
 * Reads a command's arguments: the common setting options, `--config FILE`, `--set NAME=VALUE`, `--lang fr|en`, the command's
 * own flags.
 * Throws `ConfigurationError` with words for the terminal.
 */
export function readCommandLine(
  words: readonly string[],
  own: Readonly<Record<string, { type: "string" | "boolean"; short?: string }>> = {},
): CommandLine {
  const parsed = parseOrExplain(words, own);
  const values = parsed.values as Record<string, string | boolean | string[] | undefined>;
  const options: Record<string, string> = {};
  for (const [option, name] of Object.entries(settingNames)) {
    const value = values[option];
    if (typeof value === "string") options[name] = value;
  }
  for (const pair of (values.set as string[] | undefined) ?? []) {
    const [name, ...rest] = pair.split("=");
    if (name === undefined || rest.length === 0)
      throw new ConfigurationError(
        chooseLanguage(values.lang as string | undefined) === "fr"
          ? `--set ${pair} : la forme est NOM=VALEUR`
          : `--set ${pair}: expected NAME=VALUE`,
      );
    options[name] = rest.join("=");
  }
  const named = typeof values.config === "string" ? values.config : null;
  const file = named ?? (existsSync(DEFAULT_FILE) ? DEFAULT_FILE : null);
  const configuration = loadConfiguration({ options, environment: process.env, file });
  const flags = Object.fromEntries(
    Object.keys(own).flatMap((name) =>
      values[name] === undefined ? [] : [[name, values[name] as string | boolean]],
    ),
  );
  const language = chooseLanguage(values.lang as string | undefined);
  return { configuration, isDemo: values.demo === true, language, flags, words: parsed.positionals };
}

function parseOrExplain(
  words: readonly string[],
  own: Readonly<Record<string, { type: "string" | "boolean"; short?: string }>>,
) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        ...settingOptions,
        config: { type: "string" },
        set: { type: "string", multiple: true },
        demo: { type: "boolean" },
        lang: { type: "string" },
        ...own,
      },
    });
  } catch (error) {
    throw new ConfigurationError(error instanceof Error ? error.message : String(error));
  }
}
