import { addSearchIndex } from "../search.ts";
import type { MigrationDb, MigrationDialect, StoreMigration } from "./migration.ts";

/** Recordings and the marks in them. */
export const recordingMigration: StoreMigration = {
  name: "0004-recording",
  up: async (db, dialect) => {
    await createRecording(db, dialect);
    await createIndexes(db);
    await addSearchIndex(db, dialect.engine, "recording");
    await createComment(db, dialect);
  },
};

async function createRecording(db: MigrationDb, { types }: MigrationDialect): Promise<void> {
  await db.schema
    .createTable("recording")
    .addColumn("id", types.id, (column) => column.primaryKey())
    .addColumn("node_id", types.text(64), (column) => column.notNull())
    .addColumn("file_name", types.text(120), (column) => column.notNull())
    .addColumn("kind", types.text(16), (column) => column.notNull())
    .addColumn("protocol", types.text(16), (column) => column.notNull())
    .addColumn("person_id", types.id, (column) => column.notNull())
    .addColumn("person_name", types.text(200), (column) => column.notNull())
    .addColumn("target_id", types.id, (column) => column.notNull())
    .addColumn("target_name", types.text(200), (column) => column.notNull())
    .addColumn("machine_name", types.text(190), (column) => column.notNull())
    .addColumn("site_id", types.id, (column) => column.notNull())
    .addColumn("account_name", types.text(200), (column) => column.notNull())
    .addColumn("grant_id", types.id, (column) => column.notNull())
    .addColumn("reason", types.text(1000), (column) => column.notNull())
    .addColumn("search_text", types.text(2000), (column) => column.notNull())
    .addColumn("retention_days", types.integer, (column) => column.notNull())
    .addColumn("started_at_ms", types.bigint, (column) => column.notNull())
    .addColumn("ended_at_ms", types.bigint)
    .addColumn("duration_ms", types.bigint, (column) => column.notNull())
    .addColumn("size_bytes", types.bigint, (column) => column.notNull())
    .addColumn("end_code", types.text(64))
    .addColumn("integrity", types.text(16), (column) => column.notNull())
    .addColumn("journal_count", types.integer, (column) => column.notNull())
    .addColumn("journal_head", types.text(64), (column) => column.notNull())
    .addColumn("expires_at_ms", types.bigint)
    .addColumn("is_on_hold", types.flag, (column) => column.notNull())
    .addColumn("hold_reason", types.text(500))
    .addColumn("hold_by_name", types.text(200))
    .addColumn("hold_at_ms", types.bigint)
    .addColumn("deleted_reason", types.text(500))
    .addColumn("deleted_by_name", types.text(200))
    .addColumn("deleted_at_ms", types.bigint)
    .addColumn("deletion_entry_id", types.id)
    .addColumn("verdict", types.longText)
    .addColumn("comment_count", types.integer, (column) => column.notNull())
    .execute();
}

async function createIndexes(db: MigrationDb): Promise<void> {
  const indexes: Readonly<Record<string, readonly string[]>> = {
    recording_by_start: ["started_at_ms", "id"],
    recording_by_site: ["site_id", "started_at_ms"],
    recording_by_person: ["person_id", "started_at_ms"],
    recording_by_target: ["target_id", "started_at_ms"],
    recording_by_machine: ["machine_name", "started_at_ms"],
    recording_by_end: ["expires_at_ms"],
    recording_by_integrity: ["integrity", "started_at_ms"],
  };
  for (const [name, columns] of Object.entries(indexes))
    await db.schema
      .createIndex(name)
      .on("recording")
      .columns([...columns])
      .execute();
}

async function createComment(db: MigrationDb, { types }: MigrationDialect): Promise<void> {
  await db.schema
    .createTable("recording_comment")
    .addColumn("id", types.id, (column) => column.primaryKey())
    .addColumn("session_id", types.id, (column) => column.notNull().references("recording.id"))
    .addColumn("at_ms", types.bigint, (column) => column.notNull())
    .addColumn("text", types.text(2000), (column) => column.notNull())
    .addColumn("author_id", types.id, (column) => column.notNull())
    .addColumn("author_name", types.text(200), (column) => column.notNull())
    .addColumn("created_at_ms", types.bigint, (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("recording_comment_by_session")
    .on("recording_comment")
    .columns(["session_id", "at_ms"])
    .execute();
}
