import type { ITheme } from "@xterm/xterm";

/** The terminal's own colour sets, chosen apart from the page's theme. */
export type TerminalThemeName = "dark" | "light" | "contrast";

const DARK: ITheme = {
  background: "#16181a",
  foreground: "#e6e4df",
  cursor: "#5fd0c0",
  cursorAccent: "#16181a",
  selectionBackground: "#2f5f66",
  black: "#2b2e31",
  red: "#f07178",
  green: "#8fce6b",
  yellow: "#e5c06b",
  blue: "#79b0f2",
  magenta: "#d39be8",
  cyan: "#5fd0c0",
  white: "#d6d3cc",
  brightBlack: "#7d8287",
  brightRed: "#ff8f95",
  brightGreen: "#a9e487",
  brightYellow: "#f5d68a",
  brightBlue: "#9cc7ff",
  brightMagenta: "#e6b8f7",
  brightCyan: "#86e6d8",
  brightWhite: "#ffffff",
};

const LIGHT: ITheme = {
  background: "#fbfaf8",
  foreground: "#22262a",
  cursor: "#0b6b62",
  cursorAccent: "#fbfaf8",
  selectionBackground: "#b9dedb",
  black: "#22262a",
  red: "#b3261e",
  green: "#2c6e1f",
  yellow: "#7d5700",
  blue: "#1f56a8",
  magenta: "#7d3596",
  cyan: "#0b6b62",
  white: "#8c8a85",
  brightBlack: "#5d6166",
  brightRed: "#c9372c",
  brightGreen: "#37822a",
  brightYellow: "#8f6500",
  brightBlue: "#2b68c4",
  brightMagenta: "#9243ad",
  brightCyan: "#0e7f74",
  brightWhite: "#3b4046",
};

const CONTRAST: ITheme = {
  ...DARK,
  background: "#000000",
  foreground: "#ffffff",
  cursor: "#ffff00",
  selectionBackground: "#005fd7",
};

const THEMES: Readonly<Record<TerminalThemeName, ITheme>> = { dark: DARK, light: LIGHT, contrast: CONTRAST };

/** The colours of a set. */
export function terminalTheme(name: TerminalThemeName): ITheme {
  return THEMES[name];
}
