import { RIGHTS_OF_ROLE, type Role } from "@poterne/contract";
import { loadSubject } from "../access/subject.ts";
import type { SiteTree } from "../fleet/site-tree.ts";
import type { Store } from "../store/store.ts";

/** People who are told of one thing; further ones see it in the page. */
const MAX_RECIPIENTS = 50;
/** Candidates looked at for them. */
const MAX_CANDIDATES = 500;

/** Somebody a letter goes to. */
export interface Recipient {
  readonly personId: string;
  readonly name: string;
  readonly address: string;
  readonly language: "fr" | "en";
}

/** Plain addresses only: no comments, quotes or lists, whatever stands in a directory. */
const ADDRESS = /^[^\s@<>(),;:"\\[\]\p{Cc}]{1,64}@[^\s@<>(),;:"\\[\]\p{Cc}]{1,189}$/u;

/** Those of these people who are active and have an address. */
export async function recipientsOf(
  store: Store,
  personIds: readonly (string | null)[],
): Promise<Recipient[]> {
  const ids = [...new Set(personIds.filter((id) => id !== null))].slice(0, MAX_RECIPIENTS);
  if (ids.length === 0) return [];
  const rows = await store.db
    .selectFrom("person")
    .select(["id", "name", "email", "language"])
    .where("id", "in", ids)
    .where("is_disabled", "=", 0)
    .where("erased_at_ms", "is", null)
    .execute();
  return rows.flatMap(toRecipient);
}

/**
 * Those who decide about requests at a site, narrowed to members of groups when some are named; with `alsoAdministrators`
 * the site's administrators too, whatever their groups. Nobody among `exceptIds`.
 */
export async function approversAt(
  store: Store,
  tree: SiteTree,
  where: {
    readonly siteId: string | null;
    readonly groupIds: readonly string[];
    readonly exceptIds: readonly string[];
    readonly alsoAdministrators: boolean;
  },
): Promise<Recipient[]> {
  const deciding = (Object.keys(RIGHTS_OF_ROLE) as Role[]).filter((role) =>
    RIGHTS_OF_ROLE[role].includes("requests:decide"),
  );
  const rows = await store.db
    .selectFrom("person_role")
    .innerJoin("person", "person.id", "person_role.person_id")
    .select(["person.id", "person.name", "person.email", "person.language"])
    .select(["person_role.role", "person_role.site_id as root"])
    .where("person_role.role", "in", deciding)
    .where("person.is_disabled", "=", 0)
    .where("person.erased_at_ms", "is", null)
    .where("person.email", "<>", "")
    .orderBy("person.id")
    .limit(MAX_CANDIDATES)
    .execute();
  const above = where.siteId === null ? [] : tree.ancestorsOf(where.siteId);
  const found = new Map<string, Recipient>();
  for (const row of rows) {
    if (found.size >= MAX_RECIPIENTS) break;
    if (found.has(row.id) || where.exceptIds.includes(row.id)) continue;
    if (row.root !== "" && !above.includes(row.root)) continue;
    const isToldAnyway = where.alsoAdministrators && row.role === "administrator";
    if (where.groupIds.length > 0 && !isToldAnyway) {
      const subject = await loadSubject(store, row.id);
      if (!where.groupIds.some((id) => subject?.groupIds.includes(id))) continue;
    }
    for (const recipient of toRecipient(row)) found.set(row.id, recipient);
  }
  return [...found.values()];
}

function toRecipient(row: {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly language: "fr" | "en";
}): Recipient[] {
  if (!ADDRESS.test(row.email)) return [];
  return [{ personId: row.id, name: row.name, address: row.email, language: row.language }];
}
