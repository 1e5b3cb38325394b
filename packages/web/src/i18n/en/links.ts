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
