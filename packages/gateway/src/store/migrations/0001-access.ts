import { policyRules } from "@poterne/contract";
import type { CreateTableBuilder } from "kysely";
import { addSearchIndex } from "../search.ts";
import type { MigrationDb, MigrationDialect, StoreMigration } from "./migration.ts";

/** The policy every store begins with. */
export const FIRST_POLICY_ID = "00000000-0000-7000-8000-000000000001";

/** Sites, machines, targets, accounts, policies, grants and a person's marks on targets. */
export const accessMigration: StoreMigration = {
  name: "0001-access",
  async up(db, dialect) {
    await createRevision(db, dialect);
    await createFleet(db, dialect);
    await createAccounts(db, dialect);
    await createPolicies(db, dialect);
    await createGrants(db, dialect);
    for (const table of ["site", "machine", "target", "account", "policy", "access_grant"]) {
      await db.schema.createIndex(`${table}_by_revision`).on(table).columns(["revision", "id"]).execute();
      await addSearchIndex(db, dialect.engine, table);
    }
    await insertFirstPolicy(db);
  },
};

function withObjectColumns<T extends string>(
  table: CreateTableBuilder<T>,
  { types }: MigrationDialect,
): CreateTableBuilder<T | string> {
  return table
    .addColumn("id", types.id, (column) => column.primaryKey())
    .addColumn("version", types.integer, (column) => column.notNull())
    .addColumn("revision", types.bigint, (column) => column.notNull())
    .addColumn("created_at_ms", types.bigint, (column) => column.notNull())
    .addColumn("changed_at_ms", types.bigint, (column) => column.notNull())
    .addColumn("deleted_at_ms", types.bigint)
    .addColumn("search_text", types.longText, (column) => column.notNull());
}

function withNameColumns<T extends string>(
  table: CreateTableBuilder<T>,
  dialect: MigrationDialect,
): CreateTableBuilder<T | string> {
  const { types } = dialect;
  return withObjectColumns(table, dialect)
    .addColumn("name", types.text(120), (column) => column.notNull())
    .addColumn("folded_name", types.text(150), (column) => column.notNull())
    .addColumn("unique_key", types.text(190), (column) => column.unique());
}

async function createRevision(db: MigrationDb, { types }: MigrationDialect): Promise<void> {
  await db.schema
    .createTable("store_revision")
    .addColumn("id", types.integer, (column) => column.primaryKey())
    .addColumn("revision", types.bigint, (column) => column.notNull())
    .execute();
  await db.insertInto("store_revision").values({ id: 1, revision: 1 }).execute();
}

async function createFleet(db: MigrationDb, dialect: MigrationDialect): Promise<void> {
  const { types } = dialect;
  await withNameColumns(db.schema.createTable("site"), dialect)
    .addColumn("parent_id", types.id, (column) => column.references("site.id"))
    .addColumn("priority", types.integer, (column) => column.notNull())
    .addColumn("code", types.text(40), (column) => column.notNull())
    .addColumn("notes", types.longText, (column) => column.notNull())
    .execute();
  await withNameColumns(db.schema.createTable("machine"), dialect)
    .addColumn("site_id", types.id, (column) => column.notNull().references("site.id"))
    .addColumn("addresses", types.longText, (column) => column.notNull())
    .addColumn("facts", types.longText, (column) => column.notNull())
    .addColumn("kerberos_name", types.text(200), (column) => column.notNull())
    .addColumn("notes", types.longText, (column) => column.notNull())
    .addColumn("is_disabled", types.flag, (column) => column.notNull())
    .execute();
  await withNameColumns(db.schema.createTable("target"), dialect)
    .addColumn("machine_id", types.id, (column) =>
      column.notNull().references("machine.id").onDelete("cascade"),
    )
    .addColumn("protocol", types.text(16), (column) => column.notNull())
    .addColumn("port", types.integer, (column) => column.notNull())
    .addColumn("address", types.text(253))
    .addColumn("options", types.longText, (column) => column.notNull())
    .addColumn("is_disabled", types.flag, (column) => column.notNull())
    .execute();
  await createTargetIdentity(db, dialect);
  await db.schema.createIndex("site_by_parent").on("site").columns(["parent_id", "folded_name"]).execute();
  await db.schema.createIndex("machine_by_name").on("machine").columns(["folded_name", "id"]).execute();
  await db.schema.createIndex("machine_by_site").on("machine").columns(["site_id", "folded_name"]).execute();
  await db.schema
    .createIndex("target_by_machine")
    .on("target")
    .columns(["machine_id", "folded_name"])
    .execute();
}

async function createTargetIdentity(db: MigrationDb, { types }: MigrationDialect): Promise<void> {
  await db.schema
    .createTable("target_identity")
    .addColumn("id", types.id, (column) => column.primaryKey())
    .addColumn("target_id", types.id, (column) =>
      column.notNull().references("target.id").onDelete("cascade"),
    )
    .addColumn("kind", types.text(24), (column) => column.notNull())
    .addColumn("algorithm", types.text(64), (column) => column.notNull())
    .addColumn("fingerprint", types.text(100), (column) => column.notNull())
    .addColumn("public_key", types.longText, (column) => column.notNull())
    .addColumn("pinned_by", types.id)
    .addColumn("pinned_at_ms", types.bigint, (column) => column.notNull())
    .addColumn("confirmed_by", types.id)
    .addColumn("confirmed_at_ms", types.bigint)
    .addUniqueConstraint("target_identity_once", ["target_id", "fingerprint"])
    .execute();
}

