import { makeUuidV7 } from "@poterne/bytes";
import { Failure, type listGroups, type Right, type GroupRow as ShownGroup } from "@poterne/contract";
import type { z } from "zod";
import type { Environment } from "../environment.ts";
import type { RequestContext } from "../http/context.ts";
import { cutPage, decodeCursor } from "../store/cursor.ts";
import { foldName, foldText } from "../store/fold-text.ts";
import type { Store } from "../store/store.ts";
import { isDuplicate } from "../store/store-errors.ts";
import type { PersonGroupRow } from "./people-tables.ts";

/** Most levels of groups in groups that are followed. */
const MAX_DEPTH = 32;
/** Most direct members shown of one group. */
const MAX_SHOWN_PEOPLE = 5000;
const MAX_SHOWN_GROUPS = 200;

/** Members to add to and to remove from a group. */
export interface MemberChanges {
  readonly addPersonIds: readonly string[];
  readonly removePersonIds: readonly string[];
  readonly addGroupIds: readonly string[];
  readonly removeGroupIds: readonly string[];
}

/** Groups of people and of groups. */
export class Groups {
  readonly #store: Store;
  readonly #environment: Environment;

  constructor(store: Store, environment: Environment) {
    this.#store = store;
    this.#environment = environment;
  }

  /** A group where the caller holds the right. Fails with `not-found`. */
  async requireAt(context: RequestContext, right: Right, groupId: string): Promise<PersonGroupRow> {
    const row = await this.#store.db
      .selectFrom("person_group")
      .selectAll()
      .where("id", "=", groupId)
      .executeTakeFirst();
    if (row === undefined) throw new Failure("not-found");
    await context.requireAt(right, row.site_id);
    return row;
  }

