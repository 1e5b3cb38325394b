/** A row of the journal's searchable copy; the evidence is the file. */
export interface JournalEntryRow {
  /** UUIDv7 of the entry: the order of ids is the order of time. */
  readonly id: string;
  readonly node_id: string;
  readonly epoch: number;
  readonly sequence: number;
  /** SHA-256 of the line in the file, hex. */
  readonly hash: string;
  readonly at_ms: number;
  readonly kind: string;
  /** The kind before its dot. */
  readonly noun: string;
  readonly level: string;
  readonly actor_person_id: string | null;
  readonly actor_name: string;
  readonly source_address: string;
  readonly person_id: string | null;
  readonly target_id: string | null;
  readonly machine_id: string | null;
  readonly site_id: string | null;
  readonly session_id: string | null;
  readonly grant_id: string | null;
  /** JSON. */
  readonly details: string;
  /** See `journalText`. */
  readonly search_text: string;
}

/** How far a node's file was copied. */
export interface JournalPlaceRow {
  readonly node_id: string;
  readonly epoch: number;
  readonly sequence: number;
}

/** Up to which alarm a person has read. */
export interface AlarmReadRow {
  readonly person_id: string;
  readonly entry_id: string;
  readonly at_ms: number;
}
