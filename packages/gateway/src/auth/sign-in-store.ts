import { makeUuidV7 } from "@poterne/bytes";
import type { Environment } from "../environment.ts";
import type { Store } from "../store/store.ts";
import type { AuthSettings } from "./auth-settings.ts";
import type { SignInRow } from "./auth-tables.ts";
import { hashSecretToken, makeSecretToken } from "./secret-token.ts";

/** Name of the browser's cookie; the prefix makes the browser demand HTTPS, this host and the whole path. */
export const SIGN_IN_COOKIE = "__Host-poterne";
/** A sign-in that does not get complete ends after so long. */
const UNDER_WAY_MS = 15 * 60_000;
/** The last request's time is written at most so often. */
const TOUCH_EVERY_MS = 30_000;
/** Most sign-ins of one person; above, the oldest ends. */
const MAX_PER_PERSON = 50;
/** Ids in one question to the store. */
const OPEN_OF_BATCH = 200;

/** What changes of a sign-in when it goes a step further. */
export type SignInProgress = Partial<Pick<SignInRow, "password_at_ms" | "factor_at_ms">>;

/** Told when sign-ins have ended here, so that what hangs on them ends too. */
export interface SignInEnds {
  ended(signInId: string): Promise<void>;
  endedAll(personId: string, exceptSignInId: string | null): Promise<void>;
}

/** The browsers' sign-ins in the store. Only the hash of a cookie's token is kept. */
export class SignInStore {
  readonly #store: Store;
  readonly #environment: Environment;
  readonly #settings: () => AuthSettings;
  #ends: SignInEnds | null = null;

  constructor(store: Store, environment: Environment, settings: () => AuthSettings) {
    this.#store = store;
    this.#environment = environment;
    this.#settings = settings;
  }

  /** Who is told of ends. */
  tell(ends: SignInEnds): void {
    this.#ends = ends;
  }

  /** Which of these are there and neither idle nor over; at most some thousands. */
  async openOf(signInIds: readonly string[]): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for (let at = 0; at < signInIds.length; at += OPEN_OF_BATCH) {
      const rows = await this.#store.db
        .selectFrom("sign_in")
        .select(["id", "ends_at_ms", "last_seen_at_ms"])
        .where("id", "in", signInIds.slice(at, at + OPEN_OF_BATCH))
        .execute();
      for (const row of rows) if (this.isOpen(row)) found.add(row.id);
    }
    return found;
  }

  /** Begins one; the token goes into the cookie and is not kept. */
  async begin(
    start: Pick<SignInRow, "person_id" | "link_kind" | "link_id" | "source_address" | "user_agent"> &
      SignInProgress,
  ): Promise<{ readonly row: SignInRow; readonly token: string }> {
    const now = this.#environment.now();
    const token = makeSecretToken(this.#environment);
    const row: SignInRow = {
      id: makeUuidV7(now, this.#environment.randomBytes(10)),
      token_hash: hashSecretToken(token),
      password_at_ms: null,
      factor_at_ms: null,
      completed_at_ms: null,
      created_at_ms: now,
      last_seen_at_ms: now,
      ends_at_ms: now + UNDER_WAY_MS,
      ...start,
    };
    await this.#store.db.insertInto("sign_in").values(row).execute();
    await this.#endOldest(row.person_id);
    return { row, token };
  }

  /** The sign-in of a cookie's token, null when unknown, ended or idle for too long. */
  async find(token: string | null): Promise<SignInRow | null> {
    if (token === null || token.length > 128) return null;
    const row = await this.#store.db
      .selectFrom("sign_in")
      .selectAll()
      .where("token_hash", "=", hashSecretToken(token))
      .executeTakeFirst();
    return row === undefined || !this.isOpen(row) ? null : row;
  }

  /** Whether neither limit has passed. */
  isOpen(row: Pick<SignInRow, "ends_at_ms" | "last_seen_at_ms">): boolean {
    const now = this.#environment.now();
    return now < row.ends_at_ms && now - row.last_seen_at_ms < this.#settings().idleMs;
  }

  /** Notes that the browser was heard of. */
  async touch(row: SignInRow): Promise<void> {
    const now = this.#environment.now();
    if (now - row.last_seen_at_ms < TOUCH_EVERY_MS) return;
    await this.#store.db
      .updateTable("sign_in")
      .set({ last_seen_at_ms: now })
      .where("id", "=", row.id)
      .execute();
  }

  /**
   * Writes progress under a new token: whoever knew the old one does not share what was gained. Null when the sign-in
   * ended or went on elsewhere in the meantime.
   */
  async progress(
    row: SignInRow,
    changes: SignInProgress & Partial<Pick<SignInRow, "completed_at_ms" | "ends_at_ms">>,
  ): Promise<{ readonly row: SignInRow; readonly token: string } | null> {
    const token = makeSecretToken(this.#environment);
    const next = { ...changes, token_hash: hashSecretToken(token), last_seen_at_ms: this.#environment.now() };
    const result = await this.#store.db
      .updateTable("sign_in")
      .set(next)
      .where("id", "=", row.id)
      .where("token_hash", "=", row.token_hash)
      .executeTakeFirst();
    return Number(result.numUpdatedRows) === 1 ? { row: { ...row, ...next }, token } : null;
  }

  /** Ends one sign-in; of one person only, when given. Returns whether it was there. */
  async end(signInId: string, personId?: string): Promise<boolean> {
    let query = this.#store.db.deleteFrom("sign_in").where("id", "=", signInId);
    if (personId !== undefined) query = query.where("person_id", "=", personId);
    const isEnded = Number((await query.executeTakeFirst()).numDeletedRows) === 1;
    if (isEnded) await this.#ends?.ended(signInId);
    return isEnded;
  }

  /** Ends all of a person's but one; returns how many. */
  async endAll(personId: string, exceptSignInId: string | null = null): Promise<number> {
    let query = this.#store.db.deleteFrom("sign_in").where("person_id", "=", personId);
    if (exceptSignInId !== null) query = query.where("id", "!=", exceptSignInId);
    const { numDeletedRows } = await query.executeTakeFirst();
    await this.#ends?.endedAll(personId, exceptSignInId);
    return Number(numDeletedRows);
  }

  /** A person's complete and open sign-ins, newest first. */
  async list(personId: string): Promise<SignInRow[]> {
    const rows = await this.#store.db
      .selectFrom("sign_in")
      .selectAll()
      .where("person_id", "=", personId)
      .where("completed_at_ms", "is not", null)
      .orderBy("created_at_ms", "desc")
      .execute();
    return rows.filter((row) => this.isOpen(row));
  }

  /** Forgets what has ended. */
  async sweep(): Promise<void> {
    const now = this.#environment.now();
    const { idleMs } = this.#settings();
    await this.#store.db
      .deleteFrom("sign_in")
      .where((where) =>
        where.or([where("ends_at_ms", "<=", now), where("last_seen_at_ms", "<=", now - idleMs)]),
      )
      .execute();
  }

  async #endOldest(personId: string): Promise<void> {
    const rows = await this.#store.db
      .selectFrom("sign_in")
      .select("id")
      .where("person_id", "=", personId)
      .orderBy("last_seen_at_ms", "desc")
      .orderBy("id", "desc")
      .execute();
    for (const row of rows.slice(MAX_PER_PERSON)) await this.end(row.id);
  }
}
