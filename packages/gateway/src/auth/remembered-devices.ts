import { makeUuidV7 } from "@poterne/bytes";
import type { Environment } from "../environment.ts";
import type { Store } from "../store/store.ts";
import type { AuthSettings } from "./auth-settings.ts";
import type { RememberedDeviceRow } from "./auth-tables.ts";
import { hashSecretToken, makeSecretToken } from "./secret-token.ts";

/** Name of the cookie of a remembered browser; the prefix makes the browser demand HTTPS, this host and the whole path. */
export const DEVICE_COOKIE = "__Host-poterne-device";
/** Most remembered browsers of one person; above, the one used longest ago goes. */
export const MAX_REMEMBERED = 20;

/** What came of presenting a cookie. `replayed`: a token that was used before came again: somebody has a copy. */
export type RememberedOutcome =
  | { readonly isRemembered: true; readonly token: string; readonly endsAtMs: number }
  | {
      readonly isRemembered: false;
      readonly reason: "unknown" | "another-person" | "expired" | "replayed" | "off";
      readonly personId: string | null;
    };

/**
 * Remembered browsers in the store; of a cookie's token only the hash is kept. A token serves once: each use gives the next,
 * and one that comes again ends the browser's remembering.
 */
export class RememberedDevices {
  readonly #store: Store;
  readonly #environment: Environment;
  readonly #settings: () => AuthSettings;

  constructor(store: Store, environment: Environment, settings: () => AuthSettings) {
    this.#store = store;
    this.#environment = environment;
    this.#settings = settings;
  }

  /** Remembers a browser of a person; the token goes into its cookie and is not kept. */
  async remember(
    personId: string,
    browser: { readonly sourceAddress: string; readonly userAgent: string },
  ): Promise<{ readonly deviceId: string; readonly token: string; readonly endsAtMs: number }> {
    const now = this.#environment.now();
    const token = makeSecretToken(this.#environment);
    const row: RememberedDeviceRow = {
      id: makeUuidV7(now, this.#environment.randomBytes(10)),
      person_id: personId,
      token_hash: hashSecretToken(token),
      previous_hash: "",
      source_address: browser.sourceAddress.slice(0, 64),
      user_agent: browser.userAgent.slice(0, 300),
      created_at_ms: now,
      last_used_at_ms: now,
      ends_at_ms: now + this.#settings().rememberedMs,
    };
    await this.#store.db.insertInto("remembered_device").values(row).execute();
    const rows = await this.list(personId);
    for (const { id } of rows.slice(MAX_REMEMBERED)) await this.forget(personId, id);
    return { deviceId: row.id, token, endsAtMs: row.ends_at_ms };
  }

  /** Takes a cookie's token for the person who signs in, once; the answer has the next one. */
  async use(token: string, personId: string): Promise<RememberedOutcome> {
    const { rememberedMs } = this.#settings();
    if (rememberedMs === 0) return refusal("off", null);
    const hash = hashSecretToken(token.slice(0, 128));
    const row = await this.#find("token_hash", hash);
    if (row === null) {
      const copied = await this.#find("previous_hash", hash);
      if (copied === null) return refusal("unknown", null);
      await this.forget(copied.person_id, copied.id);
      return refusal("replayed", copied.person_id);
    }
    // Another person's cookie is left alone: two people may use one browser.
    if (row.person_id !== personId) return refusal("another-person", row.person_id);
    const now = this.#environment.now();
    if (!this.#isAlive(row)) {
      await this.forget(personId, row.id);
      return refusal("expired", personId);
    }
    const next = makeSecretToken(this.#environment);
    const changes = { token_hash: hashSecretToken(next), previous_hash: hash, last_used_at_ms: now };
    const result = await this.#store.db
      .updateTable("remembered_device")
      .set(changes)
      .where("id", "=", row.id)
      .where("token_hash", "=", hash)
      .executeTakeFirst();
    if (Number(result.numUpdatedRows) !== 1) return refusal("unknown", null);
    return {
      isRemembered: true,
      token: next,
      endsAtMs: Math.min(row.ends_at_ms, row.created_at_ms + rememberedMs),
    };
  }

  /** A person's remembered browsers, the one used last first. */
  async list(personId: string): Promise<RememberedDeviceRow[]> {
    const rows = await this.#store.db
      .selectFrom("remembered_device")
      .selectAll()
      .where("person_id", "=", personId)
      .orderBy("last_used_at_ms", "desc")
      .orderBy("id", "desc")
      .execute();
    return rows.filter((row) => this.#isAlive(row));
  }

  /** Forgets one of a person's; returns whether it was there. */
  async forget(personId: string, deviceId: string): Promise<boolean> {
    const result = await this.#store.db
      .deleteFrom("remembered_device")
      .where("id", "=", deviceId)
      .where("person_id", "=", personId)
      .executeTakeFirst();
    return Number(result.numDeletedRows) === 1;
  }

  /** Forgets all of a person's: after a reset, another password, a device taken away, signing out everywhere. */
  async forgetAll(personId: string): Promise<void> {
    await this.#store.db.deleteFrom("remembered_device").where("person_id", "=", personId).execute();
  }

  /** Forgets those that are over. */
  async sweep(): Promise<void> {
    const now = this.#environment.now();
    await this.#store.db.deleteFrom("remembered_device").where("ends_at_ms", "<=", now).execute();
  }

  /** Neither over, nor older than the setting of today allows. */
  #isAlive(row: RememberedDeviceRow): boolean {
    const now = this.#environment.now();
    return now < row.ends_at_ms && now < row.created_at_ms + this.#settings().rememberedMs;
  }

  async #find(column: "token_hash" | "previous_hash", hash: string): Promise<RememberedDeviceRow | null> {
    const row = await this.#store.db
      .selectFrom("remembered_device")
      .selectAll()
      .where(column, "=", hash)
      .executeTakeFirst();
    return row ?? null;
  }
}

function refusal(
  reason: "unknown" | "another-person" | "expired" | "replayed" | "off",
  personId: string | null,
): RememberedOutcome {
  return { isRemembered: false, reason, personId };
}
