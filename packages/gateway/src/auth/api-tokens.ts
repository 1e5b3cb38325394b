import { makeUuidV7 } from "@poterne/bytes";
import { Failure, RIGHTS, type Right } from "@poterne/contract";
import { isAdmitted, isNetwork, parseAddress, readNetworks } from "../access/networks.ts";
import type { Environment } from "../environment.ts";
import type { Store } from "../store/store.ts";
import type { ApiTokenRow } from "./auth-tables.ts";
import { hashSecretToken, makeSecretToken } from "./secret-token.ts";

/** How a token begins, so that secret scanners and people recognise one. */
const TOKEN_PREFIX = "poterne_";
/** Characters of a token shown in lists. */
const SHOWN_LENGTH = 14;
/** Most tokens of one person. */
const MAX_PER_PERSON = 50;
/** The last use is written at most so often. */
const TOUCH_EVERY_MS = 60_000;
const DAY_MS = 86_400_000;

/** A token as lists show it: never the secret. */
export interface ShownToken {
  readonly tokenId: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: Right[];
  readonly sourceNetworks: string[];
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly lastUsedAtMs: number | null;
  readonly lastSourceAddress: string;
}

/** Tokens of scripts: 256 bits, kept as a hash, with scopes, source networks and an end. */
export class ApiTokens {
  readonly #store: Store;
  readonly #environment: Environment;

  constructor(store: Store, environment: Environment) {
    this.#store = store;
    this.#environment = environment;
  }

  /** Makes a token; the secret is returned for showing once. Fails with `bad-request` on a network that is none. */
  async make(
    personId: string,
    wish: {
      readonly name: string;
      readonly scopes: readonly Right[];
      readonly sourceNetworks: readonly string[];
      readonly expiresInDays: number;
    },
  ): Promise<{ readonly token: string; readonly row: ShownToken }> {
    for (const network of wish.sourceNetworks)
      if (!isNetwork(network))
        throw new Failure("bad-request", { detail: `${network} is no address and no network` });
    if ((await this.list(personId)).length >= MAX_PER_PERSON)
      throw new Failure("conflict", { detail: `at most ${MAX_PER_PERSON} tokens` });
    const now = this.#environment.now();
    const token = `${TOKEN_PREFIX}${makeSecretToken(this.#environment)}`;
    const row: ApiTokenRow = {
      id: makeUuidV7(now, this.#environment.randomBytes(10)),
      token_hash: hashSecretToken(token),
      prefix: token.slice(0, SHOWN_LENGTH),
      person_id: personId,
      name: wish.name,
      scopes: JSON.stringify([...new Set(wish.scopes)]),
      source_networks: JSON.stringify(wish.sourceNetworks.map((network) => network.trim())),
      created_at_ms: now,
      expires_at_ms: now + wish.expiresInDays * DAY_MS,
      last_used_at_ms: null,
      last_source_address: "",
    };
    await this.#store.db.insertInto("api_token").values(row).execute();
    return { token, row: toShown(row) };
  }

  /** The token somebody presents, null when unknown, expired, or from an address it may not come from. */
  async present(token: string, sourceAddress: string): Promise<ApiTokenRow | null> {
    if (!token.startsWith(TOKEN_PREFIX) || token.length > 128) return null;
    const row = await this.#store.db
      .selectFrom("api_token")
      .selectAll()
      .where("token_hash", "=", hashSecretToken(token))
      .executeTakeFirst();
    const now = this.#environment.now();
    if (row === undefined || row.expires_at_ms <= now) return null;
    const admitted = readNetworks(JSON.parse(row.source_networks) as string[]);
    if (!isAdmitted(admitted, parseAddress(sourceAddress))) return null;
    const isRecent = now - (row.last_used_at_ms ?? 0) < TOUCH_EVERY_MS;
    if (!isRecent || row.last_source_address !== sourceAddress)
      await this.#store.db
        .updateTable("api_token")
        .set({ last_used_at_ms: now, last_source_address: sourceAddress.slice(0, 64) })
        .where("id", "=", row.id)
        .execute();
    return row;
  }

  /** The rights a token names, none when it is gone. */
  async scopesOf(tokenId: string): Promise<readonly Right[]> {
    const row = await this.#store.db
      .selectFrom("api_token")
      .select("scopes")
      .where("id", "=", tokenId)
      .executeTakeFirst();
    return row === undefined ? [] : readScopes(row.scopes);
  }

  /** A person's tokens, newest first. */
  async list(personId: string): Promise<ShownToken[]> {
    const rows = await this.#store.db
      .selectFrom("api_token")
      .selectAll()
      .where("person_id", "=", personId)
      .orderBy("created_at_ms", "desc")
      .orderBy("id", "desc")
      .execute();
    return rows.map(toShown);
  }

  /** Revokes a token of a person. Fails with `not-found`. */
  async revoke(personId: string, tokenId: string): Promise<void> {
    const result = await this.#store.db
      .deleteFrom("api_token")
      .where("id", "=", tokenId)
      .where("person_id", "=", personId)
      .executeTakeFirst();
    if (Number(result.numDeletedRows) !== 1) throw new Failure("not-found");
  }

  /** Revokes all of a person's. */
  async revokeAll(personId: string): Promise<void> {
    await this.#store.db.deleteFrom("api_token").where("person_id", "=", personId).execute();
  }
}

function toShown(row: ApiTokenRow): ShownToken {
  return {
    tokenId: row.id,
    name: row.name,
    prefix: row.prefix,
    scopes: readScopes(row.scopes),
    sourceNetworks: JSON.parse(row.source_networks) as string[],
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    lastUsedAtMs: row.last_used_at_ms,
    lastSourceAddress: row.last_source_address,
  };
}

/** Scopes as stored; a right that no longer exists is dropped. */
function readScopes(json: string): Right[] {
  const names = JSON.parse(json) as string[];
  return RIGHTS.filter((right) => names.includes(right));
}
