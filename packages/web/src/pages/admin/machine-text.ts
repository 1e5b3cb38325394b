/** The non-empty lines of a text, trimmed. */
export function readLines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** Facts typed as `name: value` lines; a line without a colon is a name with an empty value. */
export function readFacts(text: string): Record<string, string> {
  const facts: [string, string][] = readLines(text).map((line) => {
    const colon = line.indexOf(":");
    return colon < 0 ? [line, ""] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  return Object.fromEntries(facts.filter(([name]) => name !== ""));
}

/** Facts as `name: value` lines. */
export function writeFacts(facts: Readonly<Record<string, string>>): string {
  return Object.entries(facts)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
}
