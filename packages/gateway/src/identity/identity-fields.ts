import type { Identity } from "./identity-provider.ts";

const LOGIN = /^[\p{L}\p{N}._@-]{1,128}$/u;
const EMAIL = /^[^\s@\p{Cc}]{1,64}@[^\s@\p{Cc}]{1,189}$/u;
const CONTROL = /\p{Cc}+/gu;
const MAX_SUBJECT_LENGTH = 190;
const MAX_NAME_LENGTH = 200;

/** A provider's own words for a person, not trusted. */
export interface RawIdentity extends Pick<Identity, "groups" | "account"> {
  readonly subject: string;
  readonly login: string;
  readonly name: string;
  readonly email: string;
}

/**
 * Bounds what a provider says to what a person here may be. A name or mail that does not fit falls back (login, none);
 * without a subject or a login that fits there is nobody: null.
 */
export function toIdentity(raw: RawIdentity): Identity | null {
  const login = raw.login.trim().normalize("NFC");
  const { subject } = raw;
  if (subject === "" || subject.length > MAX_SUBJECT_LENGTH || /\p{Cc}/u.test(subject)) return null;
  if (!LOGIN.test(login)) return null;
  const name = cut(raw.name.replace(CONTROL, " ").trim(), MAX_NAME_LENGTH).trim();
  const email = raw.email.trim();
  return {
    subject,
    login,
    name: name === "" ? login : name,
    email: EMAIL.test(email) ? email : "",
    groups: raw.groups,
    account: raw.account,
  };
}

/** The first so many UTF-16 units of a text, never half a character. */
function cut(text: string, length: number): string {
  const short = text.slice(0, length);
  return short.isWellFormed() ? short : short.slice(0, -1).toWellFormed();
}
