import { makeUuidV7 } from "@poterne/bytes";
import { SIGN_IN_LINK_FRAGMENT } from "@poterne/contract";
import type { Environment } from "../environment.ts";
import type { Store } from "../store/store.ts";
import type { AuthSettings } from "./auth-settings.ts";
import type { LinkKind, OneTimeLinkRow } from "./auth-tables.ts";
import { hashSecretToken, makeSecretToken } from "./secret-token.ts";

/** How long a link to the console's owner holds. */
const OWN_LINK_MS = 3_600_000;
/** How long a link handed to a new person or by the help desk holds. */
const HANDED_LINK_MS = 24 * 3_600_000;

const LIFETIME_MS: Readonly<Record<LinkKind, number>> = {
  "first-administrator": OWN_LINK_MS,
  demo: OWN_LINK_MS,
  first: 7 * HANDED_LINK_MS,
  password: HANDED_LINK_MS,
  factor: HANDED_LINK_MS,
  both: HANDED_LINK_MS,
};

/** A link as it is shown, once. */
export interface ShownLink {
  readonly url: string;
  readonly expiresAtMs: number;
}

/** One-time links: 256 bits in the URL's fragment, kept as a hash, good once and for a time. */
export class OneTimeLinks {
  readonly #store: Store;
  readonly #environment: Environment;
  readonly #settings: () => AuthSettings;

  constructor(store: Store, environment: Environment, settings: () => AuthSettings) {
    this.#store = store;
    this.#environment = environment;
    this.#settings = settings;
  }

  /** Makes a link for a person; earlier ones of theirs end. */
  async make(personId: string, kind: LinkKind): Promise<ShownLink> {
    const now = this.#environment.now();
    const token = makeSecretToken(this.#environment);
    const expiresAtMs = now + LIFETIME_MS[kind];
    await this.end(personId);
    await this.#store.db
      .insertInto("one_time_link")
      .values({
        id: makeUuidV7(now, this.#environment.randomBytes(10)),
        token_hash: hashSecretToken(token),
        person_id: personId,
        kind,
        created_at_ms: now,
        expires_at_ms: expiresAtMs,
        used_at_ms: null,
      })
      .execute();
    const url = new URL("/sign-in", this.#settings().publicUrl);
    url.hash = `${SIGN_IN_LINK_FRAGMENT}=${token}`;
    return { url: url.href, expiresAtMs };
  }

  /** Uses a link up; null when it is unknown, used or expired. Of two at once, one gets it. */
  async take(token: string): Promise<OneTimeLinkRow | null> {
    const now = this.#environment.now();
    const row = await this.#store.db
      .selectFrom("one_time_link")
      .selectAll()
      .where("token_hash", "=", hashSecretToken(token))
      .executeTakeFirst();
    if (row === undefined || row.used_at_ms !== null || row.expires_at_ms <= now) return null;
    const result = await this.#store.db
      .updateTable("one_time_link")
      .set({ used_at_ms: now })
      .where("id", "=", row.id)
      .where("used_at_ms", "is", null)
      .executeTakeFirst();
    return Number(result.numUpdatedRows) === 1 ? row : null;
  }

  /** The open link of a person, null for none. */
  async open(personId: string): Promise<OneTimeLinkRow | null> {
    const row = await this.#store.db
      .selectFrom("one_time_link")
      .selectAll()
      .where("person_id", "=", personId)
      .where("used_at_ms", "is", null)
      .where("expires_at_ms", ">", this.#environment.now())
      .executeTakeFirst();
    return row ?? null;
  }

  /** Ends the links of a person. */
  async end(personId: string): Promise<void> {
    await this.#store.db.deleteFrom("one_time_link").where("person_id", "=", personId).execute();
  }

  /** Ends every link of a kind: of the first administrator's, only the newest is good. */
  async endKind(kind: LinkKind): Promise<void> {
    await this.#store.db.deleteFrom("one_time_link").where("kind", "=", kind).execute();
  }

  /** Forgets what has expired. */
  async sweep(): Promise<void> {
    await this.#store.db
      .deleteFrom("one_time_link")
      .where("expires_at_ms", "<=", this.#environment.now())
      .execute();
  }
}
