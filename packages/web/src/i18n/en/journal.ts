import { counted } from "../format.ts";
import type { journal as source } from "../fr/journal.ts";

/** Words of the journal, in English. */
export const journal: typeof source = {
  title: "Journal",
  intro: "Everything that matters, in a signed chain. Your own readings stand in it too.",
  searchLabel: "Words of the entry (3 letters at least)",
  kind: "Kind",
  kindHint: "session.opened, or session. for all",
  level: "Gravity",
  levels: { info: "fact", notice: "notice", alarm: "alarm" },
  at: "Date",
  actor: "Who",
  system: "The system",
  what: "What",
  address: "Address",
  details: "Details",
  show: "Show the detail",
  hide: "Hide the detail",
  before: "Before",
  after: "After",
  value: "Value",
  chain: "Place in the chain",
  chainText: (sequence: number, epoch: number) => `entry ${sequence}, epoch ${epoch}`,
  sameSession: "Everything about this session",
  samePerson: "Everything about this person",
  sameMachine: "Everything about this machine",
  exportCsv: "Export as CSV",
  exportJson: "Export as JSON",
  state: "State of the chain",
  available: "The journal's keeper answers",
  unavailable: "The journal's keeper does not answer: nothing new opens",
  signedUpTo: (sequence: number, date: string) => `Signed up to entry ${sequence}, on ${date}.`,
  unsigned: "No signed point yet.",
  copied: (sequence: number, behind: number) =>
    behind === 0
      ? `Searchable copy up to date (entry ${sequence}).`
      : `Searchable copy behind by ${counted("en", behind, { one: "# entry", other: "# entries" })}.`,
  kept: (months: number, segments: number, size: string) =>
    `Kept ${months} months; ${counted("en", segments, { one: "# segment", other: "# segments" })}, ${size}.`,
  syslogOn: (address: string) => `Collector ${address} connected.`,
  syslogOff: (address: string) =>
    `Collector ${address} out of reach; nothing is lost, all will be sent again.`,
  syslogNone: "No syslog collector is configured.",
  alarms: (count: number) => counted("en", count, { one: "# unread alarm", other: "# unread alarms" }),
  alarmsRead: "Mark as read",
  atLeast: "There are more: narrow the filters for an exact count.",
  emptyTitle: "No entry",
  emptyText: "No entry matches these filters.",
};
