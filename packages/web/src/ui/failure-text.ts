import { type ApiFailure, UNREACHABLE } from "../api/api-failure.ts";
import type { EntryWords } from "../i18n/tongue.tsx";

/** What a person reads about a failure: what happened and why, what to do, which code to give. */
export interface FailureText {
  readonly what: string;
  readonly next: string;
  readonly code: string;
}

function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (_place, name: string) => String(values[name] ?? "—"));
}

/** The catalogue's words for a failure, in the person's language, with its details filled in. */
export function describeFailure(failure: ApiFailure, words: EntryWords): FailureText {
  if (failure.code === UNREACHABLE) {
    return { what: words.common.unreachableWhat, next: words.common.unreachableNext, code: UNREACHABLE };
  }
  const entry = findText(failure.code, words);
  const values = { ...failure.details, reference: failure.reference };
  const code = failure.reference === "" ? failure.code : `${failure.code} · ${failure.reference}`;
  return { what: fill(entry.what, values), next: fill(entry.next, values), code };
}

/** The catalogue's words for a bare code, as an import's line carries it. */
export function describeCode(
  code: string,
  words: EntryWords,
  details: Readonly<Record<string, string | number>> = {},
): string {
  return fill(findText(code, words).what, details);
}

function findText(code: string, words: EntryWords): { readonly what: string; readonly next: string } {
  const own = Object.hasOwn(words.errors, code) ? words.errors[code] : undefined;
  return own ?? words.errors.internal ?? { what: code, next: "" };
}
