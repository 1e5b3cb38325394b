/** What the tree needs to know of a site. */
export interface SiteFact {
  readonly siteId: string;
  readonly parentId: string | null;
  readonly name: string;
  readonly foldedName: string;
  readonly priority: number;
}

/** The living sites as a tree; immutable, answers are remembered. */
export class SiteTree {
  readonly sites: ReadonlyMap<string, SiteFact>;
  readonly #children = new Map<string | null, SiteFact[]>();
  readonly #under = new Map<string, ReadonlySet<string>>();
  readonly #ancestors = new Map<string, readonly string[]>();

  constructor(sites: Iterable<SiteFact>) {
    this.sites = new Map([...sites].map((site) => [site.siteId, site]));
    for (const site of this.sites.values()) {
      const siblings = this.#children.get(site.parentId);
      if (siblings === undefined) this.#children.set(site.parentId, [site]);
      else siblings.push(site);
    }
    for (const siblings of this.#children.values()) siblings.sort(byFoldedName);
  }

  /** Direct children by name; null for the top. */
  childrenOf(siteId: string | null): readonly SiteFact[] {
    return this.#children.get(siteId) ?? [];
  }

  /** The site and all above it, itself first; empty for an unknown site. A cycle, which no write allows, ends the walk. */
  ancestorsOf(siteId: string): readonly string[] {
    const known = this.#ancestors.get(siteId);
    if (known !== undefined) return known;
    const found: string[] = [];
    for (let site = this.sites.get(siteId); site !== undefined && !found.includes(site.siteId); ) {
      found.push(site.siteId);
      site = site.parentId === null ? undefined : this.sites.get(site.parentId);
    }
    this.#ancestors.set(siteId, found);
    return found;
  }

  /** Names from the top down to the site. */
  pathOf(siteId: string): string[] {
    return this.ancestorsOf(siteId)
      .map((id) => this.sites.get(id)?.name ?? "")
      .reverse();
  }

  /** The site and all below it; empty for an unknown site. */
  under(siteId: string): ReadonlySet<string> {
    const known = this.#under.get(siteId);
    if (known !== undefined) return known;
    const found = new Set<string>();
    const waiting = this.sites.has(siteId) ? [siteId] : [];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (found.has(next)) continue;
      found.add(next);
      for (const child of this.childrenOf(next)) waiting.push(child.siteId);
    }
    this.#under.set(siteId, found);
    return found;
  }

  /** All of several subtrees together. */
  underAny(siteIds: readonly string[]): ReadonlySet<string> {
    const found = new Set<string>();
    for (const siteId of siteIds) for (const id of this.under(siteId)) found.add(id);
    return found;
  }

  /** How many levels the subtree has, 1 for a leaf. */
  heightOf(siteId: string): number {
    const depth = this.ancestorsOf(siteId).length;
    let deepest = depth;
    for (const id of this.under(siteId)) deepest = Math.max(deepest, this.ancestorsOf(id).length);
    return deepest - depth + 1;
  }

  /** All sites, parents before children, siblings by name. */
  inOrder(): readonly SiteFact[] {
    const ordered: SiteFact[] = [];
    const waiting = [...this.childrenOf(null)].reverse();
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      ordered.push(next);
      waiting.push(...[...this.childrenOf(next.siteId)].reverse());
    }
    return ordered;
  }
}

function byFoldedName(a: SiteFact, b: SiteFact): number {
  return a.foldedName < b.foldedName ? -1 : a.foldedName > b.foldedName ? 1 : a.siteId < b.siteId ? -1 : 1;
}
