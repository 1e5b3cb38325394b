import { explainConfiguration } from "../config/load.ts";
import type { Command } from "./command.ts";
import { readCommandLine } from "./options.ts";

const ORIGINS = {
  fr: { default: "défaut", file: "fichier", environment: "environnement", option: "option" },
  en: { default: "default", file: "file", environment: "environment", option: "option" },
} as const;

/** `poterne config explain`: every setting, its value, where it came from. */
export const configCommand: Command = {
  name: "config",
  usage: "explain",
  summary: {
    fr: "montrer chaque réglage, sa valeur et d'où elle vient",
    en: "print every setting, its value and where it came from",
  },
  async run(words) {
    const line = readCommandLine(words);
    if (line.words[0] !== "explain") {
      console.error(
        line.language === "fr" ? "usage : poterne config explain" : "usage: poterne config explain",
      );
      return 2;
    }
    const rows = explainConfiguration(line.configuration);
    const width = Math.max(...rows.map(({ name }) => name.length));
    for (const { name, value, origin } of rows)
      console.log(`${name.padEnd(width)}  ${value}  (${ORIGINS[line.language][origin]})`);
    const { file } = line.configuration;
    if (file !== null) console.log(line.language === "fr" ? `fichier : ${file}` : `file: ${file}`);
    return 0;
  },
};
