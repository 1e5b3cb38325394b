import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

/** Stone greys: warm, neutral, light to dark. */
const stone: MantineColorsTuple = [
  "#faf9f7",
  "#f4f2ef",
  "#e9e6e1",
  "#d8d4cd",
  "#b8b2a9",
  "#8c867d",
  "#6b665f",
  "#4f4b46",
  "#37342f",
  "#211f1c",
];

/** The accent: a deep teal. */
const teal: MantineColorsTuple = [
  "#e6f4f3",
  "#cfe7e5",
  "#a3d3cf",
  "#71bbb6",
  "#47a49e",
  "#248b85",
  "#117672",
  "#0b6663",
  "#08524f",
  "#053d3b",
];

/** What destroys or failed: a red that white words stand on. */
const red: MantineColorsTuple = [
  "#fbeceb",
  "#f5d3d0",
  "#eba9a3",
  "#ff9c90",
  "#d9534a",
  "#c73c32",
  "#b93028",
  "#a92a22",
  "#8a201a",
  "#6b1612",
];

/** Dark surfaces, from the text's colour down to the page's. */
const night: MantineColorsTuple = [
  "#e6e3de",
  "#c9c5be",
  "#a8a39b",
  "#857f77",
  "#5b5751",
  "#45423d",
  "#33302c",
  "#262421",
  "#1c1a18",
  "#141311",
];

/** Design tokens of the product on Mantine's theme. */
export const theme = createTheme({
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  primaryColor: "teal",
  primaryShade: { light: 7, dark: 6 },
  colors: { gray: stone, dark: night, teal, red },
  black: "#211f1c",
  defaultRadius: "sm",
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  headings: { fontWeight: "600" },
  components: {
    Anchor: { defaultProps: { underline: "not-hover" } },
    // A dialogue's head is a <header>, which would count as a second banner of the page.
    Modal: { defaultProps: { attributes: { header: { role: "presentation" } } } },
  },
});

/** Variables of our own: state colours, and contrast fixes where Mantine's default misses WCAG AA. */
export const resolveVariables: CSSVariablesResolver = () => ({
  variables: {
    "--state-up": "#009e73",
    "--state-down": "#d55e00",
    "--state-degraded": "#e69f00",
    "--state-unknown": "#8c867d",
    "--poterne-recording": "#c0392b",
  },
  light: {
    "--mantine-color-body": "#ffffff",
    "--poterne-ground": "#faf9f7",
    "--mantine-color-dimmed": "#615c55",
    "--mantine-color-placeholder": "#6f6a62",
    "--mantine-color-error": "#b3261e",
    "--mantine-color-anchor": "#0b6663",
    "--poterne-recording": "#b3261e",
  },
  dark: {
    "--mantine-color-body": "#1c1a18",
    "--poterne-ground": "#141311",
    "--mantine-color-dimmed": "#a8a39b",
    "--mantine-color-placeholder": "#a09a92",
    "--mantine-color-error": "#ff9c90",
    "--mantine-color-anchor": "#71bbb6",
    "--poterne-recording": "#ff9c90",
  },
});
