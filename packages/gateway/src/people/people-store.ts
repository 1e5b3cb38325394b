import { makeUuidV7 } from "@poterne/bytes";
import { Failure, type Role } from "@poterne/contract";
import type { Environment } from "../environment.ts";
import { foldText } from "../store/fold-text.ts";
import type { Store } from "../store/store.ts";
import { isDuplicate } from "../store/store-errors.ts";
import type { PersonRow } from "./people-tables.ts";

/** Roles of a person and where the administrator's holds: null for everywhere (or without that role). */
export interface Roles {
  readonly roles: readonly Role[];
  readonly administeredSiteIds: readonly string[] | null;
}

const NO_ROLES: Roles = { roles: [], administeredSiteIds: null };

/** A person with their roles. */
export interface Person extends PersonRow, Roles {}

/** What somebody fills in about a person. */
export type PersonFields = Pick<PersonRow, "login" | "name" | "email" | "language" | "site_id">;

/** Longest key of the order by name, as the column has it. */
const NAME_KEY_LENGTH = 190;
/** Longest text that is searched, as the column has it. */
const SEARCH_TEXT_LENGTH = 800;

/** A login as it is compared: in NFKC and lower case. */
export function loginKey(login: string): string {
  return login.trim().normalize("NFKC").toLowerCase().slice(0, 160);
}

/** People and their roles in the store. Ends nothing and journals nothing: the acts above it do. */
export class PeopleStore {
  readonly #store: Store;
  readonly #environment: Environment;

  constructor(store: Store, environment: Environment) {
    this.#store = store;
    this.#environment = environment;
  }

  /** A fresh person id. */
  makeId(): string {
    return makeUuidV7(this.#environment.now(), this.#environment.randomBytes(10));
  }

  /** A person by id, null for none. */
  async find(personId: string): Promise<Person | null> {
    const row = await this.#store.db
      .selectFrom("person")
      .selectAll()
      .where("id", "=", personId)
      .executeTakeFirst();
    return row === undefined ? null : this.#withRoles(row);
  }

  /** A person by login, null for none. */
  async findByLogin(login: string): Promise<Person | null> {
    const row = await this.#store.db
      .selectFrom("person")
      .selectAll()
      .where("login_key", "=", loginKey(login))
      .executeTakeFirst();
    // The roles are asked for in either case, so that an unknown login costs the same.
    const roles = await this.rolesOf([row?.id ?? ""]);
    return row === undefined ? null : { ...row, ...(roles.get(row.id) ?? NO_ROLES) };
  }

  /** How many people there are, erased ones too. */
  async count(): Promise<number> {
    const { count } = await this.#store.db
      .selectFrom("person")
      .select((select) => select.fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  /** Ids of the administrators of the whole organisation that can sign in, at most two: all, or those no provider rules. */
  async wholeAdministrators(from: "anywhere" | "of this gateway" = "anywhere"): Promise<readonly string[]> {
    let select = this.#store.db.selectFrom("person_role");
    if (from === "of this gateway")
      select = select.where("person_role.person_id", "not in", (bound) =>
        bound.selectFrom("identity_binding").select("identity_binding.person_id"),
      );
    const rows = await select
      .innerJoin("person", "person.id", "person_role.person_id")
      .select("person.id")
      .where("person_role.role", "=", "administrator")
      .where("person_role.site_id", "=", "")
      .where("person.is_disabled", "=", 0)
      .orderBy("person.id")
      .limit(2)
      .execute();
    return rows.map((row) => row.id);
  }

  /** Creates a person with roles. Fails with `login-taken`. */
  async create(personId: string, fields: PersonFields, roles: Roles): Promise<Person> {
    const row: PersonRow = {
      id: personId,
      ...fields,
      ...searchKeys(fields),
      theme: "auto",
      keyboard_mode: "characters",
      is_disabled: 0,
      needs_link: 0,
      password_hash: null,
      password_at_ms: null,
      charter_version: null,
      created_at_ms: this.#environment.now(),
      last_sign_in_at_ms: null,
      erased_at_ms: null,
    };
    try {
      await this.#store.db.transaction().execute(async (transaction) => {
        await transaction.insertInto("person").values(row).execute();
        const roleRows = toRoleRows(personId, roles);
        if (roleRows.length > 0) await transaction.insertInto("person_role").values(roleRows).execute();
      });
    } catch (error) {
      throw isDuplicate(error) ? new Failure("login-taken", { login: fields.login }, error) : error;
    }
    return { ...row, ...roles };
  }

  /** Changes a person's row and, when given, all their roles. Fails with `login-taken`. */
  async update(
    person: Person,
    changes: Partial<Omit<PersonRow, "id" | "login_key" | "name_key" | "search_text">>,
    roles?: Roles,
  ): Promise<Person> {
    const next = { ...person, ...changes };
    try {
      await this.#store.db.transaction().execute(async (transaction) => {
        await transaction
          .updateTable("person")
          .set({ ...changes, ...searchKeys(next) })
          .where("id", "=", person.id)
          .execute();
        if (roles === undefined) return;
        await transaction.deleteFrom("person_role").where("person_id", "=", person.id).execute();
        const roleRows = toRoleRows(person.id, roles);
        if (roleRows.length > 0) await transaction.insertInto("person_role").values(roleRows).execute();
      });
    } catch (error) {
      throw isDuplicate(error) ? new Failure("login-taken", { login: next.login }, error) : error;
    }
    return { ...next, ...searchKeys(next), ...(roles ?? {}) };
  }

  /** Roles of several people, for lists. */
  async rolesOf(personIds: readonly string[]): Promise<ReadonlyMap<string, Roles>> {
    if (personIds.length === 0) return new Map();
    const rows = await this.#store.db
      .selectFrom("person_role")
      .selectAll()
      .where("person_id", "in", personIds)
      .execute();
    return new Map(
      personIds.map((personId) => [personId, fromRoleRows(rows.filter((row) => row.person_id === personId))]),
    );
  }

  async #withRoles(row: PersonRow): Promise<Person> {
    return { ...row, ...((await this.rolesOf([row.id])).get(row.id) ?? NO_ROLES) };
  }
}

function searchKeys(fields: Pick<PersonRow, "login" | "name" | "email">) {
  return {
    login_key: loginKey(fields.login),
    name_key: foldText(fields.name).slice(0, NAME_KEY_LENGTH),
    search_text: foldText(`${fields.name} ${fields.login} ${fields.email}`).slice(0, SEARCH_TEXT_LENGTH),
  };
}

function toRoleRows(personId: string, { roles, administeredSiteIds }: Roles) {
  return [...new Set(roles)].flatMap((role) => {
    const sites = role === "administrator" && administeredSiteIds !== null ? administeredSiteIds : [""];
    return [...new Set(sites)].map((siteId) => ({ person_id: personId, role, site_id: siteId }));
  });
}

function fromRoleRows(rows: readonly { role: Role; site_id: string }[]): Roles {
  const sites = rows.filter((row) => row.role === "administrator").map((row) => row.site_id);
  return {
    roles: [...new Set(rows.map((row) => row.role))],
    administeredSiteIds: sites.length === 0 || sites.includes("") ? null : sites,
  };
}
