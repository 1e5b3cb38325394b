import { counted, formatDuration } from "../format.ts";
import type { rules as rulesSource } from "../fr/rules.ts";

const days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** Words of where, when and under which approval access is open, in English. */
export const rules: typeof rulesSource = {
  group: "Where, when, with whose agreement",
  networks: "Source addresses allowed",
  networksHint:
    "One address or network per line: 192.0.2.0/24, 2001:db8::/32. Empty: from anywhere. Every list that applies must hold the address.",
  networksOf: {
    person: "From where this person may sign in and open sessions.",
    group: "From where members of this group may sign in and open sessions.",
    target: "From where this target may be opened.",
    grant: "From where this grant may be used.",
  },
  networksChange: "Change the addresses",
  anywhere: "From anywhere.",
  hours: "Open at certain hours only",
  timeZone: "Time zone",
  timeZoneHint: "IANA name: 19:00 stays 19:00 in summer and winter.",
  weekdays: "Days",
  weekdayNames: days,
  weekdayShort: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
  from: "From",
  to: "To",
  slot: (index) => `Slot ${index}`,
  addSlot: "Add a slot",
  removeSlot: (index) => `Remove slot ${index}`,
  closedOnHolidays: "Closed on public holidays",
  approval: "An approved request is needed",
  quorum: "Approvals needed",
  approvers: "Groups that approve",
  approversHint: "Empty: every approver, and the administrators of the site.",
  approvalMinutes: "Longest time asked for (minutes)",
  emergency: "Allow emergency access (break glass)",
  emergencyHint: "Opens at once, with an alarm; a report is demanded afterwards.",
  emergencyMinutes: "Length of an emergency access (minutes)",
  sentences: {
    hours: (timeZone, slots) => `Open ${slots} (${timeZone}); the session ends with it.`,
    slot: (weekdays, from, to) =>
      `${weekdays.map((day) => days[day - 1] ?? "").join(", ")} from ${from} to ${to}`,
    holidays: "Closed on public holidays.",
    networks: (networks) => `Only from ${networks}.`,
    approval: (quorum, minutes) =>
      `A request approved by ${counted("en", quorum, { one: "# person", other: "# people" })}, for ${formatDuration("en", minutes * 60_000)} at most.`,
    emergency: (minutes) =>
      `Emergency access possible for ${formatDuration("en", minutes * 60_000)}, with an alarm and a report.`,
    total: (count) => `${counted("en", count, { one: "# session", other: "# sessions" })} in total at most.`,
  },
  endsAt: (date) => `A session opened then would end on ${date}.`,
  sourceAddress: "From the address",
  sourceAddressHint: "Empty: addresses are not examined.",
  holidaysTitle: "Public holidays",
  holidaysIntro: "Policies with hours may be closed on these days.",
  holidaysText: "List",
  holidaysHint: "One line per day: 2026-12-25 Noël. Paste a list here to import it.",
  holidaysAdd: (year) => `Add the French public holidays of ${year}`,
  holidaysWrong: (line) => `This line does not begin with a date: ${line}`,
  holidaysCount: (count) => counted("en", count, { one: "# day", other: "# days" }),
  saved: "Saved.",
};

/** Words of requests and approvals, in English. */
