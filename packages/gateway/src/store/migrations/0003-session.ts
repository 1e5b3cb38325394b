import { addSearchIndex } from "../search.ts";
import type { StoreMigration } from "./migration.ts";

/** Sessions, live and ended. */
export const sessionMigration: StoreMigration = {
  name: "0003-session",
  async up(db, { engine, types }) {
    await db.schema
      .createTable("session")
      .addColumn("id", types.id, (column) => column.primaryKey())
      .addColumn("node_id", types.text(64), (column) => column.notNull())
      .addColumn("person_id", types.id, (column) => column.notNull())
      .addColumn("person_name", types.text(200), (column) => column.notNull())
      .addColumn("target_id", types.id, (column) => column.notNull())
      .addColumn("target_name", types.text(200), (column) => column.notNull())
      .addColumn("machine_id", types.id, (column) => column.notNull())
      .addColumn("machine_name", types.text(200), (column) => column.notNull())
      .addColumn("site_id", types.id, (column) => column.notNull())
      .addColumn("protocol", types.text(16), (column) => column.notNull())
      .addColumn("kind", types.text(16), (column) => column.notNull())
      .addColumn("account_name", types.text(200), (column) => column.notNull())
      .addColumn("grant_id", types.id, (column) => column.notNull())
      .addColumn("policy_name", types.text(200), (column) => column.notNull())
      .addColumn("reason", types.text(500), (column) => column.notNull())
      .addColumn("ticket_number", types.text(100), (column) => column.notNull())
      .addColumn("source_address", types.text(64), (column) => column.notNull())
      .addColumn("is_recorded", types.flag, (column) => column.notNull())
      .addColumn("needs_guardian", types.flag, (column) => column.notNull())
      .addColumn("search_text", types.text(800), (column) => column.notNull())
      .addColumn("opened_at_ms", types.bigint, (column) => column.notNull())
      .addColumn("ended_at_ms", types.bigint)
      .addColumn("end_code", types.text(64))
      .execute();
    await db.schema.createIndex("session_by_time").on("session").columns(["opened_at_ms", "id"]).execute();
    await db.schema
      .createIndex("session_by_person")
      .on("session")
      .columns(["person_id", "opened_at_ms"])
      .execute();
    await db.schema
      .createIndex("session_by_target")
      .on("session")
      .columns(["target_id", "opened_at_ms"])
      .execute();
    await db.schema
      .createIndex("session_by_site")
      .on("session")
      .columns(["site_id", "opened_at_ms"])
      .execute();
    await addSearchIndex(db, engine, "session");
    await db.schema.createIndex("session_live").on("session").columns(["ended_at_ms"]).execute();
  },
};
