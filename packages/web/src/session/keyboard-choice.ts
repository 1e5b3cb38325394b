/** How keys are passed on: what they write, or where they stand. */
export type KeyboardMode = "characters" | "positions";

const STORAGE_KEY = "poterne-keyboard";

let profile: KeyboardMode = "characters";
let listener: (mode: KeyboardMode) => void = () => {};

/** The mode in force: what was chosen in this browser, else the profile's. */
export function keyboardModeInForce(): KeyboardMode {
  const chosen = localStorage.getItem(STORAGE_KEY);
  return chosen === "characters" || chosen === "positions" ? chosen : profile;
}

/** Takes the mode of the signed-in person's profile. */
export function followProfileKeyboard(mode: KeyboardMode): void {
  profile = mode;
  listener(keyboardModeInForce());
}

/** Keeps a choice for this browser, or with null forgets it: then the profile's counts again. */
export function chooseKeyboard(mode: KeyboardMode | null): void {
  if (mode === null) localStorage.removeItem(STORAGE_KEY);
  else localStorage.setItem(STORAGE_KEY, mode);
  listener(keyboardModeInForce());
}

/** Tells the one listener, the sessions' preferences, when the mode changes. */
export function onKeyboardMode(tell: (mode: KeyboardMode) => void): void {
  listener = tell;
}
