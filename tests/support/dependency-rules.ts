import { globSync, readFileSync } from "node:fs";
import path from "node:path";

/** What each package may import besides itself: workspace packages by name, `node`, or named libraries (engineering §1.3). */
export const dependencyRules: Readonly<Record<string, readonly string[]>> = {
  bytes: [],
  wire: ["@poterne/bytes"],
  picture: ["@poterne/bytes"],
  rfb: ["@poterne/bytes", "@poterne/picture"],
  rdp: ["@poterne/bytes", "@poterne/picture"],
  telnet: ["@poterne/bytes"],
  recording: ["@poterne/bytes", "@poterne/wire"],
  kerberos: ["@poterne/bytes"],
  contract: ["zod"],
  viewer: ["@poterne/bytes", "@poterne/wire", "@poterne/picture", "@poterne/recording", "@xterm/*"],
  gateway: [
    "node",
    "@poterne/bytes",
    "@poterne/wire",
    "@poterne/picture",
    "@poterne/rfb",
    "@poterne/rdp",
    "@poterne/telnet",
    "@poterne/recording",
    "@poterne/kerberos",
    "@poterne/contract",
    "*library",
  ],
  web: [
    "@poterne/bytes",
    "@poterne/wire",
    "@poterne/recording",
    "@poterne/viewer",
    "@poterne/contract",
    "*library",
  ],
};

/** One import that the rules refuse. */
export interface Violation {
  readonly file: string;
  readonly specifier: string;
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s+(?:type\s+)?(?:[\w$*{}\s,]+?\s+from\s+)?["']([^"'\n]+)["']|\bimport\(\s*["']([^"'\n]+)["']/g;

/** Finds every import in `packages/NAME/src` that the table does not allow; tests may use Node. */
export function findViolations(packagesDir: string): Violation[] {
  const violations: Violation[] = [];
  for (const [name, allowed] of Object.entries(dependencyRules)) {
    for (const file of globSync(`${name}/src/**/*.{ts,tsx}`, { cwd: packagesDir })) {
      const isTest = file.endsWith(".test.ts") || file.includes(`${path.sep}testing${path.sep}`);
      if (isTest) continue;
      for (const specifier of importsOf(readFileSync(path.join(packagesDir, file), "utf8"))) {
        if (!isAllowed(specifier, `@poterne/${name}`, allowed)) violations.push({ file, specifier });
      }
    }
  }
  return violations;
}

function importsOf(source: string): string[] {
  return [...source.matchAll(importPattern)].map((match) => match[1] ?? match[2] ?? "");
}

function isAllowed(specifier: string, own: string, allowed: readonly string[]): boolean {
  if (specifier.startsWith("."))
    return !specifier.includes("/packages/") && !specifier.includes("node_modules");
  if (specifier.startsWith("node:")) return allowed.includes("node");
  if (specifier.startsWith("@poterne/")) {
    const name = specifier.split("/", 2).join("/");
    return allowed.includes(name) && name !== own;
  }
  return allowed.some(
    (rule) =>
      rule === "*library" ||
      rule === specifier ||
      (rule.endsWith("/*") && specifier.startsWith(rule.slice(0, -1))),
  );
}
