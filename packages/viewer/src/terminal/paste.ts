/** The longest text one paste may bring into a terminal. */
export const MAX_PASTE_LENGTH = 1024 * 1024;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/** What to do with a text that a person pastes. */
export type PasteDecision =
  | { readonly action: "send"; readonly text: string }
  /** Several lines: a shell runs all but the last at once, so the person is asked first. */
  | { readonly action: "ask"; readonly text: string; readonly lineCount: number }
  | { readonly action: "refuse"; readonly reason: "policy" | "size" | "empty" };

/**
 * Decides on a paste. Control characters are removed, Escape above all: with it a text could leave bracketed paste and
 * run as if typed. Tabs and line ends stay.
 */
export function decidePaste(
  text: string,
  rules: { readonly isAllowed: boolean; readonly isWarningOff: boolean },
): PasteDecision {
  if (!rules.isAllowed) return { action: "refuse", reason: "policy" };
  if (text.length > MAX_PASTE_LENGTH) return { action: "refuse", reason: "size" };
  const clean = text.replace(/\r\n?/g, "\n").replace(FORBIDDEN, "");
  if (clean === "") return { action: "refuse", reason: "empty" };
  const isRunning = clean.includes("\n");
  if (isRunning && !rules.isWarningOff)
    return { action: "ask", text: clean, lineCount: clean.replace(/\n$/, "").split("\n").length };
  return { action: "send", text: clean };
}
