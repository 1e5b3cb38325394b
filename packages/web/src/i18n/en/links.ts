import type { AdminWords } from "../fr-admin.ts";

/** Linked identities. */
export const linked: AdminWords["linked"] = {
  title: "Other identities of the same human being",
  text: "Ordinary and administrator accounts of one human being. The link gives no right of the one to the other; it keeps the one from approving, guarding or voting for the other, and tells here when one of them goes.",
  none: "None.",
  add: "Link an identity",
  addAction: "Link",
  other: "The other identity",
  otherText:
    "Each identity keeps its roles, groups and rights. Only another administrator can undo the link.",
  roles: "Roles",
  state: "State",
  since: "Linked",
  by: (name) => `by ${name}`,
  remove: "Undo the link",
  removeText: "The two identities will be able to approve for one another again.",
  erased: "Erased identity",
  goneTitle: "A linked identity is not active any more",
  gone: (names) => `${names}: check whether this one should go as well.`,
  stays: (names) =>
    `A linked identity would stay active: ${names}. Deal with it too if the person is leaving.`,
};

/** Shared accounts with a named check-out. */
export const checkouts: AdminWords["checkouts"] = {
  title: "Named check-out",
  text: "A shared account is checked out: one person at a time, for a bounded time and a reason that is kept. No session opens without a check-out, and they end with it. The password is never shown: revealing it is not part of this version.",
  notShared: "This account is not shared: it is used without a check-out.",
  atMost: (minutes) => `Checked out for ${minutes} minutes at most.`,
  changes: "The password is to be changed after each return.",
  changeDue: "To be changed: this account was given back since its secret was last changed.",
  setRule: "Set the check-out",
  isShared: "Shared account, checked out by one person at a time",
  maxMinutes: "Longest time, in minutes",
  changesAfterReturn: "Mark the password as “to be changed” after each return",
  who: "Who",
  reason: "Reason",
  from: "From",
  to: "Until",
  end: "End",
  lasts: "under way",
  ends: { returned: "returned", expired: "time over", forced: "taken back" },
  none: "Nobody has checked it out yet.",
  takeBack: "Take back",
  takeBackText: "Sessions open with this account end at once.",
};

/** The report of rights that nobody uses. */
export const unused: AdminWords["unused"] = {
  title: "Unused rights",
  intro:
    "What was there all the time chosen and what nobody used, by sessions and sign-ins. Taking a useless right away is the surest way to reduce what a stolen account can open.",
  since: "Nothing since",
  knownSince: "The oldest known session is of",
  unknownBefore: "What was used before it and not since shows as never used.",
  noSession: "No session is known: everything old enough shows.",
  days: "Unused for",
  daysCount: (count) => `${count} days`,
  kind: "Kind",
  kinds: {
    grant: "Grant",
    membership: "Place in a group",
    account: "Account on targets",
    person: "Person",
  },
  search: "Name",
  name: "To whom or what",
  detail: "Detail",
  last: "Last used",
  created: "There since",
  choose: (name) => `Choose ${name}`,
  chooseAll: "Choose all",
  empty: "Nothing unused for that time.",
  cut: "Only the first 2,000 lines are shown: narrow the search.",
  csv: "Export as CSV",
  print: "Print",
  chosen: (count) => `${count} chosen`,
  revoke: "Take away",
  revokeTitle: (count) => `Take ${count} rights away?`,
  revokeText:
    "Grants are deleted, places in groups taken away, accounts and people disabled. Open sessions end. You can undo it at once.",
  endAt: "Ends on",
  setEnd: "Set the end",
  endHint: "For the grants chosen.",
  done: (count) => `${count} rights taken away`,
  partly: (done, count) => `${done} of ${count} rights taken away, then an error: see the message.`,
  membershipNote: "A place in a group is judged since its person was created: its own date is not kept.",
};

/** What lists of addresses do together, and a grant's own. */
export const sourceNotes: AdminWords["sourceNotes"] = {
  together:
    "Every list that applies must hold the address: the person's, each of their groups', the target's, the grant's and the policy's. Somebody in two groups with disjoint lists is therefore let in from nowhere; the simulator says which one refuses.",
  ofGrant: "Addresses",
  ofGrantName: (name) => `Addresses of the grant of ${name}`,
};

/** What the simulator says of shared accounts. */
export const simulated: AdminWords["simulated"] = {
  stopped: "A grant allows it, but the session would not open",
  obstacles: "What still stands before the session",
  free: (name) => `${name} is shared: the session opens once the account is checked out (it is free).`,
  mine: (name) => `${name} is shared, and this person has it until`,
  held: (name, holder) =>
    `${name} is shared, and ${holder} has checked it out: no session before it is returned, at the latest on`,
};