async function createAccounts(db: MigrationDb, dialect: MigrationDialect): Promise<void> {
  const { types } = dialect;
  await withNameColumns(db.schema.createTable("account"), dialect)
    .addColumn("site_id", types.id, (column) => column.references("site.id"))
    .addColumn("kind", types.text(16), (column) => column.notNull())
    .addColumn("username", types.text(256), (column) => column.notNull())
    .addColumn("notes", types.longText, (column) => column.notNull())
    .addColumn("is_disabled", types.flag, (column) => column.notNull())
    .addColumn("envelope", types.blob)
    .addColumn("secret_changed_at_ms", types.bigint)
    .addColumn("public_key", types.blob)
    .addColumn("certificate", types.blob)
    .execute();
  await db.schema.createIndex("account_by_name").on("account").columns(["folded_name", "id"]).execute();
}

async function createPolicies(db: MigrationDb, dialect: MigrationDialect): Promise<void> {
  const { types } = dialect;
  await withNameColumns(db.schema.createTable("policy"), dialect)
    .addColumn("site_id", types.id, (column) => column.references("site.id"))
    .addColumn("notes", types.longText, (column) => column.notNull())
    .addColumn("rules", types.longText, (column) => column.notNull())
    .addColumn("is_default", types.flag, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("policy_version")
    .addColumn("policy_id", types.id, (column) =>
      column.notNull().references("policy.id").onDelete("cascade"),
    )
    .addColumn("version", types.integer, (column) => column.notNull())
    .addColumn("name", types.text(120), (column) => column.notNull())
    .addColumn("rules", types.longText, (column) => column.notNull())
    .addColumn("comment", types.text(500), (column) => column.notNull())
    .addColumn("published_by", types.text(200), (column) => column.notNull())
    .addColumn("published_at_ms", types.bigint, (column) => column.notNull())
    .addPrimaryKeyConstraint("policy_version_key", ["policy_id", "version"])
    .execute();
}

async function createGrants(db: MigrationDb, dialect: MigrationDialect): Promise<void> {
  const { types } = dialect;
  await withObjectColumns(db.schema.createTable("access_grant"), dialect)
    .addColumn("site_id", types.id, (column) => column.references("site.id"))
    .addColumn("person_id", types.id)
    .addColumn("group_id", types.id)
    .addColumn("policy_id", types.id, (column) => column.notNull().references("policy.id"))
    .addColumn("valid_from_ms", types.bigint)
    .addColumn("valid_to_ms", types.bigint)
    .addColumn("note", types.text(500), (column) => column.notNull())
    .addColumn("is_disabled", types.flag, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("grant_object")
    .addColumn("grant_id", types.id, (column) =>
      column.notNull().references("access_grant.id").onDelete("cascade"),
    )
    .addColumn("kind", types.text(16), (column) => column.notNull())
    .addColumn("object_id", types.id, (column) => column.notNull())
    .addPrimaryKeyConstraint("grant_object_key", ["grant_id", "kind", "object_id"])
    .execute();
  await db.schema
    .createIndex("grant_object_by_object")
    .on("grant_object")
    .columns(["object_id", "kind"])
    .execute();
  await db.schema.createIndex("access_grant_by_person").on("access_grant").column("person_id").execute();
  await db.schema.createIndex("access_grant_by_group").on("access_grant").column("group_id").execute();
  await db.schema.createIndex("access_grant_by_policy").on("access_grant").column("policy_id").execute();
  await db.schema
    .createTable("person_target")
    .addColumn("person_id", types.id, (column) => column.notNull())
    .addColumn("target_id", types.id, (column) =>
      column.notNull().references("target.id").onDelete("cascade"),
    )
    .addColumn("is_favourite", types.flag, (column) => column.notNull())
    .addColumn("last_opened_at_ms", types.bigint)
    .addPrimaryKeyConstraint("person_target_key", ["person_id", "target_id"])
    .execute();
}

async function insertFirstPolicy(db: MigrationDb): Promise<void> {
  const rules = JSON.stringify(policyRules.parse({}));
  const name = "Standard";
  await db
    .insertInto("policy")
    .values({
      id: FIRST_POLICY_ID,
      version: 1,
      revision: 1,
      created_at_ms: 0,
      changed_at_ms: 0,
      deleted_at_ms: null,
      search_text: "standard",
      name,
      folded_name: "standard",
      unique_key: "/standard",
      site_id: null,
      notes: "",
      rules,
      is_default: 1,
    })
    .execute();
  await db
    .insertInto("policy_version")
    .values({
      policy_id: FIRST_POLICY_ID,
      version: 1,
      name,
      rules,
      comment: "",
      published_by: "",
      published_at_ms: 0,
    })
    .execute();
}
