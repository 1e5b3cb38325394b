import type { Right } from "@poterne/contract";
import type { shell } from "../i18n/fr/shell.ts";
import { Icon } from "../ui/icons.tsx";

/** A place of the console: its path, its word, its icon, and who sees it. */
export interface Place {
  readonly path: string;
  readonly word: keyof typeof shell;
  readonly icon: (typeof Icon)[keyof typeof Icon];
  /** Any one of these rights shows it. */
  readonly rights: readonly Right[];
}

/** The subjects of administration. */
export const ADMIN_PLACES: readonly Place[] = [
  { path: "/admin", word: "health", icon: Icon.health, rights: ["settings:read"] },
  { path: "/admin/people", word: "people", icon: Icon.person, rights: ["people:read"] },
  { path: "/admin/groups", word: "groups", icon: Icon.people, rights: ["people:read"] },
  { path: "/admin/providers", word: "providers", icon: Icon.connect, rights: ["settings:read"] },
  { path: "/admin/sites", word: "sites", icon: Icon.sites, rights: ["inventory:read"] },
  { path: "/admin/machines", word: "adminMachines", icon: Icon.machines, rights: ["inventory:read"] },
  { path: "/admin/accounts", word: "accounts", icon: Icon.accounts, rights: ["access:read"] },
  { path: "/admin/policies", word: "policies", icon: Icon.policies, rights: ["access:read"] },
  { path: "/admin/grants", word: "grants", icon: Icon.grants, rights: ["access:read"] },
  { path: "/admin/unused", word: "unused", icon: Icon.recent, rights: ["access:read"] },
  { path: "/admin/holidays", word: "holidays", icon: Icon.recent, rights: ["access:read"] },
  { path: "/admin/simulator", word: "simulator", icon: Icon.simulator, rights: ["access:read"] },
  { path: "/admin/mail", word: "mail", icon: Icon.message, rights: ["settings:read"] },
  { path: "/admin/kerberos", word: "kerberos", icon: Icon.locked, rights: ["settings:write"] },
  { path: "/admin/deleted", word: "deleted", icon: Icon.recent, rights: ["inventory:write"] },
  { path: "/admin/retention", word: "retention", icon: Icon.recent, rights: ["recordings:manage"] },
  { path: "/admin/compliance", word: "compliance", icon: Icon.approved, rights: ["settings:read"] },
  { path: "/admin/charter", word: "charter", icon: Icon.journal, rights: ["settings:read"] },
];

/** The rail's entries; six at most, and nobody sees one that would be empty for them. */
export const PLACES: readonly Place[] = [
  { path: "/", word: "machines", icon: Icon.desktop, rights: ["sessions:open"] },
  {
    path: "/requests",
    word: "requests",
    icon: Icon.approved,
    rights: ["sessions:open", "requests:decide"],
  },
  { path: "/live", word: "live", icon: Icon.live, rights: ["sessions:read"] },
  { path: "/recordings", word: "recordings", icon: Icon.recorded, rights: ["sessions:read"] },
  { path: "/journal", word: "journal", icon: Icon.journal, rights: ["journal:read"] },
  {
    path: "/admin",
    word: "admin",
    icon: Icon.admin,
    rights: ["settings:read", "people:read", "inventory:read", "access:read"],
  },
];

/** Those places that somebody with these rights sees. */
export function placesFor(places: readonly Place[], rights: readonly Right[]): readonly Place[] {
  return places.filter((place) => place.rights.some((right) => rights.includes(right)));
}

/** Where somebody with these rights starts. */
export function firstPlace(rights: readonly Right[]): string {
  const first = placesFor(PLACES, rights)[0]?.path ?? "/me";
  return first === "/admin" ? (placesFor(ADMIN_PLACES, rights)[0]?.path ?? "/me") : first;
}

/** The words from the top to the page at a path, for the breadcrumb. */
export function trailOf(path: string): readonly Place[] {
  const isAdmin = path === "/admin" || path.startsWith("/admin/");
  const top = PLACES.filter((place) => (place.path === "/" ? path === "/" : isUnder(path, place.path)));
  if (!isAdmin) return top;
  const inside = ADMIN_PLACES.filter((place) =>
    place.path === "/admin" ? path === "/admin" : isUnder(path, place.path),
  );
  return [...top, ...inside];
}

/** Whether a path is a place or below it. */
export function isUnder(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}
