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

/** The parts of administration, in the order of the rail. */
export const ADMIN_GROUPS = ["people", "machines", "access", "evidence", "system"] as const;

/** A place of administration; null stands above all parts. */
export interface AdminPlace extends Place {
  readonly group: (typeof ADMIN_GROUPS)[number] | null;
}

type Row = readonly [
  path: string,
  word: Place["word"],
  icon: keyof typeof Icon,
  group: AdminPlace["group"],
  right: Right,
];

const ROWS: readonly Row[] = [
  ["", "health", "health", null, "settings:read"],
  ["/people", "people", "person", "people", "people:read"],
  ["/groups", "groups", "people", "people", "people:read"],
  ["/providers", "providers", "connect", "people", "settings:read"],
  ["/factors", "factors", "approved", "people", "settings:read"],
  ["/charter", "charter", "journal", "people", "settings:read"],
  ["/sites", "sites", "sites", "machines", "inventory:read"],
  ["/machines", "adminMachines", "machines", "machines", "inventory:read"],
  ["/deleted", "deleted", "recent", "machines", "inventory:write"],
  ["/accounts", "accounts", "accounts", "access", "access:read"],
  ["/policies", "policies", "policies", "access", "access:read"],
  ["/grants", "grants", "grants", "access", "access:read"],
  ["/vendors", "vendors", "connect", "access", "access:read"],
  ["/holidays", "holidays", "recent", "access", "access:read"],
  ["/simulator", "simulator", "simulator", "access", "access:read"],
  ["/unused", "unused", "recent", "evidence", "access:read"],
  ["/retention", "retention", "recent", "evidence", "recordings:manage"],
  ["/compliance", "compliance", "approved", "evidence", "settings:read"],
  ["/mail", "mail", "message", "system", "settings:read"],
  ["/kerberos", "kerberos", "locked", "system", "settings:write"],
];

/** The subjects of administration. */
export const ADMIN_PLACES: readonly AdminPlace[] = ROWS.map(([path, word, icon, group, right]) => ({
  path: `/admin${path}`,
  word,
  icon: Icon[icon],
  rights: [right],
  group,
}));

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
export function placesFor<P extends Place>(places: readonly P[], rights: readonly Right[]): readonly P[] {
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
