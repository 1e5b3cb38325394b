import type { StoreMigration } from "./migration.ts";

/** Rules of the second factor, remembered browsers, and what stood for the factor at a sign-in. */
export const factorsMigration: StoreMigration = {
  name: "0011-factors",
  async up(db, { types }) {
    await db.schema
      .createTable("factor_rule_set")
      .addColumn("id", types.id, (column) => column.primaryKey())
      .addColumn("revision", types.integer, (column) => column.notNull())
      .addColumn("rules", types.longText, (column) => column.notNull())
      .execute();
    await db.schema
      .createTable("remembered_device")
      .addColumn("id", types.id, (column) => column.primaryKey())
      .addColumn("person_id", types.id, (column) => column.notNull())
      .addColumn("token_hash", types.text(64), (column) => column.notNull().unique())
      .addColumn("previous_hash", types.text(64), (column) => column.notNull())
      .addColumn("source_address", types.text(64), (column) => column.notNull())
      .addColumn("user_agent", types.text(300), (column) => column.notNull())
      .addColumn("created_at_ms", types.bigint, (column) => column.notNull())
      .addColumn("last_used_at_ms", types.bigint, (column) => column.notNull())
      .addColumn("ends_at_ms", types.bigint, (column) => column.notNull())
      .execute();
    await db.schema
      .createIndex("remembered_device_by_person")
      .on("remembered_device")
      .columns(["person_id", "id"])
      .execute();
    await db.schema
      .createIndex("remembered_device_by_previous")
      .on("remembered_device")
      .column("previous_hash")
      .execute();
    // Null for sign-ins begun before: nothing stood for their factor.
    await db.schema.alterTable("sign_in").addColumn("factor_by", types.text(16)).execute();
  },
};
