import type { NamedColumns, ObjectColumns } from "../fleet/fleet-tables.ts";
import type { AccountKind } from "./access.ts";

/** An account; its secret only as the keeper's envelope. */
export interface AccountTableRow extends NamedColumns {
  site_id: string | null;
  kind: AccountKind;
  username: string;
  notes: string;
  is_disabled: number;
  envelope: Uint8Array | null;
  secret_changed_at_ms: number | null;
  /** OpenSSH wire blobs. */
  public_key: Uint8Array | null;
  certificate: Uint8Array | null;
}

/** A policy as last published. */
export interface PolicyTableRow extends NamedColumns {
  site_id: string | null;
  notes: string;
  /** JSON of the contract's `policyRules`. */
  rules: string;
  is_default: number;
}

/** One published version of a policy. */
export interface PolicyVersionTableRow {
  policy_id: string;
  version: number;
  name: string;
  rules: string;
  comment: string;
  published_by: string;
  published_at_ms: number;
}

/** A grant (`grant` itself is a word of SQL). */
export interface AccessGrantTableRow extends ObjectColumns {
  site_id: string | null;
  person_id: string | null;
  group_id: string | null;
  policy_id: string;
  valid_from_ms: number | null;
  valid_to_ms: number | null;
  note: string;
  is_disabled: number;
}

/** What a grant names. */
export interface GrantObjectTableRow {
  grant_id: string;
  kind: "target" | "machine" | "site" | "account";
  object_id: string;
}

/** A person's own marks on a target. */
export interface PersonTargetTableRow {
  person_id: string;
  target_id: string;
  is_favourite: number;
  last_opened_at_ms: number | null;
}
