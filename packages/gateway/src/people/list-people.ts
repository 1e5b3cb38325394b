import type { listPeople, PersonRow as ShownPerson } from "@poterne/contract";
import type { z } from "zod";
import type { Factors } from "../auth/factors.ts";
import { cutPage, decodeCursor } from "../store/cursor.ts";
import { searchCondition } from "../store/search.ts";
import type { Store } from "../store/store.ts";
import type { PeopleStore, Person, Roles } from "./people-store.ts";
import type { PersonRow } from "./people-tables.ts";

/** What a list of people asks for. */
export type PeopleQuery = z.infer<(typeof listPeople)["query"]>;

/** A page of people by name, of those at `sites` (null for all). */
export async function listPeoplePage(
  parts: { readonly store: Store; readonly people: PeopleStore; readonly factors: Factors },
  sites: readonly string[] | null,
  query: PeopleQuery,
) {
  const matching = await searchCondition(parts.store, "person", query.search ?? "");
  const filtered = filterPeople(parts.store, sites, query).where(matching);
  const { count } = await filtered
    .select((select) => select.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  let paged = filtered.selectAll("person");
  if (query.cursor !== undefined) {
    const { key, id } = decodeCursor(query.cursor, "text");
    paged = paged.where((where) =>
      where.or([
        where("person.name_key", ">", key),
        where.and([where("person.name_key", "=", key), where("person.id", ">", id)]),
      ]),
    );
  }
  const rows = await paged
    .orderBy("person.name_key")
    .orderBy("person.id")
    .limit(query.limit + 1)
    .execute();
  const { page, nextCursor } = cutPage(rows, query.limit, (row) => [row.name_key, row.id]);
  const ids = page.map((row) => row.id);
  const [roles, methods] = [await parts.people.rolesOf(ids), await parts.factors.methodsOf(ids)];
  const items = page.map((row) =>
    showPerson(row, roles.get(row.id) ?? { roles: [], administeredSiteIds: null }, methods.get(row.id) ?? []),
  );
  return { items, nextCursor, total: Number(count) };
}

function filterPeople(store: Store, sites: readonly string[] | null, query: PeopleQuery) {
  let select = store.db.selectFrom("person");
  // An empty list is a caller who may see nobody; no engine takes `in ()`.
  if (sites !== null) select = select.where("person.site_id", "in", sites.length === 0 ? [""] : sites);
  if (query.siteId !== undefined) select = select.where("person.site_id", "=", query.siteId);
  const { role, groupId } = query;
  if (role !== undefined)
    select = select.where("person.id", "in", (from) =>
      from.selectFrom("person_role").select("person_id").where("role", "=", role),
    );
  if (groupId !== undefined)
    select = select.where("person.id", "in", (from) =>
      from
        .selectFrom("group_member")
        .select("member_id")
        .where("group_id", "=", groupId)
        .where("member_kind", "=", "person"),
    );
  switch (query.state) {
    case "active":
      return select.where("is_disabled", "=", 0).where("last_sign_in_at_ms", "is not", null);
    case "invited":
      return select.where("is_disabled", "=", 0).where("last_sign_in_at_ms", "is", null);
    case "disabled":
      return select.where("is_disabled", "=", 1).where("erased_at_ms", "is", null);
    case "erased":
      return select.where("erased_at_ms", "is not", null);
    default:
      return select.where("erased_at_ms", "is", null);
  }
}

/** A person as lists show them. */
function showPerson(
  row: PersonRow,
  { roles, administeredSiteIds }: Roles,
  factors: readonly string[],
): ShownPerson {
  return {
    personId: row.id,
    login: row.login,
    name: row.name,
    email: row.email,
    language: row.language,
    siteId: row.site_id,
    roles: [...roles],
    administeredSiteIds: administeredSiteIds === null ? null : [...administeredSiteIds],
    state: stateOf(row),
    factors: (["totp", "passkey"] as const).filter((method) => factors.includes(method)),
    lastSignInAtMs: row.last_sign_in_at_ms,
    createdAtMs: row.created_at_ms,
  };
}

/** One person as lists show them. */
export async function showOne(factors: Factors, person: Person): Promise<ShownPerson> {
  return showPerson(person, person, (await factors.methodsOf([person.id])).get(person.id) ?? []);
}

function stateOf(row: PersonRow): ShownPerson["state"] {
  if (row.erased_at_ms !== null) return "erased";
  if (row.is_disabled === 1) return "disabled";
  return row.last_sign_in_at_ms === null ? "invited" : "active";
}
