import type { Protocol } from "@poterne/contract";

/** Columns that every object of the inventory and of access has. */
export interface ObjectColumns {
  id: string;
  /** Grows with each change; the caller's must be the same (optimistic concurrency). */
  version: number;
  /** The store-wide revision of the last change, by which caches find what is new. */
  revision: number;
  created_at_ms: number;
  changed_at_ms: number;
  /** Null while it lives; the row goes 30 days after. */
  deleted_at_ms: number | null;
  /** Folded text for searching. */
  search_text: string;
}

/** Columns of objects with a name that is unique at its place. */
export interface NamedColumns extends ObjectColumns {
  name: string;
  /** The name without case and accents: the order of lists. */
  folded_name: string;
  /** Place and folded name; unique, null once deleted. */
  unique_key: string | null;
}

/** A site. */
export interface SiteTableRow extends NamedColumns {
  parent_id: string | null;
  priority: number;
  code: string;
  notes: string;
}

/** A machine. */
export interface MachineTableRow extends NamedColumns {
  site_id: string;
  /** JSON array of text. */
  addresses: string;
  /** JSON object of text. */
  facts: string;
  kerberos_name: string;
  notes: string;
  is_disabled: number;
}

/** A target. */
export interface TargetTableRow extends NamedColumns {
  machine_id: string;
  protocol: Protocol;
  port: number;
  address: string | null;
  /** JSON object, complete. */
  options: string;
  is_disabled: number;
}

/** A pinned identity of a target. */
export interface TargetIdentityTableRow {
  id: string;
  target_id: string;
  kind: "ssh-host-key" | "tls-certificate";
  algorithm: string;
  fingerprint: string;
  /** Base64. */
  public_key: string;
  pinned_by: string | null;
  pinned_at_ms: number;
  confirmed_by: string | null;
  confirmed_at_ms: number | null;
}

/** The number of the store's last change; one row, id 1. */
export interface StoreRevisionTableRow {
  id: number;
  revision: number;
}
