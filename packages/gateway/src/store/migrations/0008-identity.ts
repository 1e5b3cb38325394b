import type { StoreMigration } from "./migration.ts";

/** Identity providers, who comes from them, and federations' sign-ins under way. */
export const identityMigration: StoreMigration = {
  name: "0008-identity",
  async up(db, { types }) {
    await db.schema
      .createTable("identity_provider")
      .addColumn("id", types.id, (column) => column.primaryKey())
      .addColumn("kind", types.text(16), (column) => column.notNull())
      .addColumn("name", types.text(120), (column) => column.notNull())
      .addColumn("position", types.integer, (column) => column.notNull())
      .addColumn("is_enabled", types.flag, (column) => column.notNull())
      .addColumn("config", types.longText, (column) => column.notNull())
      .addColumn("envelope", types.blob)
      .addColumn("revision", types.integer, (column) => column.notNull())
      .addColumn("created_at_ms", types.bigint, (column) => column.notNull())
      .execute();
    await db.schema
      .createTable("identity_binding")
      .addColumn("person_id", types.id, (column) => column.primaryKey().references("person.id"))
      .addColumn("provider_id", types.id, (column) => column.notNull().references("identity_provider.id"))
      .addColumn("subject", types.text(190), (column) => column.notNull())
      .addColumn("barred", types.text(16), (column) => column.notNull())
      .addColumn("checked_at_ms", types.bigint, (column) => column.notNull())
      .addUniqueConstraint("identity_binding_subject", ["provider_id", "subject"])
      .execute();
    await db.schema
      .createIndex("identity_binding_by_check")
      .on("identity_binding")
      .columns(["provider_id", "checked_at_ms"])
      .execute();
    await db.schema
      .createTable("federation_request")
      .addColumn("state_hash", types.text(64), (column) => column.primaryKey())
      .addColumn("provider_id", types.id, (column) => column.notNull())
      .addColumn("browser_hash", types.text(64), (column) => column.notNull())
      .addColumn("memory", types.longText, (column) => column.notNull())
      .addColumn("expires_at_ms", types.bigint, (column) => column.notNull())
      .execute();
  },
};
