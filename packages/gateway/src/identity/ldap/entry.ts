import type { LdapConfig } from "@poterne/contract";
import { type Entry, EqualityFilter, type Filter } from "ldapts";
import { loginKey } from "../../people/people-store.ts";

/** Longest text taken of an attribute. */
const MAX_TEXT = 4000;
/** Attributes whose values are bytes. */
const BINARY = new Set(["objectguid", "objectsid"]);

type Value = Entry[string];

/** The first value of an attribute as text, whatever the case of its name; empty without one. Bytes come as hex. */
export function textOf(entry: Entry, attribute: string): string {
  const wanted = attribute.toLowerCase();
  const name = Object.keys(entry).find((key) => key.toLowerCase() === wanted);
  const value: Value | undefined = name === undefined ? undefined : entry[name];
  const first = Array.isArray(value) ? value[0] : value;
  if (first === undefined) return "";
  if (typeof first !== "string") return first.length > MAX_TEXT ? "" : first.toString("hex");
  return first.slice(0, MAX_TEXT);
}

/** All values of an attribute as text, those that are bytes left out. */
function textsOf(entry: Entry, attribute: string): readonly string[] {
  const wanted = attribute.toLowerCase();
  const name = Object.keys(entry).find((key) => key.toLowerCase() === wanted);
  const value: Value | undefined = name === undefined ? undefined : entry[name];
  const list = Array.isArray(value) ? value : [value];
  return list.filter((one): one is string => typeof one === "string");
}

/**
 * Whether one of the attributes is the name typed, to the letter but for case. A directory finds more than that (Active
 * Directory takes `àlice` for `alice`, and stops at a NUL): each such spelling would have failures counted of its own.
 */
export function isCalled(entry: Entry, attributes: readonly string[], login: string): boolean {
  const wanted = loginKey(login);
  return attributes.some((attribute) => textsOf(entry, attribute).some((text) => loginKey(text) === wanted));
}

/** The filter for the entry with this subject; bytes are written as hex in the subject, and go as bytes. */
export function subjectFilter(config: Pick<LdapConfig, "subjectAttribute">, subject: string): Filter {
  const { subjectAttribute: attribute } = config;
  const isBinary = BINARY.has(attribute.toLowerCase());
  return new EqualityFilter({ attribute, value: isBinary ? Buffer.from(subject, "hex") : subject });
}
