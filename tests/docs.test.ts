import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { parse as parseToml } from "smol-toml";
import { settingNames } from "../packages/gateway/src/config/load.ts";
import { settingsSchema } from "../packages/gateway/src/config/settings.ts";
import { GUIDE_WITH_TABLE, withErrorTable } from "../tools/error-table.ts";

const root = path.resolve(import.meta.dirname, "..");
const read = (file: string) => readFileSync(path.join(root, file), "utf8");
/** The same page in both languages; other pages of a guide are refused by a test below. */
const TWINS = [
  ["docs/guide/fr/administrateur.md", "docs/guide/en/administrator.md"],
  ["docs/guide/fr/installation.md", "docs/guide/en/install.md"],
  ["docs/guide/fr/utilisateur.md", "docs/guide/en/user.md"],
] as const;
const PICTURE_MAX_BYTES = 120_000;

/** Code is no text: neither its links nor its comments count. */
function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
}

/** Level and words of each heading, in order. */
function headings(file: string): { level: number; words: string }[] {
  return [
    ...read(file)
      .replace(/^```[\s\S]*?^```/gm, "")
      .matchAll(/^(#{1,6}) (.+)$/gm),
  ].map(([, marks = "", words = ""]) => ({ level: marks.length, words }));
}

/** The places of a page that a link may name: its headings as GitHub writes them, and its own anchors. */
function anchors(file: string): Set<string> {
  const own = [...read(file).matchAll(/<a id="([^"]+)"/g)].map(([, id = ""]) => id);
  const made = headings(file).map(({ words }) =>
    words
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
  return new Set([...own, ...made]);
}

test("every relative link of the pages leads somewhere", () => {
  const broken: string[] = [];
  for (const file of globSync(["*.md", "docs/**/*.md"], { cwd: root })) {
    for (const [, link = ""] of withoutCode(read(file)).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue;
      const [place = "", anchor] = link.split("#");
      const to = place === "" ? file : path.join(path.dirname(file), place);
      const isThere = existsSync(path.join(root, to));
      const isNamed = anchor === undefined || (isThere && anchors(to).has(anchor));
      if (!isThere || !isNamed) broken.push(`${file}: ${link}`);
    }
  }
  assert.deepEqual(broken, []);
});

for (const [french, english] of TWINS) {
  test(`${path.basename(french)} and ${path.basename(english)} have the same sections`, () => {
    const levels = (file: string) => headings(file).map(({ level }) => level);
    assert.ok(levels(french).length > 1);
    assert.deepEqual(levels(english), levels(french));
  });
}

test("every page of the guides has its twin", () => {
  const pages = globSync("docs/guide/**/*.md", { cwd: root }).map((file) => file.replaceAll(path.sep, "/"));
  assert.deepEqual(pages.sort(), TWINS.flat().sort());
});

for (const language of ["fr", "en"] as const) {
  test(`the error table of the ${language} guide is the catalogue's`, () => {
    const text = read(GUIDE_WITH_TABLE[language]);
    assert.ok(
      text === withErrorTable(text, language),
      "run: node tools/run.mjs tools/error-table.ts --write",
    );
  });
}

test("the example configuration has every setting, with its default", () => {
  const text = read("packaging/poterne.toml");
  // The example shows every setting behind a `#`; without it, it must be what the schema gives by itself.
  const uncommented = text.replace(/^#(?=\S)/gm, "");
  const settings = parseToml(uncommented);
  const names = settingNames().filter((name) => settingAt(settings, name) === undefined);
  assert.deepEqual(names, []);
  assert.deepEqual(settingsSchema.parse(settings), settingsSchema.parse({}));
});

function settingAt(tree: unknown, dotted: string): unknown {
  return dotted
    .split(".")
    .reduce<unknown>(
      (node, part) =>
        typeof node === "object" && node !== null ? (node as Record<string, unknown>)[part] : undefined,
      tree,
    );
}

test("pictures are small enough for a thin link", () => {
  const pictures = globSync("docs/images/*", { cwd: root });
  assert.ok(pictures.length > 0);
  for (const file of pictures)
    assert.ok(readFileSync(path.join(root, file)).length <= PICTURE_MAX_BYTES, file);
});
