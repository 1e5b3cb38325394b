import type { Right } from "@poterne/contract";
import type { RequestContext } from "../http/context.ts";
import type { SiteTree } from "./site-tree.ts";

/**
 * The sites a list may show: those where the caller holds the right, narrowed to one subtree when asked.
 * Null for everywhere; an empty list shows nothing.
 */
export async function visibleSites(
  context: RequestContext,
  right: Right,
  wanted: { readonly tree: SiteTree; readonly underSiteId: string | undefined },
): Promise<readonly string[] | null> {
  const held = await context.sitesWith(right);
  if (wanted.underSiteId === undefined) return held;
  const under = wanted.tree.under(wanted.underSiteId);
  if (held === null) return [...under];
  return held.filter((siteId) => under.has(siteId));
}

/** Like `context.requireAt` for a right held at many sites at once. */
export async function requireAtAll(
  context: RequestContext,
  right: Right,
  siteIds: Iterable<string | null>,
): Promise<void> {
  for (const siteId of new Set(siteIds)) await context.requireAt(right, siteId);
}
