/** Longest folded text kept: what is longer is searched by its beginning. */
const MAX_SEARCH_TEXT = 2000;

/** Longest folded name, for ordering and uniqueness. */
const MAX_FOLDED_NAME = 150;

/** Text without case and accents, so that all engines find and order alike: `Évreux` and `evreux` are one. */
export function foldText(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}+/gu, "")
    .normalize("NFC")
    .toLowerCase()
    .replace(/\s+/g, " ")
    .trim();
}

/** The folded name, by which lists are ordered and twins are found. */
export function foldName(name: string): string {
  return foldText(name).slice(0, MAX_FOLDED_NAME);
}

/** The searchable text of an object, from its parts. */
export function searchText(parts: readonly string[]): string {
  return foldText(parts.join(" ")).slice(0, MAX_SEARCH_TEXT);
}
