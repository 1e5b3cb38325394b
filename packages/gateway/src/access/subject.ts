import { sql } from "kysely";
import type { Store } from "../store/store.ts";
import type { Subject } from "./decide.ts";

/** Groups one person may be in, through others too; further ones are left out, which can only refuse. */
const MAX_GROUPS = 2000;

/**
 * Reads a person with all groups it is in, also through other groups (a cycle of groups ends by itself). Always fresh:
 * who is disabled or leaves a group loses access with the next question. Null for an unknown person.
 */
export async function loadSubject(
  store: Store,
  personId: string,
): Promise<(Subject & { readonly name: string }) | null> {
  const person = await store.db
    .selectFrom("person")
    .leftJoin("vendor", "vendor.person_id", "person.id")
    .select(["person.id", "name", "is_disabled", "erased_at_ms", "vendor.person_id as vendor_id"])
    .where("person.id", "=", personId)
    .executeTakeFirst();
  if (person === undefined) return null;
  const { rows } = await sql<{ group_id: string }>`
    select group_id from (
      with recursive above (group_id) as (
        select group_id from group_member where member_kind = 'person' and member_id = ${personId}
        union
        select g.group_id from group_member as g
        join above on g.member_kind = 'group' and g.member_id = above.group_id
      ) select group_id from above
    ) as groups_above order by group_id limit ${MAX_GROUPS}`.execute(store.db);
  return {
    personId: person.id,
    name: person.name,
    isActive: person.is_disabled === 0 && person.erased_at_ms === null,
    groupIds: rows.map((row) => row.group_id),
    ...(person.vendor_id === null ? {} : { isVendor: true }),
  };
}
