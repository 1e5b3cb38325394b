/** The mark of an outside person: whose employee, under which contract. */
export interface VendorTableRow {
  person_id: string;
  company: string;
  contract: string;
  created_at_ms: number;
}

/** A vendor pass. Names are those of the moment it was proposed. */
export interface VendorPassTableRow {
  id: string;
  person_id: string;
  person_name: string;
  company: string;
  contract: string;
  purpose: string;
  /** The site that administers it: the lowest one above all its targets; null for the whole organisation. */
  site_id: string | null;
  from_ms: number;
  to_ms: number;
  /** JSON arrays of text: source networks, ids of targets, ids of accounts. */
  networks: string;
  target_ids: string;
  account_ids: string;
  /** JSON: `machine / target` by id, for readers later. */
  target_names: string;
  policy_id: string;
  policy_name: string;
  needs_guardian: number;
  /** As decided; `scheduled`, `open`, `ended` and `expired` follow from the clock. */
  state: "pending" | "approved" | "refused" | "revoked";
  grant_id: string | null;
  proposed_by_id: string;
  proposed_by_name: string;
  proposed_at_ms: number;
  decided_by_id: string | null;
  decided_by_name: string | null;
  decided_at_ms: number | null;
  decision_comment: string;
  revoked_by_name: string | null;
  revoked_at_ms: number | null;
  revoke_comment: string;
  /** JSON: who moved the end, when, from and to. */
  extensions: string;
  /** When its end was noticed: journaled, sign-ins ended, those concerned told. */
  closed_at_ms: number | null;
}
