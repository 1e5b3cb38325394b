import { makeUuidV7 } from "@poterne/bytes";
import { Failure } from "@poterne/contract";
import type { Environment } from "../environment.ts";
import type { PeopleStore, Person } from "../people/people-store.ts";
import type { Store } from "../store/store.ts";
import type { AuthSettings } from "./auth-settings.ts";
import type { PasswordHasher } from "./password-hasher.ts";
import { checkPassword } from "./password-rules.ts";

/** Passwords people choose: the rules, what they had before, the hash. */
export class Passwords {
  readonly #store: Store;
  readonly #environment: Environment;
  readonly #people: PeopleStore;
  readonly #hasher: PasswordHasher;
  readonly #settings: () => AuthSettings;

  constructor(parts: {
    readonly store: Store;
    readonly environment: Environment;
    readonly people: PeopleStore;
    readonly hasher: PasswordHasher;
    readonly settings: () => AuthSettings;
  }) {
    this.#store = parts.store;
    this.#environment = parts.environment;
    this.#people = parts.people;
    this.#hasher = parts.hasher;
    this.#settings = parts.settings;
  }

  /** Checks what can be checked without a person: for the first administrator, who does not exist yet. */
  check(password: string, owner: { login: string; name: string; email: string }): void {
    const { organisation, passwordMinLength } = this.#settings();
    checkPassword(password, { ...owner, organisation }, passwordMinLength);
  }

  /** Gives a person a new password. Fails with the `password-…` rules. */
  async set(person: Person, password: string): Promise<Person> {
    this.check(password, person);
    await this.#refuseReuse(person, password);
    const hash = await this.#hasher.hash(password);
    const now = this.#environment.now();
    await this.#store.db
      .insertInto("person_password")
      .values({
        id: makeUuidV7(now, this.#environment.randomBytes(10)),
        person_id: person.id,
        hash,
        set_at_ms: now,
      })
      .execute();
    await this.#store.db.deleteFrom("remembered_device").where("person_id", "=", person.id).execute();
    return this.#people.update(person, { password_hash: hash, password_at_ms: now });
  }

  /** Hashes a right password again when its parameters are not today's. */
  async refresh(person: Person, password: string): Promise<void> {
    if (person.password_hash === null || !this.#hasher.needsRehash(person.password_hash)) return;
    await this.#people.update(person, { password_hash: await this.#hasher.hash(password) });
  }

  async #refuseReuse(person: Person, password: string): Promise<void> {
    const limit = this.#settings().passwordRememberedCount;
    const rows = await this.#store.db
      .selectFrom("person_password")
      .select(["id", "hash"])
      .where("person_id", "=", person.id)
      .orderBy("set_at_ms", "desc")
      .orderBy("id", "desc")
      .execute();
    for (const row of rows.slice(0, limit))
      if (await this.#hasher.verify(password, row.hash)) throw new Failure("password-reused", { limit });
    for (const row of rows.slice(Math.max(0, limit - 1)))
      await this.#store.db.deleteFrom("person_password").where("id", "=", row.id).execute();
  }
}
