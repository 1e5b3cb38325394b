import type { StoreMigration } from "./migration.ts";

/** Licences that RDP licence servers issued to a gateway, sealed; they go with their target. */
export const licencesMigration: StoreMigration = {
  name: "0014-licences",
  async up(db, { types }) {
    await db.schema
      .createTable("rdp_licence")
      .addColumn("id", types.id, (column) => column.primaryKey())
      .addColumn("target_id", types.id, (column) =>
        column.notNull().references("target.id").onDelete("cascade"),
      )
      .addColumn("node_id", types.id, (column) => column.notNull())
      .addColumn("wish_key", types.text(64), (column) => column.notNull())
      .addColumn("version", types.bigint, (column) => column.notNull())
      .addColumn("issued_at_ms", types.bigint, (column) => column.notNull())
      .addColumn("envelope", types.blob, (column) => column.notNull())
      .addUniqueConstraint("rdp_licence_once", ["target_id", "node_id", "wish_key"])
      .execute();
  },
};
