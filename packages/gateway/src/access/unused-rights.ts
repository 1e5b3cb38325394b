import type { UnusedRow } from "@poterne/contract";
import type { Store } from "../store/store.ts";

/** What is asked: nothing since `sinceMs`; only what is administered at these sites, null for all. */
export interface UnusedQuestion {
  readonly sinceMs: number;
  readonly nowMs: number;
  readonly accessSites: readonly string[] | null;
  readonly peopleSites: readonly string[] | null;
}

function isSeen(sites: readonly string[] | null, siteId: string | null): boolean {
  return sites === null || (siteId !== null && sites.includes(siteId));
}

/** Grants in force all that time under which no session was opened. */
export async function unusedGrants({ db }: Store, question: UnusedQuestion): Promise<UnusedRow[]> {
  const { sinceMs, nowMs, accessSites } = question;
  const used = await lastByGrant({ db });
  const rows = await db
    .selectFrom("access_grant")
    .leftJoin("person", "person.id", "access_grant.person_id")
    .leftJoin("person_group", "person_group.id", "access_grant.group_id")
    .leftJoin("policy", "policy.id", "access_grant.policy_id")
    .select(["access_grant.id", "access_grant.site_id", "access_grant.note", "access_grant.created_at_ms"])
    .select(["access_grant.valid_from_ms", "access_grant.valid_to_ms", "policy.name as policy"])
    .select(["person.name as person", "person_group.name as group"])
    .where("access_grant.deleted_at_ms", "is", null)
    .where("access_grant.is_disabled", "=", 0)
    .where("access_grant.created_at_ms", "<", sinceMs)
    .execute();
  return rows
    .filter(({ site_id }) => isSeen(accessSites, site_id))
    .filter((row) => (row.valid_from_ms ?? 0) < sinceMs && (row.valid_to_ms ?? nowMs + 1) > nowMs)
    .filter(({ id }) => (used.get(id) ?? 0) < sinceMs)
    .map((row) => ({
      kind: "grant",
      objectId: row.id,
      groupId: null,
      name: row.person ?? row.group ?? "",
      detail: [row.policy, row.note].filter((text) => text !== null && text !== "").join(" — "),
      lastUsedMs: used.get(row.id) ?? null,
      createdAtMs: row.created_at_ms,
    }));
}

/**
 * Places in groups whose grants, or those of the groups these are in, their person did not use. A group that no grant
 * reaches gives no right and is left out; so is a person who was not there all that time.
 */
export async function unusedMemberships({ db }: Store, question: UnusedQuestion): Promise<UnusedRow[]> {
  const { sinceMs, peopleSites } = question;
  const members = await db.selectFrom("group_member").selectAll().execute();
  const above = Map.groupBy(
    members.filter(({ member_kind }) => member_kind === "group"),
    ({ member_id }) => member_id,
  );
  const grants = await db
    .selectFrom("access_grant")
    .select(["id", "group_id"])
    .where("group_id", "is not", null)
    .where("deleted_at_ms", "is", null)
    .execute();
  const grantsOfGroup = Map.groupBy(grants, ({ group_id }) => group_id ?? "");
  const lastUsed = await lastByPersonAndGrant({ db });
  const people = await db
    .selectFrom("person")
    .select(["id", "name", "created_at_ms"])
    .where("is_disabled", "=", 0)
    .where("created_at_ms", "<", sinceMs)
    .execute();
  const personOf = new Map(people.map((person) => [person.id, person]));
  const groups = await db.selectFrom("person_group").select(["id", "name", "site_id"]).execute();
  const groupOf = new Map(groups.map((group) => [group.id, group]));
  const reached = new Map<string, readonly string[]>();
  const found: UnusedRow[] = [];
  for (const { group_id, member_kind, member_id } of members) {
    const [person, group] = [personOf.get(member_id), groupOf.get(group_id)];
    if (member_kind !== "person" || person === undefined || group === undefined) continue;
    if (!isSeen(peopleSites, group.site_id)) continue;
    const grantIds =
      reached.get(group_id) ??
      withThoseAbove(group_id, above).flatMap((id) => grantsOfGroup.get(id)?.map((grant) => grant.id) ?? []);
    reached.set(group_id, grantIds);
    const usedMs = Math.max(0, ...grantIds.map((id) => lastUsed.get(`${person.id}/${id}`) ?? 0));
    if (grantIds.length === 0 || usedMs >= sinceMs) continue;
    const lastUsedMs = usedMs === 0 ? null : usedMs;
    const { name, created_at_ms: createdAtMs } = person;
    found.push({
      kind: "membership",
      objectId: person.id,
      groupId: group_id,
      name,
      detail: group.name,
      lastUsedMs,
      createdAtMs,
    });
  }
  return found;
}

