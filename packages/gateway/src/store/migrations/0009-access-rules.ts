import type { MigrationDb, MigrationDialect, StoreMigration } from "./migration.ts";

/** Source addresses, public holidays, requests for access and the grants they give. */
export const accessRulesMigration: StoreMigration = {
  name: "0009-access-rules",
  async up(db, dialect) {
    const { types } = dialect;
    await db.schema
      .createTable("source_list")
      .addColumn("object_id", types.id, (column) => column.primaryKey())
      .addColumn("kind", types.text(10), (column) => column.notNull())
      .addColumn("networks", types.longText, (column) => column.notNull())
      .addColumn("revision", types.bigint, (column) => column.notNull())
      .execute();
    await db.schema
      .createTable("holiday")
      .addColumn("day", types.text(10), (column) => column.primaryKey())
      .addColumn("name", types.text(120), (column) => column.notNull())
      .execute();
    for (const column of ["request_id", "base_grant_id"])
      await db.schema.alterTable("access_grant").addColumn(column, types.id).execute();
    await db.schema.alterTable("access_grant").addColumn("is_emergency", types.flag).execute();
    await createRequests(db, dialect);
  },
};

async function createRequests(db: MigrationDb, { types }: MigrationDialect): Promise<void> {
  await db.schema
    .createTable("access_request")
    .addColumn("id", types.id, (column) => column.primaryKey())
    .addColumn("person_id", types.id, (column) => column.notNull())
    .addColumn("person_name", types.text(200), (column) => column.notNull())
    .addColumn("target_id", types.id, (column) => column.notNull())
    .addColumn("target_name", types.text(120), (column) => column.notNull())
    .addColumn("machine_name", types.text(120), (column) => column.notNull())
    .addColumn("site_id", types.id, (column) => column.notNull())
    .addColumn("base_grant_id", types.id, (column) => column.notNull())
    .addColumn("grant_id", types.id)
    .addColumn("policy_id", types.id, (column) => column.notNull())
    .addColumn("policy_name", types.text(120), (column) => column.notNull())
    .addColumn("state", types.text(10), (column) => column.notNull())
    .addColumn("reason", types.longText, (column) => column.notNull())
    .addColumn("ticket_number", types.text(100), (column) => column.notNull())
    .addColumn("from_ms", types.bigint)
    .addColumn("to_ms", types.bigint)
    .addColumn("minutes", types.integer, (column) => column.notNull())
    .addColumn("quorum", types.integer, (column) => column.notNull())
    .addColumn("approver_group_ids", types.longText, (column) => column.notNull())
    .addColumn("is_emergency", types.flag, (column) => column.notNull())
    .addColumn("report", types.longText)
    .addColumn("renews_id", types.id)
    .addColumn("created_at_ms", types.bigint, (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("access_request_by_person")
    .on("access_request")
    .columns(["person_id", "id"])
    .execute();
  await db.schema
    .createIndex("access_request_by_state")
    .on("access_request")
    .columns(["state", "id"])
    .execute();
  await db.schema
    .createTable("access_request_vote")
    .addColumn("request_id", types.id, (column) => column.notNull().references("access_request.id"))
    .addColumn("person_id", types.id, (column) => column.notNull())
    .addColumn("person_name", types.text(200), (column) => column.notNull())
    .addColumn("is_approval", types.flag, (column) => column.notNull())
    .addColumn("comment", types.longText, (column) => column.notNull())
    .addColumn("at_ms", types.bigint, (column) => column.notNull())
    .addPrimaryKeyConstraint("access_request_vote_key", ["request_id", "person_id"])
    .execute();
}
