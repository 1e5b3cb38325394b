import type { Policy } from "@poterne/contract";
import { ClipboardKind } from "@poterne/wire";

/** Why a clipboard transfer was stopped. */
export type ClipboardBlock = "policy" | "size" | "type" | "read-only";

/** Decides one clipboard transfer; null when it may pass. Pure: the gateway enforces what the page only shows. */
export function blockClipboard(
  policy: Policy,
  direction: "to-target" | "from-target",
  kind: number,
  sizeBytes: number,
): ClipboardBlock | null {
  const rule = direction === "to-target" ? policy.clipboardToTarget : policy.clipboardFromTarget;
  if (rule === "off") return "policy";
  if (direction === "to-target" && policy.readOnly) return "read-only";
  if (kind !== ClipboardKind.text && rule === "text") return "type";
  if (clipboardKindName(kind) === null) return "type";
  return sizeBytes > policy.clipboardMaxBytes ? "size" : null;
}

/** The kind's name in markers and the journal, null for an unknown number. */
export function clipboardKindName(kind: number): keyof typeof ClipboardKind | null {
  const names = Object.keys(ClipboardKind) as (keyof typeof ClipboardKind)[];
  return names.find((name) => ClipboardKind[name] === kind) ?? null;
}
