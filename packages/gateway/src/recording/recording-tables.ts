import type { IntegrityState, Protocol } from "@poterne/contract";

/** What the store knows of a recording: enough to list, search and keep or drop it. The file is the evidence. */
export interface RecordingRow {
  /** The session's id. */
  id: string;
  /** The gateway process that writes it, and seals it after a crash. */
  node_id: string;
  file_name: string;
  kind: "desktop" | "terminal";
  protocol: Protocol;
  person_id: string;
  person_name: string;
  target_id: string;
  target_name: string;
  machine_name: string;
  site_id: string;
  account_name: string;
  grant_id: string;
  reason: string;
  /** Names of person, target, machine, account and the reason, folded, for searching. */
  search_text: string;
  retention_days: number;
  started_at_ms: number;
  ended_at_ms: number | null;
  duration_ms: number;
  size_bytes: number;
  end_code: string | null;
  integrity: IntegrityState;
  /** The last head that went into the journal, hexadecimal, and how many records it covers. */
  journal_count: number;
  journal_head: string;
  /** When retention may drop it, null while it runs or once deleted. */
  expires_at_ms: number | null;
  is_on_hold: number;
  hold_reason: string | null;
  hold_by_name: string | null;
  hold_at_ms: number | null;
  deleted_reason: string | null;
  deleted_by_name: string | null;
  deleted_at_ms: number | null;
  /** The deletion's certificate in the journal. */
  deletion_entry_id: string | null;
  /** The last verification as JSON. */
  verdict: string | null;
  comment_count: number;
}

/** A mark with a comment in a recording. */
export interface RecordingCommentRow {
  id: string;
  session_id: string;
  at_ms: number;
  text: string;
  author_id: string;
  author_name: string;
  created_at_ms: number;
}
