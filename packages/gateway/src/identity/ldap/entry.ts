import type { LdapConfig } from "@poterne/contract";
import { type Entry, EqualityFilter, type Filter } from "ldapts";

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

/** The filter for the entry with this subject; bytes are written as hex in the subject, and go as bytes. */
export function subjectFilter(config: Pick<LdapConfig, "subjectAttribute">, subject: string): Filter {
  const { subjectAttribute: attribute } = config;
  const isBinary = BINARY.has(attribute.toLowerCase());
  return new EqualityFilter({ attribute, value: isBinary ? Buffer.from(subject, "hex") : subject });
}
