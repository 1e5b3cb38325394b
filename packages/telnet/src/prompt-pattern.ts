/** How much of the last line a prompt is looked for in. */
export const MATCHED_CHARACTERS = 160;
/** Repetitions a pattern may have in all, and of them without an upper bound (`*`, `+`, `{n,}`). */
const MAX_REPETITIONS = 6;
const MAX_UNBOUNDED_REPETITIONS = 2;
/** The highest count of `{n,m}`. */
const MAX_REPETITION_COUNT = 16;
const MAX_PATTERN_LENGTH = 200;

/**
 * Makes a regular expression of an administrator's prompt pattern, null when it is not valid or might cost too much:
 * no repetition inside a repetition, no back reference, no look-around, few repetitions. With `MATCHED_CHARACTERS` of
 * text at most, matching then takes milliseconds in the worst case.
 */
export function parsePromptPattern(source: string): RegExp | null {
  if (source.length === 0 || source.length > MAX_PATTERN_LENGTH || !isCheap(source)) return null;
  try {
    return new RegExp(source, "u");
  } catch {
    return null;
  }
}

function isCheap(source: string): boolean {
  if (/\\[1-9k]/.test(source.replaceAll("\\\\", ""))) return false;
  // Escapes and character classes stand for one character each; what is left is structure.
  const structure = source
    .replace(/\\u\{[0-9a-fA-F]+\}|\\[pP]\{[^}]*\}/g, "x")
    .replace(/\\[\s\S]/g, "x")
    .replace(/\[[^\]]*\]/g, "x")
    .replaceAll("(?:", "(");
  if (structure.includes("(?")) return false;
  const repetitions = structure.match(/[*+?]|\{[^}]*\}/g) ?? [];
  const unbounded = structure.match(/[*+]|\{\d*,\}/g) ?? [];
  if (repetitions.length > MAX_REPETITIONS || unbounded.length > MAX_UNBOUNDED_REPETITIONS) return false;
  const counts = [...structure.matchAll(/\{(\d*),?(\d*)\}/g)].flatMap(([, from, to]) => [
    Number(from),
    Number(to),
  ]);
  return counts.every((count) => count <= MAX_REPETITION_COUNT) && !hasNestedRepetition(structure);
}

/** Whether a group that is repeated holds a repetition or a choice: both may match one text in very many ways. */
function hasNestedRepetition(structure: string): boolean {
  let text = structure;
  for (let group = innermost(text); group !== null; group = innermost(text)) {
    const [whole, inner = "", repetition = ""] = group;
    const isManifold = /[*+?{|]/.test(inner);
    if (isManifold && repetition !== "") return true;
    text = text.replace(whole, isManifold ? "x|x?" : `x${repetition}`);
  }
  return false;
}

function innermost(text: string): RegExpExecArray | null {
  return /\(([^()]*)\)([*+?{]?)/.exec(text);
}