  /** A page of groups by name, of those at `sites` (null for all). */
  async list(sites: readonly string[] | null, query: z.infer<(typeof listGroups)["query"]>) {
    let select = this.#store.db.selectFrom("person_group");
    if (sites !== null) select = select.where("site_id", "in", sites.length === 0 ? [""] : sites);
    if (query.siteId !== undefined) select = select.where("site_id", "=", query.siteId);
    if (query.search !== undefined) select = select.where("name_key", "like", likePattern(query.search));
    const { count } = await select
      .select((from) => from.fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow();
    let paged = select.selectAll();
    if (query.cursor !== undefined)
      paged = paged.where("name_key", ">", decodeCursor(query.cursor, "text").key);
    const rows = await paged
      .orderBy("name_key")
      .limit(query.limit + 1)
      .execute();
    const { page, nextCursor } = cutPage(rows, query.limit, (row) => [row.name_key, row.id]);
    return { items: await this.#show(page), nextCursor, total: Number(count) };
  }

  /** A group as lists show it. */
  async show(row: PersonGroupRow): Promise<ShownGroup> {
    const [shown] = await this.#show([row]);
    if (shown === undefined) throw new Failure("not-found");
    return shown;
  }

  /** Direct members of a group, and the groups it is in. */
  async members(groupId: string) {
    const { db } = this.#store;
    const people = await db
      .selectFrom("group_member")
      .innerJoin("person", "person.id", "group_member.member_id")
      .select(["person.id as personId", "person.name as name", "person.login as login"])
      .where("group_member.group_id", "=", groupId)
      .where("group_member.member_kind", "=", "person")
      .orderBy("person.name_key")
      .limit(MAX_SHOWN_PEOPLE)
      .execute();
    const groups = await db
      .selectFrom("group_member")
      .innerJoin("person_group", "person_group.id", "group_member.member_id")
      .select(["person_group.id as groupId", "person_group.name as name"])
      .where("group_member.group_id", "=", groupId)
      .where("group_member.member_kind", "=", "group")
      .orderBy("person_group.name_key")
      .limit(MAX_SHOWN_GROUPS)
      .execute();
    return { people, groups, memberOf: await this.directOf("group", groupId) };
  }

  /** The groups a person or group is directly in. */
  directOf(kind: "person" | "group", memberId: string) {
    return this.#store.db
      .selectFrom("group_member")
      .innerJoin("person_group", "person_group.id", "group_member.group_id")
      .select(["person_group.id as groupId", "person_group.name as name"])
      .where("group_member.member_kind", "=", kind)
      .where("group_member.member_id", "=", memberId)
      .orderBy("person_group.name_key")
      .limit(MAX_SHOWN_GROUPS)
      .execute();
  }

  /** Those of these groups that exist. */
  async existing(groupIds: readonly string[]): Promise<readonly { id: string; name: string }[]> {
    if (groupIds.length === 0) return [];
    return this.#store.db
      .selectFrom("person_group")
      .select(["id", "name"])
      .where("id", "in", groupIds)
      .execute();
  }

  /** A fresh group id. */
  makeId(): string {
    return makeUuidV7(this.#environment.now(), this.#environment.randomBytes(10));
  }

  /** Creates a group. Fails with `conflict` on a name taken. */
  async create(id: string, fields: { name: string; description: string; siteId: string | null }) {
    const row: PersonGroupRow = {
      id,
      name: fields.name,
      name_key: foldName(fields.name),
      description: fields.description,
      site_id: fields.siteId,
      created_at_ms: this.#environment.now(),
    };
    await this.#store.db.insertInto("person_group").values(row).execute().catch(refuseTwin);
    return row;
  }

  /** Changes a group. Fails with `conflict` on a name taken. */
  async update(
    row: PersonGroupRow,
    changes: { name: string; description: string; siteId: string | null },
  ): Promise<PersonGroupRow> {
    const { name, description, siteId } = changes;
    const next = { name, name_key: foldName(name), description, site_id: siteId };
    await this.#store.db
      .updateTable("person_group")
      .set(next)
      .where("id", "=", row.id)
      .execute()
      .catch(refuseTwin);
    return { ...row, ...next };
  }

  /** Deletes a group with its memberships, both ways. */
  async delete(groupId: string): Promise<void> {
    await this.#store.db.transaction().execute(async (transaction) => {
      await transaction
        .deleteFrom("group_member")
        .where((where) =>
          where.or([
            where("group_id", "=", groupId),
            where.and([where("member_kind", "=", "group"), where("member_id", "=", groupId)]),
          ]),
        )
        .execute();
      await transaction.deleteFrom("person_group").where("id", "=", groupId).execute();
    });
  }

  /** Adds and removes members. Fails with `group-cycle` when the group would contain itself. */
  async change(groupId: string, changes: MemberChanges): Promise<void> {
    for (const memberId of changes.addGroupIds) await this.#refuseCycle(groupId, memberId);
    await this.#store.db.transaction().execute(async (transaction) => {
      for (const kind of ["person", "group"] as const) {
        const added = kind === "person" ? changes.addPersonIds : changes.addGroupIds;
        const removed = kind === "person" ? changes.removePersonIds : changes.removeGroupIds;
        // Added ones are removed first: adding twice changes nothing, on every engine.
        const gone = [...new Set([...removed, ...added])];
        if (gone.length > 0)
          await transaction
            .deleteFrom("group_member")
            .where("group_id", "=", groupId)
            .where("member_kind", "=", kind)
            .where("member_id", "in", gone)
            .execute();
        const rows = [...new Set(added)].map((member_id) => ({
          group_id: groupId,
          member_kind: kind,
          member_id,
        }));
        if (rows.length > 0) await transaction.insertInto("group_member").values(rows).execute();
      }
    });
  }

  async #refuseCycle(groupId: string, memberId: string): Promise<void> {
    const above = new Set([groupId]);
    let next = [groupId];
    for (let depth = 0; next.length > 0 && depth < MAX_DEPTH; depth++) {
      next = (await this.#containing("group", next)).filter((id) => !above.has(id));
      for (const id of next) above.add(id);
    }
    // As deep as is followed, or deeper: a nesting nobody can oversee is refused like a cycle.
    if (!above.has(memberId) && next.length === 0) return;
    const row = await this.#store.db
      .selectFrom("person_group")
      .select("name")
      .where("id", "=", memberId)
      .executeTakeFirst();
    throw new Failure("group-cycle", { name: row?.name ?? memberId });
  }

  async #containing(kind: "person" | "group", memberIds: readonly string[]): Promise<string[]> {
    const rows = await this.#store.db
      .selectFrom("group_member")
      .select("group_id")
      .distinct()
      .where("member_kind", "=", kind)
      .where("member_id", "in", memberIds)
      .execute();
    return rows.map((row) => row.group_id);
  }

  async #show(rows: readonly PersonGroupRow[]): Promise<ShownGroup[]> {
    if (rows.length === 0) return [];
    const counts = await this.#store.db
      .selectFrom("group_member")
      .select((select) => ["group_id", "member_kind", select.fn.countAll<number>().as("count")])
      .where(
        "group_id",
        "in",
        rows.map((row) => row.id),
      )
      .groupBy(["group_id", "member_kind"])
      .execute();
    const count = (groupId: string, kind: "person" | "group") =>
      Number(counts.find((one) => one.group_id === groupId && one.member_kind === kind)?.count ?? 0);
    return rows.map((row) => ({
      groupId: row.id,
      name: row.name,
      description: row.description,
      siteId: row.site_id,
      personCount: count(row.id, "person"),
      groupCount: count(row.id, "group"),
      createdAtMs: row.created_at_ms,
    }));
  }
}

function likePattern(search: string): string {
  // A sign that means something in a pattern stands for any one character: groups are few, and a hit too many is seen.
  return `%${foldText(search).replace(/[%_\\]/g, "_")}%`;
}

function refuseTwin(error: unknown): never {
  throw isDuplicate(error)
    ? new Failure("conflict", { detail: "a group of this name exists" }, error)
    : error;
}
