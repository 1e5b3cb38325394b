import type { SourceListKind } from "@poterne/contract";
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
  /** Longest check-out of a shared account, minutes; null for an account that is not shared. */
  checkout_minutes: number | null;
  /** Whether its secret is to be changed after each check-out, and whether it is; null reads as 0. */
  changes_after_return: number | null;
  is_change_due: number | null;
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
  /** The approved request that gave it, and the grant under approval it rests on; null for one given by hand. */
  request_id: string | null;
  base_grant_id: string | null;
  /** 1 for one given by an emergency; null or 0 otherwise. */
  is_emergency: number | null;
  /** The vendor pass that gave it; null otherwise. */
  pass_id: string | null;
  /** 1: a guardian is needed whatever the policy says; null or 0 otherwise. */
  needs_guardian: number | null;
}

/** From where an object may be used. */
export interface SourceListTableRow {
  object_id: string;
  kind: SourceListKind;
  /** JSON array of text. */
  networks: string;
  revision: number;
}

/** A public holiday; `day` is `2026-12-25`. */
export interface HolidayTableRow {
  day: string;
  name: string;
}

/** A request for a target. Its names are those of the moment it was made. */
export interface AccessRequestTableRow {
  id: string;
  person_id: string;
  person_name: string;
  target_id: string;
  target_name: string;
  machine_name: string;
  site_id: string;
  base_grant_id: string;
  grant_id: string | null;
  policy_id: string;
  policy_name: string;
  /** As decided; `expired` and `ended` follow from the clock. */
  state: "pending" | "approved" | "refused" | "expired" | "withdrawn" | "revoked";
  reason: string;
  ticket_number: string;
  /** Null while it asks for "from the approval on". */
  from_ms: number | null;
  to_ms: number | null;
  minutes: number;
  quorum: number;
  /** JSON array of ids. */
  approver_group_ids: string;
  is_emergency: number;
  report: string | null;
  /** The administrator who closed an emergency without its report; `report` is then their words. */
  closed_by_name: string | null;
  renews_id: string | null;
  created_at_ms: number;
}

/** An approver's vote. */
export interface AccessRequestVoteTableRow {
  request_id: string;
  person_id: string;
  person_name: string;
  is_approval: number;
  comment: string;
  at_ms: number;
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
