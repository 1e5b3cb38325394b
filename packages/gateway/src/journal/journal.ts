/** What is written about one fact. Kinds are `noun.verb`, past or done: `sign-in.succeeded`, `grant.created`, `session.opened`. */
export interface JournalEntry {
  readonly kind: string;
  readonly level: "info" | "notice" | "alarm";
  /** Who did it: a person's id and name as it was then, or the system. */
  readonly actor: { readonly personId: string | null; readonly name: string };
  /** The source address, empty for the system. */
  readonly sourceAddress: string;
  /** What it is about: at most one id of each sort, for searching. */
  readonly subject: {
    readonly personId?: string;
    readonly targetId?: string;
    readonly machineId?: string;
    readonly siteId?: string;
    readonly sessionId?: string;
    readonly grantId?: string;
  };
  /** Flat facts, never a secret; before and after of a change go under `before.` and `after.`. */
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
}

/** The journal as the nouns see it. */
export interface Journal {
  /**
   * Appends durably (the keeper has chained it and written it to its file) and resolves with the entry's id (UUIDv7).
   * Rejects with the Failure `journal-unavailable`; then the caller must not go on with what it wanted to do.
   */
  append(entry: JournalEntry): Promise<string>;
}
