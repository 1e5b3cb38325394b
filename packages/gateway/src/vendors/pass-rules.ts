import { MAX_PASS_DAYS, type PassState } from "@poterne/contract";
import type { SiteTree } from "../fleet/site-tree.ts";
import type { VendorPassTableRow } from "./vendor-tables.ts";

const DAY_MS = 86_400_000;

/** Where a pass stands at a moment: as decided, or what the clock has made of it. */
export function passStateOf(
  row: Pick<VendorPassTableRow, "state" | "from_ms" | "to_ms">,
  nowMs: number,
): PassState {
  if (row.state === "pending") return nowMs >= row.to_ms ? "expired" : "pending";
  if (row.state !== "approved") return row.state;
  if (nowMs >= row.to_ms) return "ended";
  return nowMs < row.from_ms ? "scheduled" : "open";
}

/** Whether a slot is possible: it ends in the future, after its start, and within the longest time. */
export function isSlotPossible(
  slot: { readonly fromMs: number; readonly toMs: number },
  nowMs: number,
): boolean {
  const { fromMs, toMs } = slot;
  return toMs > nowMs && toMs > fromMs && toMs - Math.max(fromMs, 0) <= MAX_PASS_DAYS * DAY_MS;
}

/** The lowest site that stands above all of these; null when only the whole organisation does. */
export function commonSite(tree: SiteTree, siteIds: readonly string[]): string | null {
  const [first, ...others] = [...new Set(siteIds)].map((siteId) => tree.ancestorsOf(siteId));
  return first?.find((siteId) => others.every((above) => above.includes(siteId))) ?? null;
}
