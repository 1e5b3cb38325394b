import type { MigrationDb, MigrationDialect, StoreMigration } from "./migration.ts";

/** The outbox of letters, outside people and their passes. */
export const mailAndVendorsMigration: StoreMigration = {
  name: "0010-mail-and-vendors",
  async up(db, dialect) {
    await createMail(db, dialect);
    await createVendors(db, dialect);
    const { types } = dialect;
    await db.schema.alterTable("access_grant").addColumn("pass_id", types.id).execute();
    await db.schema.alterTable("access_grant").addColumn("needs_guardian", types.flag).execute();
  },
};

async function createMail(db: MigrationDb, { types }: MigrationDialect): Promise<void> {
  await db.schema
    .createTable("mail")
    .addColumn("id", types.id, (column) => column.primaryKey())
    .addColumn("kind", types.text(30), (column) => column.notNull())
    .addColumn("person_id", types.id, (column) => column.notNull())
    .addColumn("address", types.text(254), (column) => column.notNull())
    .addColumn("language", types.text(2), (column) => column.notNull())
    .addColumn("subject", types.text(300), (column) => column.notNull())
    .addColumn("body", types.longText, (column) => column.notNull())
    .addColumn("unique_key", types.text(120), (column) => column.unique())
    .addColumn("state", types.text(10), (column) => column.notNull())
    .addColumn("attempts", types.integer, (column) => column.notNull())
    .addColumn("next_at_ms", types.bigint, (column) => column.notNull())
    .addColumn("expires_at_ms", types.bigint, (column) => column.notNull())
    .addColumn("last_error", types.text(300), (column) => column.notNull())
    .addColumn("created_at_ms", types.bigint, (column) => column.notNull())
    .addColumn("ended_at_ms", types.bigint)
    .execute();
  await db.schema.createIndex("mail_by_state").on("mail").columns(["state", "next_at_ms"]).execute();
  await db.schema.createIndex("mail_by_person").on("mail").columns(["person_id", "id"]).execute();
}

async function createVendors(db: MigrationDb, { types }: MigrationDialect): Promise<void> {
  await db.schema
    .createTable("vendor")
    .addColumn("person_id", types.id, (column) => column.primaryKey().references("person.id"))
    .addColumn("company", types.text(120), (column) => column.notNull())
    .addColumn("contract", types.text(120), (column) => column.notNull())
    .addColumn("created_at_ms", types.bigint, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("vendor_pass")
    .addColumn("id", types.id, (column) => column.primaryKey())
    .addColumn("person_id", types.id, (column) => column.notNull())
    .addColumn("person_name", types.text(200), (column) => column.notNull())
    .addColumn("company", types.text(120), (column) => column.notNull())
    .addColumn("contract", types.text(120), (column) => column.notNull())
    .addColumn("purpose", types.longText, (column) => column.notNull())
    .addColumn("site_id", types.id)
    .addColumn("from_ms", types.bigint, (column) => column.notNull())
    .addColumn("to_ms", types.bigint, (column) => column.notNull())
    .addColumn("networks", types.longText, (column) => column.notNull())
    .addColumn("target_ids", types.longText, (column) => column.notNull())
    .addColumn("account_ids", types.longText, (column) => column.notNull())
    .addColumn("target_names", types.longText, (column) => column.notNull())
    .addColumn("policy_id", types.id, (column) => column.notNull())
    .addColumn("policy_name", types.text(120), (column) => column.notNull())
    .addColumn("needs_guardian", types.flag, (column) => column.notNull())
    .addColumn("state", types.text(10), (column) => column.notNull())
    .addColumn("grant_id", types.id)
    .addColumn("proposed_by_id", types.id, (column) => column.notNull())
    .addColumn("proposed_by_name", types.text(200), (column) => column.notNull())
    .addColumn("proposed_at_ms", types.bigint, (column) => column.notNull())
    .addColumn("decided_by_id", types.id)
    .addColumn("decided_by_name", types.text(200))
    .addColumn("decided_at_ms", types.bigint)
    .addColumn("decision_comment", types.longText, (column) => column.notNull())
    .addColumn("revoked_by_name", types.text(200))
    .addColumn("revoked_at_ms", types.bigint)
    .addColumn("revoke_comment", types.longText, (column) => column.notNull())
    .addColumn("extensions", types.longText, (column) => column.notNull())
    .addColumn("closed_at_ms", types.bigint)
    .execute();
  await db.schema
    .createIndex("vendor_pass_by_person")
    .on("vendor_pass")
    .columns(["person_id", "id"])
    .execute();
  await db.schema.createIndex("vendor_pass_by_state").on("vendor_pass").columns(["state", "to_ms"]).execute();
}
