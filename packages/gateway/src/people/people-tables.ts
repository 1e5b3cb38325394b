import type { Role } from "@poterne/contract";

/** A person. */
export interface PersonRow {
  id: string;
  login: string;
  /** The login in lower case and NFKC: what is unique and searched. */
  login_key: string;
  name: string;
  /** The name folded (lower case, no accents), for the order of lists. */
  name_key: string;
  /** Name, login and mail folded, for searching. */
  search_text: string;
  email: string;
  language: "fr" | "en";
  theme: "auto" | "light" | "dark";
  keyboard_mode: "positions" | "characters";
  /** The site that administers the person, null for the whole organisation. */
  site_id: string | null;
  is_disabled: number;
  /** 1 after a reset of devices: enrolling the next one needs the help desk's link. */
  needs_link: number;
  /** PHC string of argon2id, null before the first password. */
  password_hash: string | null;
  password_at_ms: number | null;
  charter_version: number | null;
  created_at_ms: number;
  last_sign_in_at_ms: number | null;
  erased_at_ms: number | null;
}

/** A role of a person. An administrator of subtrees has one row per root; otherwise `site_id` is empty: everywhere. */
export interface PersonRoleRow {
  person_id: string;
  role: Role;
  site_id: string;
}

/** An earlier password, so that it is not chosen again. */
export interface PersonPasswordRow {
  id: string;
  person_id: string;
  hash: string;
  set_at_ms: number;
}

/** A group of people. */
export interface PersonGroupRow {
  id: string;
  name: string;
  /** The name in lower case: unique. */
  name_key: string;
  description: string;
  /** The site that administers the group, null for the whole organisation. */
  site_id: string | null;
  created_at_ms: number;
}

/** A member of a group: a person or another group. */
export interface GroupMemberRow {
  group_id: string;
  member_kind: "person" | "group";
  member_id: string;
}

/** A version of the charter. */
export interface CharterRow {
  version: number;
  text_fr: string;
  text_en: string;
  created_at_ms: number;
  created_by_name: string;
}

/** Who accepted which version of the charter, and when. */
export interface CharterAcceptanceRow {
  person_id: string;
  version: number;
  accepted_at_ms: number;
}