function withThoseAbove(
  groupId: string,
  above: ReadonlyMap<string, readonly { readonly group_id: string }[]>,
): readonly string[] {
  const seen = new Set([groupId]);
  // A set grows while it is walked, and a circle of groups adds nothing twice.
  for (const id of seen) for (const { group_id } of above.get(id) ?? []) seen.add(group_id);
  return [...seen];
}

/** Accounts with which no session was opened. Sessions keep an account's name: two of one name are used together. */
export async function unusedAccounts({ db }: Store, question: UnusedQuestion): Promise<UnusedRow[]> {
  const { sinceMs, accessSites } = question;
  const sessions = await db
    .selectFrom("session")
    .select((select) => ["account_name", select.fn.max("opened_at_ms").as("last")])
    .groupBy("account_name")
    .execute();
  const used = new Map(sessions.map((row) => [row.account_name, Number(row.last)]));
  const rows = await db
    .selectFrom("account")
    .select(["id", "name", "username", "site_id", "created_at_ms"])
    .where("deleted_at_ms", "is", null)
    .where("is_disabled", "=", 0)
    .where("created_at_ms", "<", sinceMs)
    .execute();
  return rows
    .filter(({ site_id, name }) => isSeen(accessSites, site_id) && (used.get(name) ?? 0) < sinceMs)
    .map((row) => ({
      kind: "account",
      objectId: row.id,
      groupId: null,
      name: row.name,
      detail: row.username,
      lastUsedMs: used.get(row.name) ?? null,
      createdAtMs: row.created_at_ms,
    }));
}

/** People who did not sign in, nor use a token of theirs. */
export async function unusedPeople({ db }: Store, question: UnusedQuestion): Promise<UnusedRow[]> {
  const { sinceMs, peopleSites } = question;
  const tokens = await db
    .selectFrom("api_token")
    .select((select) => ["person_id", select.fn.max("last_used_at_ms").as("last")])
    .groupBy("person_id")
    .execute();
  const byToken = new Map(tokens.map((row) => [row.person_id, Number(row.last ?? 0)]));
  const rows = await db
    .selectFrom("person")
    .select(["id", "name", "login", "site_id", "created_at_ms", "last_sign_in_at_ms"])
    .where("is_disabled", "=", 0)
    .where("erased_at_ms", "is", null)
    .where("created_at_ms", "<", sinceMs)
    .execute();
  return rows
    .map((row) => ({ row, usedMs: Math.max(row.last_sign_in_at_ms ?? 0, byToken.get(row.id) ?? 0) }))
    .filter(({ row, usedMs }) => isSeen(peopleSites, row.site_id) && usedMs < sinceMs)
    .map(({ row, usedMs }) => ({
      kind: "person",
      objectId: row.id,
      groupId: null,
      name: row.name,
      detail: row.login,
      lastUsedMs: usedMs === 0 ? null : usedMs,
      createdAtMs: row.created_at_ms,
    }));
}

async function lastByGrant({ db }: Pick<Store, "db">): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom("session")
    .select((select) => ["grant_id", select.fn.max("opened_at_ms").as("last")])
    .groupBy("grant_id")
    .execute();
  return new Map(rows.map((row) => [row.grant_id, Number(row.last)]));
}

/** By person and grant, and by person and the grant under approval that an approved one rests on. */
async function lastByPersonAndGrant({ db }: Pick<Store, "db">): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom("session")
    .leftJoin("access_grant", "access_grant.id", "session.grant_id")
    .select((select) => [
      "session.person_id",
      "session.grant_id",
      "access_grant.base_grant_id",
      select.fn.max("session.opened_at_ms").as("last"),
    ])
    .groupBy(["session.person_id", "session.grant_id", "access_grant.base_grant_id"])
    .execute();
  const last = new Map<string, number>();
  for (const row of rows)
    for (const grantId of [row.grant_id, row.base_grant_id]) {
      const key = `${row.person_id}/${grantId ?? ""}`;
      last.set(key, Math.max(last.get(key) ?? 0, Number(row.last)));
    }
  return last;
}
