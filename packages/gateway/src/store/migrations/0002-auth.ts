import { addSearchIndex } from "../search.ts";
import type { MigrationDb, MigrationDialect, StoreMigration } from "./migration.ts";

/** People, groups, credentials, sign-ins, links, tokens and the charter. */
export const authMigration: StoreMigration = {
  name: "0002-auth",
  async up(db, dialect) {
    await createPeople(db, dialect);
    await createGroups(db, dialect);
    await createCharter(db, dialect);
    await createFactors(db, dialect);
    await createSignIns(db, dialect);
    await createLinksAndTokens(db, dialect);
  },
};

async function createPeople(db: MigrationDb, { engine, types }: MigrationDialect): Promise<void> {
  await db.schema
    .createTable("person")
    .addColumn("id", types.id, (column) => column.primaryKey())
    .addColumn("login", types.text(128), (column) => column.notNull())
    .addColumn("login_key", types.text(160), (column) => column.notNull().unique())
    .addColumn("name", types.text(200), (column) => column.notNull())
    .addColumn("name_key", types.text(190), (column) => column.notNull())
    .addColumn("search_text", types.text(800), (column) => column.notNull())
    .addColumn("email", types.text(254), (column) => column.notNull())
    .addColumn("language", types.text(8), (column) => column.notNull())
    .addColumn("theme", types.text(16), (column) => column.notNull())
    .addColumn("keyboard_mode", types.text(16), (column) => column.notNull())
    .addColumn("site_id", types.id)
    .addColumn("is_disabled", types.flag, (column) => column.notNull())
    .addColumn("needs_link", types.flag, (column) => column.notNull())
    .addColumn("password_hash", types.text(250))
    .addColumn("password_at_ms", types.bigint)
    .addColumn("charter_version", types.integer)
    .addColumn("created_at_ms", types.bigint, (column) => column.notNull())
    .addColumn("last_sign_in_at_ms", types.bigint)
    .addColumn("erased_at_ms", types.bigint)
    .execute();
  await db.schema.createIndex("person_by_name").on("person").columns(["name_key", "id"]).execute();
  await addSearchIndex(db, engine, "person");
  await db.schema
    .createTable("person_role")
    .addColumn("person_id", types.id, (column) => column.notNull().references("person.id"))
    .addColumn("role", types.text(32), (column) => column.notNull())
    .addColumn("site_id", types.id, (column) => column.notNull())
    .addPrimaryKeyConstraint("person_role_key", ["person_id", "role", "site_id"])
    .execute();
  await db.schema
    .createTable("person_password")
    .addColumn("id", types.id, (column) => column.primaryKey())
    .addColumn("person_id", types.id, (column) => column.notNull().references("person.id"))
    .addColumn("hash", types.text(250), (column) => column.notNull())
    .addColumn("set_at_ms", types.bigint, (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("person_password_by_person")
    .on("person_password")
    .columns(["person_id", "set_at_ms"])
    .execute();
}

async function createGroups(db: MigrationDb, { types }: MigrationDialect): Promise<void> {
  await db.schema
    .createTable("person_group")
    .addColumn("id", types.id, (column) => column.primaryKey())
    .addColumn("name", types.text(120), (column) => column.notNull())
    .addColumn("name_key", types.text(160), (column) => column.notNull().unique())
    .addColumn("description", types.text(1000), (column) => column.notNull())
    .addColumn("site_id", types.id)
    .addColumn("created_at_ms", types.bigint, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("group_member")
    .addColumn("group_id", types.id, (column) => column.notNull().references("person_group.id"))
    .addColumn("member_kind", types.text(8), (column) => column.notNull())
    .addColumn("member_id", types.id, (column) => column.notNull())
    .addPrimaryKeyConstraint("group_member_key", ["group_id", "member_kind", "member_id"])
    .execute();
  await db.schema
    .createIndex("group_member_by_member")
    .on("group_member")
    .columns(["member_id", "member_kind"])
    .execute();
}

async function createCharter(db: MigrationDb, { types }: MigrationDialect): Promise<void> {
  await db.schema
    .createTable("charter")
    .addColumn("version", types.integer, (column) => column.primaryKey())
    .addColumn("text_fr", types.longText, (column) => column.notNull())
    .addColumn("text_en", types.longText, (column) => column.notNull())
    .addColumn("created_at_ms", types.bigint, (column) => column.notNull())
    .addColumn("created_by_name", types.text(200), (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("charter_acceptance")
    .addColumn("person_id", types.id, (column) => column.notNull())
    .addColumn("version", types.integer, (column) => column.notNull())
    .addColumn("accepted_at_ms", types.bigint, (column) => column.notNull())
    .addPrimaryKeyConstraint("charter_acceptance_key", ["person_id", "version"])
    .execute();
}

async function createFactors(db: MigrationDb, { types }: MigrationDialect): Promise<void> {
  await db.schema
    .createTable("credential_totp")
    .addColumn("id", types.id, (column) => column.primaryKey())
    .addColumn("person_id", types.id, (column) => column.notNull().references("person.id"))
    .addColumn("name", types.text(80), (column) => column.notNull())
    .addColumn("envelope", types.blob, (column) => column.notNull())
    .addColumn("is_confirmed", types.flag, (column) => column.notNull())
    .addColumn("last_step", types.bigint, (column) => column.notNull())
    .addColumn("created_at_ms", types.bigint, (column) => column.notNull())
    .addColumn("last_used_at_ms", types.bigint)
    .execute();
  await db.schema
    .createTable("credential_passkey")
    .addColumn("id", types.id, (column) => column.primaryKey())
    .addColumn("person_id", types.id, (column) => column.notNull().references("person.id"))
    .addColumn("name", types.text(80), (column) => column.notNull())
    .addColumn("credential_hash", types.text(64), (column) => column.notNull().unique())
    .addColumn("credential_id", types.longText, (column) => column.notNull())
    .addColumn("public_key", types.blob, (column) => column.notNull())
    .addColumn("counter", types.bigint, (column) => column.notNull())
    .addColumn("transports", types.text(400), (column) => column.notNull())
    .addColumn("created_at_ms", types.bigint, (column) => column.notNull())
    .addColumn("last_used_at_ms", types.bigint)
    .execute();
  await db.schema
    .createTable("credential_recovery")
    .addColumn("id", types.id, (column) => column.primaryKey())
    .addColumn("person_id", types.id, (column) => column.notNull().references("person.id"))
    .addColumn("code_hash", types.text(64), (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("credential_challenge")
    .addColumn("id", types.id, (column) => column.primaryKey())
    .addColumn("challenge", types.text(128), (column) => column.notNull())
    .addColumn("purpose", types.text(16), (column) => column.notNull())
    .addColumn("person_id", types.id)
    .addColumn("expires_at_ms", types.bigint, (column) => column.notNull())
    .execute();
  for (const table of ["credential_totp", "credential_passkey", "credential_recovery"])
    await db.schema.createIndex(`${table}_by_person`).on(table).column("person_id").execute();
  await db.schema
    .createIndex("credential_challenge_by_end")
    .on("credential_challenge")
    .column("expires_at_ms")
    .execute();
}

async function createSignIns(db: MigrationDb, { types }: MigrationDialect): Promise<void> {
  await db.schema
    .createTable("sign_in")
    .addColumn("id", types.id, (column) => column.primaryKey())
    .addColumn("token_hash", types.text(64), (column) => column.notNull().unique())
    .addColumn("person_id", types.id, (column) => column.notNull())
    .addColumn("link_kind", types.text(32), (column) => column.notNull())
    .addColumn("link_id", types.id)
    .addColumn("password_at_ms", types.bigint)
    .addColumn("factor_at_ms", types.bigint)
    .addColumn("completed_at_ms", types.bigint)
    .addColumn("source_address", types.text(64), (column) => column.notNull())
    .addColumn("user_agent", types.text(300), (column) => column.notNull())
    .addColumn("created_at_ms", types.bigint, (column) => column.notNull())
    .addColumn("last_seen_at_ms", types.bigint, (column) => column.notNull())
    .addColumn("ends_at_ms", types.bigint, (column) => column.notNull())
    .execute();
  await db.schema.createIndex("sign_in_by_person").on("sign_in").column("person_id").execute();
  await db.schema.createIndex("sign_in_by_end").on("sign_in").column("ends_at_ms").execute();
  await db.schema
    .createTable("sign_in_guard")
    .addColumn("guard_key", types.text(120), (column) => column.primaryKey())
    .addColumn("failures", types.integer, (column) => column.notNull())
    .addColumn("updated_at_ms", types.bigint, (column) => column.notNull())
    .addColumn("blocked_until_ms", types.bigint, (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("sign_in_guard_by_update")
    .on("sign_in_guard")
    .column("updated_at_ms")
    .execute();
}

async function createLinksAndTokens(db: MigrationDb, { types }: MigrationDialect): Promise<void> {
  await db.schema
    .createTable("one_time_link")
    .addColumn("id", types.id, (column) => column.primaryKey())
    .addColumn("token_hash", types.text(64), (column) => column.notNull().unique())
    .addColumn("person_id", types.id, (column) => column.notNull())
    .addColumn("kind", types.text(32), (column) => column.notNull())
    .addColumn("created_at_ms", types.bigint, (column) => column.notNull())
    .addColumn("expires_at_ms", types.bigint, (column) => column.notNull())
    .addColumn("used_at_ms", types.bigint)
    .execute();
  await db.schema.createIndex("one_time_link_by_person").on("one_time_link").column("person_id").execute();
  await db.schema
    .createTable("api_token")
    .addColumn("id", types.id, (column) => column.primaryKey())
    .addColumn("token_hash", types.text(64), (column) => column.notNull().unique())
    .addColumn("prefix", types.text(16), (column) => column.notNull())
    .addColumn("person_id", types.id, (column) => column.notNull().references("person.id"))
    .addColumn("name", types.text(80), (column) => column.notNull())
    .addColumn("scopes", types.text(2000), (column) => column.notNull())
    .addColumn("source_networks", types.text(4000), (column) => column.notNull())
    .addColumn("created_at_ms", types.bigint, (column) => column.notNull())
    .addColumn("expires_at_ms", types.bigint, (column) => column.notNull())
    .addColumn("last_used_at_ms", types.bigint)
    .addColumn("last_source_address", types.text(64), (column) => column.notNull())
    .execute();
  await db.schema.createIndex("api_token_by_person").on("api_token").column("person_id").execute();
}
