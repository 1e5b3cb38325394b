import type { StoreMigration } from "./migration.ts";

/** Identities of one human being, and accounts that one named person at a time checks out. */
export const linksMigration: StoreMigration = {
  name: "0012-links",
  async up(db, { types }) {
    await db.schema
      .createTable("linked_person")
      .addColumn("person_id", types.id, (column) => column.primaryKey())
      .addColumn("human_id", types.id, (column) => column.notNull())
      .addColumn("linked_at_ms", types.bigint, (column) => column.notNull())
      .addColumn("linked_by_name", types.text(200), (column) => column.notNull())
      .addColumn("erased_at_ms", types.bigint)
      .execute();
    await db.schema.createIndex("linked_person_by_human").on("linked_person").column("human_id").execute();
    await db.schema.alterTable("account").addColumn("checkout_minutes", types.integer).execute();
    await db.schema.alterTable("account").addColumn("changes_after_return", types.flag).execute();
    await db.schema.alterTable("account").addColumn("is_change_due", types.flag).execute();
    await db.schema
      .createTable("account_checkout")
      .addColumn("id", types.id, (column) => column.primaryKey())
      .addColumn("account_id", types.id, (column) => column.notNull())
      .addColumn("open_key", types.id, (column) => column.unique())
      .addColumn("person_id", types.id, (column) => column.notNull())
      .addColumn("person_name", types.text(200), (column) => column.notNull())
      .addColumn("reason", types.longText, (column) => column.notNull())
      .addColumn("taken_at_ms", types.bigint, (column) => column.notNull())
      .addColumn("ends_at_ms", types.bigint, (column) => column.notNull())
      .addColumn("ended_at_ms", types.bigint)
      .addColumn("end_kind", types.text(10))
      .addColumn("ended_by_name", types.text(200))
      .execute();
    await db.schema
      .createIndex("account_checkout_by_account")
      .on("account_checkout")
      .columns(["account_id", "id"])
      .execute();
    await db.schema
      .createIndex("account_checkout_by_person")
      .on("account_checkout")
      .columns(["person_id", "id"])
      .execute();
  },
};
