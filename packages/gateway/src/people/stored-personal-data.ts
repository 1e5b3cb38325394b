import type { SelectQueryBuilder } from "kysely";
import type { Store } from "../store/store.ts";
import type { Tables } from "../store/tables.ts";
import type { PersonalDataSource } from "./personal-data.ts";

/** Most rows of one sort in an export, the newest; `total` says how many there are. */
const MAX_ROWS = 5000;

/** What the other nouns keep about a person in the store: grants, requests, marks, sessions, recordings, comments, journal. */
export function storedPersonalData({ db }: Store): PersonalDataSource[] {
  return [
    {
      name: "grants",
      collect: (personId) =>
        db
          .selectFrom("access_grant")
          .select(["id", "policy_id", "valid_from_ms", "valid_to_ms", "note", "created_at_ms"])
          .where("person_id", "=", personId)
          .where("deleted_at_ms", "is", null)
          .orderBy("id", "desc")
          .limit(MAX_ROWS)
          .execute(),
    },
    {
      name: "identityProviders",
      collect: (personId) =>
        db
          .selectFrom("identity_binding")
          .innerJoin("identity_provider", "identity_provider.id", "identity_binding.provider_id")
          .select(["identity_provider.name as provider", "identity_binding.subject"])
          .select(["identity_binding.barred", "identity_binding.checked_at_ms"])
          .where("identity_binding.person_id", "=", personId)
          .execute(),
    },
    {
      name: "rememberedBrowsers",
      collect: (personId) =>
        db
          .selectFrom("remembered_device")
          .select(["id", "source_address", "user_agent", "created_at_ms", "last_used_at_ms", "ends_at_ms"])
          .where("person_id", "=", personId)
          .orderBy("id", "desc")
          .limit(MAX_ROWS)
          .execute(),
    },
    {
      name: "accessRequests",
      collect: (personId) =>
        db
          .selectFrom("access_request")
          .select(["id", "target_name", "machine_name", "policy_name", "state", "reason", "ticket_number"])
          .select([
            "from_ms",
            "to_ms",
            "minutes",
            "is_emergency",
            "report",
            "closed_by_name",
            "created_at_ms",
          ])
          .where("person_id", "=", personId)
          .orderBy("id", "desc")
          .limit(MAX_ROWS)
          .execute(),
    },
    {
      name: "letters",
      collect: (personId) =>
        db
          .selectFrom("mail")
          .select(["kind", "address", "subject", "state", "created_at_ms", "ended_at_ms"])
          .where("person_id", "=", personId)
          .orderBy("id", "desc")
          .limit(MAX_ROWS)
          .execute(),
    },
    {
      name: "marksOnTargets",
      collect: (personId) =>
        db
          .selectFrom("person_target")
          .select(["target_id", "is_favourite", "last_opened_at_ms"])
          .where("person_id", "=", personId)
          .limit(MAX_ROWS)
          .execute(),
    },
    {
      name: "sessions",
      collect: async (personId) => {
        const mine = db.selectFrom("session").where("person_id", "=", personId);
        const items = await mine
          .select(["id", "target_name", "machine_name", "account_name", "reason", "ticket_number"])
          .select(["source_address", "is_recorded", "opened_at_ms", "ended_at_ms", "end_code"])
          .orderBy("opened_at_ms", "desc")
          .limit(MAX_ROWS)
          .execute();
        return { total: await totalOf(mine), items };
      },
    },
    {
      name: "recordings",
      collect: async (personId) => {
        const mine = db.selectFrom("recording").where("person_id", "=", personId);
        const items = await mine
          .select([
            "id as session_id",
            "target_name",
            "started_at_ms",
            "ended_at_ms",
            "size_bytes",
            "expires_at_ms",
          ])
          .select(["is_on_hold", "deleted_at_ms"])
          .orderBy("started_at_ms", "desc")
          .limit(MAX_ROWS)
          .execute();
        return { total: await totalOf(mine), items };
      },
    },
    {
      name: "comments",
      collect: (personId) =>
        db
          .selectFrom("recording_comment")
          .select(["session_id", "at_ms", "text", "created_at_ms"])
          .where("author_id", "=", personId)
          .orderBy("created_at_ms", "desc")
          .limit(MAX_ROWS)
          .execute(),
    },
    {
      name: "journal",
      collect: async (personId) => {
        const mine = db
          .selectFrom("journal_entry")
          .where((where) =>
            where.or([where("actor_person_id", "=", personId), where("person_id", "=", personId)]),
          );
        const items = await mine
          .select(["id", "at_ms", "kind", "actor_name", "source_address", "details"])
          .orderBy("id", "desc")
          .limit(MAX_ROWS)
          .execute();
        return { total: await totalOf(mine), items };
      },
    },
  ];
}

/** How many rows a query without columns has. */
async function totalOf<Table extends keyof Tables>(
  query: SelectQueryBuilder<Tables, Table, object>,
): Promise<number> {
  const { count } = await query
    .select((select) => select.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(count);
}
