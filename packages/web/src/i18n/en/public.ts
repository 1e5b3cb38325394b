import type { publicPages as source } from "../fr/public.ts";

/** Words of the public pages, in English. */
export const publicPages: typeof source = {
  aboutTitle: "About Poterne",
  aboutText:
    "A self-hosted gateway for every remote access of an organisation. The browser is enough, nothing calls home, everything is traced.",
  version: "Version",
  licence: "Licence",
  licenceText:
    "Free software under the Apache 2.0 licence. Fonts Inter and JetBrains Mono, under the SIL Open Font License 1.1. The libraries and their licences are listed in the source code's package-lock.json.",
  apiText: "Everything these pages do, the API does too: its OpenAPI description is at",
  demo: "This is a demonstration: do not expose it to a network.",
  accessibilityTitle: "Accessibility statement",
  accessibilityStatus: "Conformance status",
  accessibilityStatusText:
    "These pages aim at RGAA 4 and WCAG 2.2, level AA. No outside body has audited them yet, so conformance is not declared. Every page is checked with axe in the project's tests, without a single finding; an automatic tool sees only part of the criteria.",
  accessibilityDone: "What is done",
  accessibilityDoneList: [
    "Everything around the remote picture works by keyboard alone, with a focus always visible and a skip link.",
    "No state is carried by colour alone: a shape and a word go with it.",
    "Contrasts meet level AA in light and dark; animations follow the system's setting.",
    "Error messages and changes of state are announced to screen readers.",
    "Pages rearrange down to 320 pixels wide and a zoom of 400 %.",
  ],
  accessibilityLimits: "Known limits",
  accessibilityLimitsList: [
    "The picture of a remote desktop is a picture: its content is not accessible to a local screen reader. Use the remote machine's own.",
    "The remote terminal is drawn on a graphic surface; a screen reader mode has not yet been checked with NVDA or Orca.",
    "In a full-screen session with locked keyboard, holding Esc is the way out; the page says so.",
  ],
  accessibilityContact:
    "Met an obstacle? Write to the administrator of this gateway and name the page's address. In France, without a satisfactory answer, you may turn to the Défenseur des droits.",
};
