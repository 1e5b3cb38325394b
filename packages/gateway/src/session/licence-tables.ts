/** A licence of an RDP licence server, kept for one gateway and one target. */
export interface RdpLicenceTableRow {
  id: string;
  target_id: string;
  /** The gateway it was issued to: licence servers know clients by their hardware id. */
  node_id: string;
  /** What it is for, as the driver names it. */
  wish_key: string;
  version: number;
  issued_at_ms: number;
  /** Bound to `licence:ID`. */
  envelope: Uint8Array;
}
