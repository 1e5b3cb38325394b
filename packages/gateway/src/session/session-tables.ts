/** One session, from open to end. Names are kept as they were then, so that the history stays readable. */
export interface SessionTableRow {
  id: string;
  node_id: string;
  person_id: string;
  person_name: string;
  target_id: string;
  target_name: string;
  machine_id: string;
  machine_name: string;
  site_id: string;
  protocol: string;
  kind: string;
  account_name: string;
  grant_id: string;
  policy_name: string;
  reason: string;
  ticket_number: string;
  source_address: string;
  is_recorded: number;
  needs_guardian: number;
  /** Lower-case names, for searching. */
  search_text: string;
  opened_at_ms: number;
  ended_at_ms: number | null;
  end_code: string | null;
}
