import { makeUuidV7 } from "@poterne/bytes";
import { Failure, type ProviderConfig } from "@poterne/contract";
import type { Environment } from "../environment.ts";
import type { Store } from "../store/store.ts";
import { isDuplicate } from "../store/store-errors.ts";
import type {
  FederationRequestTableRow,
  IdentityBindingTableRow,
  IdentityProviderTableRow,
} from "./identity-tables.ts";

/** Most providers. */
const MAX_PROVIDERS = 50;

/** Providers, who comes from them, and federations' sign-ins under way, in the store. Journals nothing. */
export class IdentityStore {
  readonly #store: Store;
  readonly #environment: Environment;

  constructor(store: Store, environment: Environment) {
    this.#store = store;
    this.#environment = environment;
  }

  /** All providers in the order they are asked. */
  list(): Promise<IdentityProviderTableRow[]> {
    return this.#store.db
      .selectFrom("identity_provider")
      .selectAll()
      .orderBy("position")
      .orderBy("id")
      .limit(MAX_PROVIDERS)
      .execute();
  }

  /** A provider. Fails with `not-found`. */
  async require(providerId: string): Promise<IdentityProviderTableRow> {
    const row = await this.#store.db
      .selectFrom("identity_provider")
      .selectAll()
      .where("id", "=", providerId)
      .executeTakeFirst();
    if (row === undefined) throw new Failure("not-found");
    return row;
  }

  /** A fresh id. */
  makeId(): string {
    return makeUuidV7(this.#environment.now(), this.#environment.randomBytes(10));
  }

  /** Adds a provider, disabled and last. */
  async create(id: string, name: string, config: ProviderConfig): Promise<IdentityProviderTableRow> {
    const rows = await this.list();
    if (rows.length >= MAX_PROVIDERS)
      throw new Failure("conflict", { detail: "there are too many providers" });
    const row: IdentityProviderTableRow = {
      id,
      kind: config.kind,
      name,
      position: (rows.at(-1)?.position ?? 0) + 1,
      is_enabled: 0,
      config: JSON.stringify(config),
      envelope: null,
      revision: 1,
      created_at_ms: this.#environment.now(),
    };
    await this.#store.db.insertInto("identity_provider").values(row).execute();
    return row;
  }

  /** Changes a provider as it was read. Fails with `conflict` when it was changed in between. */
  async update(
    row: IdentityProviderTableRow,
    changes: Partial<Pick<IdentityProviderTableRow, "name" | "is_enabled" | "config" | "envelope">>,
  ): Promise<IdentityProviderTableRow> {
    const next = { ...changes, revision: row.revision + 1 };
    const result = await this.#store.db
      .updateTable("identity_provider")
      .set(next)
      .where("id", "=", row.id)
      .where("revision", "=", row.revision)
      .executeTakeFirst();
    if (Number(result.numUpdatedRows) !== 1)
      throw new Failure("conflict", { detail: "the provider was changed in the meantime" });
    return { ...row, ...next };
  }

  /** Gives all of them this order. */
  async order(providerIds: readonly string[]): Promise<void> {
    await this.#store.db.transaction().execute(async (transaction) => {
      for (const [index, id] of providerIds.entries())
        await transaction
          .updateTable("identity_provider")
          .set({ position: index + 1 })
          .where("id", "=", id)
          .execute();
    });
  }

  /** Deletes a provider nobody comes from. Fails with `conflict` otherwise. */
  async delete(providerId: string): Promise<void> {
    if (((await this.personCounts()).get(providerId) ?? 0) > 0)
      throw new Failure("conflict", { detail: "people come from this provider: disable it" });
    await this.#store.db.deleteFrom("federation_request").where("provider_id", "=", providerId).execute();
    await this.#store.db.deleteFrom("identity_provider").where("id", "=", providerId).execute();
  }

  /** How many people come from each. */
  async personCounts(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#store.db
      .selectFrom("identity_binding")
      .select((select) => ["provider_id", select.fn.countAll<number>().as("count")])
      .groupBy("provider_id")
      .execute();
    return new Map(rows.map((row) => [row.provider_id, Number(row.count)]));
  }

  /** Where a person comes from, null for this gateway. */
  async bindingOf(personId: string): Promise<IdentityBindingTableRow | null> {
    const row = await this.#store.db
      .selectFrom("identity_binding")
      .selectAll()
      .where("person_id", "=", personId)
      .executeTakeFirst();
    return row ?? null;
  }

  /** The person a provider calls so, null for nobody. */
  async bindingOfSubject(providerId: string, subject: string): Promise<IdentityBindingTableRow | null> {
    const row = await this.#store.db
      .selectFrom("identity_binding")
      .selectAll()
      .where("provider_id", "=", providerId)
      .where("subject", "=", subject)
      .executeTakeFirst();
    return row ?? null;
  }

  /** Binds a person to a provider. False when another one already has the subject. */
  async bind(binding: IdentityBindingTableRow): Promise<boolean> {
    try {
      await this.#store.db.insertInto("identity_binding").values(binding).execute();
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  /** Makes a person one of this gateway again. */
  async unbind(personId: string): Promise<void> {
    await this.#store.db.deleteFrom("identity_binding").where("person_id", "=", personId).execute();
  }

  /** Notes what the provider said of a person just now. */
  async noteChecked(personId: string, barred: IdentityBindingTableRow["barred"]): Promise<void> {
    await this.#store.db
      .updateTable("identity_binding")
      .set({ barred, checked_at_ms: this.#environment.now() })
      .where("person_id", "=", personId)
      .execute();
  }

  /** People of a provider it has not been asked about since, longest ago first; those it bars already are left out. */
  due(providerId: string, beforeMs: number, limit: number): Promise<IdentityBindingTableRow[]> {
    return this.#store.db
      .selectFrom("identity_binding")
      .selectAll()
      .where("provider_id", "=", providerId)
      .where("checked_at_ms", "<=", beforeMs)
      .where("barred", "=", "")
      .orderBy("checked_at_ms")
      .orderBy("person_id")
      .limit(limit)
      .execute();
  }

  /** Keeps a sign-in at a federation until its answer comes. */
  async keepRequest(row: FederationRequestTableRow): Promise<void> {
    await this.#store.db.insertInto("federation_request").values(row).execute();
  }

  /** Takes such a sign-in, once; null when unknown, taken or too old. */
  async takeRequest(stateHash: string): Promise<FederationRequestTableRow | null> {
    const row = await this.#store.db
      .selectFrom("federation_request")
      .selectAll()
      .where("state_hash", "=", stateHash)
      .executeTakeFirst();
    if (row === undefined) return null;
    // Whoever deletes it has it: of two answers at once, one.
    const result = await this.#store.db
      .deleteFrom("federation_request")
      .where("state_hash", "=", stateHash)
      .executeTakeFirst();
    return Number(result.numDeletedRows) === 1 && row.expires_at_ms > this.#environment.now() ? row : null;
  }

  /** Forgets federations' sign-ins nobody came back from. */
  async sweep(): Promise<void> {
    await this.#store.db
      .deleteFrom("federation_request")
      .where("expires_at_ms", "<=", this.#environment.now())
      .execute();
  }
}
