import { counted, formatDuration } from "../format.ts";
import type { machines as source } from "../fr/machines.ts";

/** Words of My machines and of opening a session, in English. */
export const machines: typeof source = {
  title: "My machines",
  intro: "What you can open now. One click opens the session.",
  searchLabel: "Name, site or address",
  site: "Site",
  siteWithCount: (name: string, count: number) => `${name} (${count})`,
  protocol: "Protocol",
  view: "Show",
  viewAll: "All",
  viewFavourites: "Favourites",
  viewRecent: "Recent",
  layout: "Layout",
  asCards: "Cards",
  asList: "List",
  emptyTitle: "No machine is granted to you",
  emptyText:
    "Ask your administrator for a grant, saying which machine and why. If you were given a link to a machine, open it: the page will say what is missing.",
  emptyFilteredTitle: "No machine matches",
  emptyFilteredText: "Change or clear the filters.",
  emptyFavouritesText: "Star a machine to find it here.",
  connect: "Open",
  connectTo: (name: string) => `Open ${name}`,
  details: "Details",
  account: "Account",
  accountOf: (name: string) => `Account for ${name}`,
  accountAsk: (name: string) => `${name} (password asked)`,
  favouriteAdd: (name: string) => `Add ${name} to favourites`,
  favouriteRemove: (name: string) => `Remove ${name} from favourites`,
  recorded: "● REC",
  recordedLong: (policy: string) => `Recorded: the policy “${policy}” demands it.`,
  recordedShould: (policy: string) => `Recorded if possible, by the policy “${policy}”.`,
  notRecorded: "Not recorded.",
  inputRecorded: "What you type is recorded too, except at no-echo prompts.",
  needsReason: "reason",
  needsTicket: "ticket",
  guardian: "four eyes",
  guardianLong: "The session waits until a guardian follows it, and pauses when the guardian leaves.",
  readOnly: "read only",
  readOnlyLong: "Read only: neither keyboard nor mouse is passed on.",
  maxLength: (minutes: number) => `Limited to ${formatDuration("en", minutes * 60_000)}.`,
  clipboard: (isIn: boolean, isOut: boolean): string =>
    isIn && isOut
      ? "Clipboard: both ways."
      : isIn
        ? "Clipboard: to the target only."
        : isOut
          ? "Clipboard: from the target only."
          : "Clipboard: closed.",
  files: (isIn: boolean, isOut: boolean): string =>
    isIn && isOut
      ? "Files: sending and receiving."
      : isIn
        ? "Files: sending only."
        : isOut
          ? "Files: receiving only."
          : "Files: no exchange.",
  validUntil: (date: string) => `Your grant ends on ${date}.`,
  reason: "Reason",
  reasonHint: "It stands in the journal and with the recording.",
  ticket: "Ticket number",
  openTitle: (machine: string) => `Open ${machine}`,
  openRules: "What applies to this session",
  whyTitle: "Why can't I open it?",
  whyText: "You cannot open this target at the moment. Here is why:",
  whyAsk: "Send this address to your administrator to ask for access:",
  lastOpened: (ago: string) => `opened ${ago}`,
  targetCount: (count: number) => counted("en", count, { one: "# way in", other: "# ways in" }),
  toMachines: "All my machines",
  machine: "Machine",
  target: "Way in",
  rules: "Rules",
};
