import { makeUuidV7 } from "@poterne/bytes";
import type { Environment } from "../environment.ts";
import type { Store } from "../store/store.ts";
import { hashSecretToken } from "./secret-token.ts";

/** Codes in a batch. */
const CODE_COUNT = 10;
/** Crockford's base 32: no letter that looks like a digit. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** Characters of a code: 80 bits, too many to try even with the hashes in hand, so a plain hash is enough. */
const CODE_LENGTH = 16;

/** One-time codes that replace a lost device; only their hashes are kept. */
export class RecoveryCodes {
  readonly #store: Store;
  readonly #environment: Environment;

  constructor(store: Store, environment: Environment) {
    this.#store = store;
    this.#environment = environment;
  }

  /** A new batch, to be shown once; the earlier one ends. Shaped `ABCD-EFGH-JKMN-PQRS`. */
  async renew(personId: string): Promise<string[]> {
    const now = this.#environment.now();
    const codes = Array.from({ length: CODE_COUNT }, () =>
      [...this.#environment.randomBytes(CODE_LENGTH)].map((byte) => ALPHABET[byte & 31]).join(""),
    );
    const rows = codes.map((code) => ({
      id: makeUuidV7(now, this.#environment.randomBytes(10)),
      person_id: personId,
      code_hash: hashCode(personId, code),
    }));
    await this.#store.db.transaction().execute(async (transaction) => {
      await transaction.deleteFrom("credential_recovery").where("person_id", "=", personId).execute();
      await transaction.insertInto("credential_recovery").values(rows).execute();
    });
    return codes.map((code) => code.replaceAll(/(.{4})(?=.)/g, "$1-"));
  }

  /** Uses a code up; false when it is none of the person's. Of two at once, one succeeds. */
  async use(personId: string, typed: string): Promise<boolean> {
    const result = await this.#store.db
      .deleteFrom("credential_recovery")
      .where("person_id", "=", personId)
      .where("code_hash", "=", hashCode(personId, readTypedCode(typed)))
      .executeTakeFirst();
    return Number(result.numDeletedRows) === 1;
  }

  /** How many are left. */
  async count(personId: string): Promise<number> {
    const { count } = await this.#store.db
      .selectFrom("credential_recovery")
      .select((select) => select.fn.countAll<number>().as("count"))
      .where("person_id", "=", personId)
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  /** Ends all. */
  async forget(personId: string): Promise<void> {
    await this.#store.db.deleteFrom("credential_recovery").where("person_id", "=", personId).execute();
  }
}

/** The person's id salts the hash: one guess cannot be tried on everybody. */
function hashCode(personId: string, code: string): string {
  return hashSecretToken(`${personId} ${code}`);
}

/** What was typed as the code it was meant for: case, hyphens and look-alikes set right. */
function readTypedCode(typed: string): string {
  return typed
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, "")
    .replaceAll("O", "0")
    .replace(/[IL]/g, "1");
}
