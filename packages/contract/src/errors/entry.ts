/** One failure a person can meet: HTTP status, how grave for the journal, and its words in French and English. */
export interface ErrorEntry {
  readonly status: number;
  /** How it enters the journal: not at all, as a fact, or as an alarm. */
  readonly journal: "none" | "notice" | "alarm";
  /** What happened and why, one sentence each; `{name}` takes a detail. French first. */
  readonly fr: { readonly what: string; readonly next: string };
  readonly en: { readonly what: string; readonly next: string };
}

/** Declares a noun's part of the catalogue, keeping its codes as literal types. */
export function defineErrors<Code extends string>(
  entries: Readonly<Record<Code, ErrorEntry>>,
): Readonly<Record<Code, ErrorEntry>> {
  return entries;
}
