import { createHash } from "node:crypto";
import { makeUuidV7 } from "@poterne/bytes";
import { Failure } from "@poterne/contract";
import type { Logger } from "pino";
import type { Environment } from "../environment.ts";
import type { Keeper } from "../keeper/keeper.ts";
import type { Store } from "../store/store.ts";
import { isDuplicate } from "../store/store-errors.ts";
import type { KeptLicence, LicenceShelf } from "./driver.ts";

/** Licences kept of one target: a server that asks for ever other ones fills no store. */
export const MAX_LICENCES = 4;

/** What keeping licences takes. */
export interface LicenceStoreParts {
  readonly store: Store;
  readonly keeper: Pick<Keeper, "sealSecret" | "openSecret">;
  readonly environment: Pick<Environment, "now" | "randomBytes">;
  readonly nodeId: string;
  readonly logger: Pick<Logger, "warn">;
}

/** Licences that licence servers issued to this gateway, sealed by the keeper (decision 0145). */
export class LicenceStore {
  readonly #parts: LicenceStoreParts;
  readonly #hardwareId: Uint8Array;

  constructor(parts: LicenceStoreParts) {
    this.#parts = parts;
    this.#hardwareId = createHash("md5").update(`poterne.rdp-licence.v1\0${parts.nodeId}`).digest();
  }

  /** The licences of one target, for one session: the keeper notes for whom it opens them. */
  shelf(targetId: string, sessionId: string): LicenceShelf {
    return {
      hardwareId: this.#hardwareId,
      load: () => this.#try([], () => this.#load(targetId, sessionId)),
      keep: (licence) => this.#try(undefined, () => this.#keep(targetId, licence)),
      forget: (key) => this.#try(undefined, () => this.#forget(targetId, key)),
    };
  }

  async #try<T>(otherwise: T, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#parts.logger.warn({ error }, "A target's licences cannot be read or kept");
      return otherwise;
    }
  }

  async #load(targetId: string, sessionId: string): Promise<readonly KeptLicence[]> {
    const { keeper } = this.#parts;
    const licences: KeptLicence[] = [];
    for (const { id, wish_key: key, version, envelope } of await this.#rowsOf(targetId).execute()) {
      try {
        const bytes = await keeper.openSecret(`licence:${id}`, envelope, `session:${sessionId}`);
        licences.push({ key, version, bytes });
      } catch (error) {
        // Sealed under a master key that is gone: the server gives another one.
        if (!(error instanceof Failure) || error.code !== "secret-unreadable") throw error;
      }
    }
    return licences;
  }

  async #keep(targetId: string, { key, version, bytes }: KeptLicence): Promise<void> {
    const { store, keeper, environment, nodeId } = this.#parts;
    const atMs = environment.now();
    const id = makeUuidV7(atMs, environment.randomBytes(10));
    const envelope = await keeper.sealSecret(`licence:${id}`, bytes);
    const row = { id, target_id: targetId, node_id: nodeId, wish_key: key, version, issued_at_ms: atMs };
    try {
      await store.db.transaction().execute(async (transaction) => {
        await transaction
          .deleteFrom("rdp_licence")
          .where("target_id", "=", targetId)
          .where("node_id", "=", nodeId)
          .where("wish_key", "=", key)
          .execute();
        await transaction
          .insertInto("rdp_licence")
          .values({ ...row, envelope })
          .execute();
      });
    } catch (error) {
      // Another session of the same target was given one at the same moment: that one is as good.
      if (!isDuplicate(error)) throw error;
    }
    const kept = await this.#rowsOf(targetId).execute();
    const extra = kept.slice(MAX_LICENCES).map((one) => one.id);
    if (extra.length > 0) await store.db.deleteFrom("rdp_licence").where("id", "in", extra).execute();
  }

  async #forget(targetId: string, key: string): Promise<void> {
    const { store, nodeId } = this.#parts;
    await store.db
      .deleteFrom("rdp_licence")
      .where("target_id", "=", targetId)
      .where("node_id", "=", nodeId)
      .where("wish_key", "=", key)
      .execute();
  }

  /** The newest first. */
  #rowsOf(targetId: string) {
    const { store, nodeId } = this.#parts;
    return store.db
      .selectFrom("rdp_licence")
      .selectAll()
      .where("target_id", "=", targetId)
      .where("node_id", "=", nodeId)
      .orderBy("issued_at_ms", "desc")
      .orderBy("id", "desc");
  }
}
