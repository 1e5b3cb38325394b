import { sql } from "kysely";
import { addJournalSearchIndex } from "../journal-search.ts";
import type { MigrationDb, MigrationDialect, StoreMigration } from "./migration.ts";

/** The journal's searchable copy, how far it reaches, and the alarms each person has read. */
export const journalMigration: StoreMigration = {
  name: "0005-journal",
  up: async (db, dialect) => {
    await createEntry(db, dialect);
    await createIndexes(db);
    await addJournalSearchIndex(db, dialect.engine);
    await createMarks(db, dialect);
  },
};

async function createEntry(db: MigrationDb, { engine, types }: MigrationDialect): Promise<void> {
  const table = db.schema.createTable("journal_entry");
  // SQLite's text index refers to rows by number, which must not change when the file is compacted.
  const withKey =
    engine === "sqlite"
      ? table
          .addColumn("row_number", sql`integer`, (column) => column.primaryKey())
          .addColumn("id", types.id, (column) => column.notNull().unique())
      : table.addColumn("id", types.id, (column) => column.primaryKey());
  await withKey
    .addColumn("node_id", types.text(64), (column) => column.notNull())
    .addColumn("epoch", types.integer, (column) => column.notNull())
    .addColumn("sequence", types.bigint, (column) => column.notNull())
    .addColumn("hash", types.text(64), (column) => column.notNull())
    .addColumn("at_ms", types.bigint, (column) => column.notNull())
    .addColumn("kind", types.text(81), (column) => column.notNull())
    .addColumn("noun", types.text(40), (column) => column.notNull())
    .addColumn("level", types.text(8), (column) => column.notNull())
    .addColumn("actor_person_id", types.id)
    .addColumn("actor_name", types.text(200), (column) => column.notNull())
    .addColumn("source_address", types.text(64), (column) => column.notNull())
    .addColumn("person_id", types.id)
    .addColumn("target_id", types.id)
    .addColumn("machine_id", types.id)
    .addColumn("site_id", types.id)
    .addColumn("session_id", types.id)
    .addColumn("grant_id", types.id)
    .addColumn("details", types.longText, (column) => column.notNull())
    .addColumn("search_text", types.text(1500), (column) => column.notNull())
    .execute();
}

async function createIndexes(db: MigrationDb): Promise<void> {
  const indexes: Readonly<Record<string, readonly string[]>> = {
    journal_entry_by_kind: ["kind", "id"],
    journal_entry_by_noun: ["noun", "id"],
    journal_entry_by_level: ["level", "id"],
    journal_entry_by_actor: ["actor_person_id", "id"],
    journal_entry_by_person: ["person_id", "id"],
    journal_entry_by_target: ["target_id", "id"],
    journal_entry_by_machine: ["machine_id", "id"],
    journal_entry_by_site: ["site_id", "id"],
    journal_entry_by_session: ["session_id", "id"],
    journal_entry_by_address: ["source_address", "id"],
  };
  for (const [name, columns] of Object.entries(indexes)) {
    await db.schema
      .createIndex(name)
      .on("journal_entry")
      .columns([...columns])
      .execute();
  }
  await db.schema
    .createIndex("journal_entry_by_place")
    .unique()
    .on("journal_entry")
    .columns(["node_id", "epoch", "sequence", "hash"])
    .execute();
}

async function createMarks(db: MigrationDb, { types }: MigrationDialect): Promise<void> {
  await db.schema
    .createTable("journal_place")
    .addColumn("node_id", types.text(64), (column) => column.primaryKey())
    .addColumn("epoch", types.integer, (column) => column.notNull())
    .addColumn("sequence", types.bigint, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("alarm_read")
    .addColumn("person_id", types.id, (column) => column.primaryKey())
    .addColumn("entry_id", types.id, (column) => column.notNull())
    .addColumn("at_ms", types.bigint, (column) => column.notNull())
    .execute();
}
