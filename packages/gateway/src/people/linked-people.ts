import { makeUuidV7 } from "@poterne/bytes";
import type { LinkedPersonRow } from "@poterne/contract";
import type { Environment } from "../environment.ts";
import type { Store } from "../store/store.ts";

/** An identity of a human being. A human being whose last but one identity goes has no rows any more. */
export interface LinkedPersonTableRow {
  person_id: string;
  human_id: string;
  linked_at_ms: number;
  linked_by_name: string;
  /** Since when it is erased: the row stays to tell of it on the others' pages. */
  erased_at_ms: number | null;
}

/** All identities of a person's human being, the person's own included. */
export async function identitiesOf({ db }: Pick<Store, "db">, personId: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("linked_person as own")
    .innerJoin("linked_person as each", "each.human_id", "own.human_id")
    .select("each.person_id")
    .where("own.person_id", "=", personId)
    .execute();
  return rows.length === 0 ? [personId] : rows.map(({ person_id }) => person_id);
}

/** Which people are one human being: ordinary and administrator accounts. Links carry no right from one to the other. */
export class LinkedPeople {
  readonly #store: Store;
  readonly #environment: Environment;

  constructor(store: Store, environment: Environment) {
    this.#store = store;
    this.#environment = environment;
  }

  /** See `identitiesOf`. */
  identitiesOf(personId: string): Promise<readonly string[]> {
    return identitiesOf(this.#store, personId);
  }

  /** The others, oldest link first. */
  async list(personId: string): Promise<(LinkedPersonRow & { readonly siteId: string | null })[]> {
    const ids = (await this.identitiesOf(personId)).filter((id) => id !== personId);
    if (ids.length === 0) return [];
    const rows = await this.#store.db
      .selectFrom("linked_person")
      .innerJoin("person", "person.id", "linked_person.person_id")
      .select(["person.id", "person.name", "person.login", "person.site_id", "person.is_disabled"])
      .select(["person.last_sign_in_at_ms", "person.erased_at_ms as gone_at_ms"])
      .select(["linked_person.linked_at_ms", "linked_person.linked_by_name"])
      .where("linked_person.person_id", "in", ids)
      .orderBy("linked_person.linked_at_ms")
      .orderBy("person.id")
      .execute();
    const roles = await this.#store.db
      .selectFrom("person_role")
      .select(["person_id", "role"])
      .distinct()
      .where("person_id", "in", ids)
      .execute();
    return rows.map((row) => ({
      personId: row.id,
      name: row.name,
      login: row.login,
      siteId: row.site_id,
      roles: roles.filter(({ person_id }) => person_id === row.id).map(({ role }) => role),
      state: stateOf(row),
      linkedAtMs: row.linked_at_ms,
      linkedByName: row.linked_by_name,
      erasedAtMs: row.gone_at_ms,
    }));
  }

  /** Which identities of the same human being stay when one goes, as facts of the journal's entry; none without any. */
  async leftBy(personId: string): Promise<Record<string, string>> {
    const staying = (await this.list(personId)).filter(
      ({ state }) => state !== "erased" && state !== "disabled",
    );
    if (staying.length === 0) return {};
    return { linkedIdentitiesLeft: staying.map(({ name, login }) => `${name} (${login})`).join(", ") };
  }

  /** Makes two identities, and whatever each is linked to already, one human being. */
  async link(personId: string, otherPersonId: string, byName: string): Promise<void> {
    const now = this.#environment.now();
    const human_id = makeUuidV7(now, this.#environment.randomBytes(10));
    await this.#store.db.transaction().execute(async (transaction) => {
      for (const id of [personId, otherPersonId]) {
        const known = await identitiesOf({ db: transaction }, id);
        await transaction
          .updateTable("linked_person")
          .set({ human_id })
          .where("person_id", "in", known)
          .execute();
        const row = await transaction
          .selectFrom("linked_person")
          .select("person_id")
          .where("person_id", "=", id)
          .executeTakeFirst();
        if (row !== undefined) continue;
        const values = {
          person_id: id,
          human_id,
          linked_at_ms: now,
          linked_by_name: byName,
          erased_at_ms: null,
        };
        await transaction.insertInto("linked_person").values(values).execute();
      }
    });
  }

  /** Takes one identity out; a last one alone is linked to nothing. */
  async unlink(personId: string): Promise<void> {
    const others = (await this.identitiesOf(personId)).filter((id) => id !== personId);
    const gone = others.length <= 1 ? [personId, ...others] : [personId];
    await this.#store.db.deleteFrom("linked_person").where("person_id", "in", gone).execute();
  }

  /** Notes that an identity was erased; those left are told on their pages until somebody takes the row out. */
  async noteErased(personId: string): Promise<void> {
    await this.#store.db
      .updateTable("linked_person")
      .set({ erased_at_ms: this.#environment.now() })
      .where("person_id", "=", personId)
      .execute();
  }
}

function stateOf(row: {
  readonly is_disabled: number;
  readonly gone_at_ms: number | null;
  readonly last_sign_in_at_ms: number | null;
}): LinkedPersonRow["state"] {
  if (row.gone_at_ms !== null) return "erased";
  if (row.is_disabled === 1) return "disabled";
  return row.last_sign_in_at_ms === null ? "invited" : "active";
}
