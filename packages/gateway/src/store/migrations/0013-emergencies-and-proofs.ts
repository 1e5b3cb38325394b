import type { StoreMigration } from "./migration.ts";

/** Who closed an emergency whose report never came; what commands did, on its way to the journal. */
export const emergenciesAndProofsMigration: StoreMigration = {
  name: "0013-emergencies-and-proofs",
  async up(db, { types }) {
    await db.schema.alterTable("access_request").addColumn("closed_by_name", types.text(200)).execute();
    await db.schema
      .createIndex("access_request_by_emergency")
      .on("access_request")
      .columns(["is_emergency", "person_id"])
      .execute();
    await db.schema
      .createTable("proof_note")
      .addColumn("id", types.id, (column) => column.primaryKey())
      .addColumn("kind", types.text(40), (column) => column.notNull())
      .addColumn("at_ms", types.bigint, (column) => column.notNull())
      .addColumn("is_good", types.flag, (column) => column.notNull())
      .addColumn("details", types.longText, (column) => column.notNull())
      .addColumn("is_journaled", types.flag, (column) => column.notNull())
      .execute();
    await db.schema
      .createIndex("proof_note_by_journaled")
      .on("proof_note")
      .columns(["is_journaled", "id"])
      .execute();
  },
};
