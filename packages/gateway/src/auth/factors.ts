import { makeUuidV7 } from "@poterne/bytes";
import { type FactorMethod, Failure } from "@poterne/contract";
import type { Environment } from "../environment.ts";
import type { Keeper } from "../keeper/keeper.ts";
import type { Store } from "../store/store.ts";
import type { AuthSettings } from "./auth-settings.ts";
import type { CredentialTotpRow } from "./auth-tables.ts";
import { toBase32 } from "./base32.ts";
import { findTotpStep, TOTP_SECRET_BYTES, totpUri } from "./totp.ts";

/** Most devices of one person. */
const MAX_DEVICES = 10;

/** A device as lists show it. */
export interface Device {
  readonly factorId: string;
  readonly method: "totp" | "passkey";
  readonly name: string;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number | null;
}

/** Devices of people, and authenticator applications in full: their secrets are sealed by the keeper. */
export class Factors {
  readonly #store: Store;
  readonly #environment: Environment;
  readonly #keeper: Pick<Keeper, "sealSecret" | "openSecret">;
  readonly #settings: () => AuthSettings;

  constructor(
    store: Store,
    environment: Environment,
    keeper: Pick<Keeper, "sealSecret" | "openSecret">,
    settings: () => AuthSettings,
  ) {
    this.#store = store;
    this.#environment = environment;
    this.#keeper = keeper;
    this.#settings = settings;
  }

  /** A person's enrolled devices, oldest first. */
  async devices(personId: string): Promise<Device[]> {
    const [totps, passkeys] = await Promise.all([
      this.#confirmedTotps(personId),
      this.#store.db.selectFrom("credential_passkey").selectAll().where("person_id", "=", personId).execute(),
    ]);
    return [
      ...totps.map((row) => toDevice(row, "totp")),
      ...passkeys.map((row) => toDevice(row, "passkey")),
    ].sort((a, b) => a.createdAtMs - b.createdAtMs);
  }

  /** Which sorts of device people have, for lists. */
  async methodsOf(personIds: readonly string[]): Promise<ReadonlyMap<string, FactorMethod[]>> {
    if (personIds.length === 0) return new Map();
    const { db } = this.#store;
    const totps = await db
      .selectFrom("credential_totp")
      .select("person_id")
      .where("person_id", "in", personIds)
      .where("is_confirmed", "=", 1)
      .execute();
    const passkeys = await db
      .selectFrom("credential_passkey")
      .select("person_id")
      .where("person_id", "in", personIds)
      .execute();
    const has = (rows: { person_id: string }[], id: string) => rows.some((row) => row.person_id === id);
    return new Map(
      personIds.map((id) => [
        id,
        [
          ...(has(totps, id) ? (["totp"] as const) : []),
          ...(has(passkeys, id) ? (["passkey"] as const) : []),
        ],
      ]),
    );
  }

  /** Begins an enrolment: the secret is returned for showing and kept sealed. One under way replaces another. */
  async beginTotp(person: { readonly id: string; readonly login: string }) {
    await this.requireRoom(person.id);
    const now = this.#environment.now();
    const factorId = makeUuidV7(now, this.#environment.randomBytes(10));
    const secret = this.#environment.randomBytes(TOTP_SECRET_BYTES);
    const envelope = await this.#keeper.sealSecret(contextOf(factorId), secret);
    await this.#store.db
      .deleteFrom("credential_totp")
      .where("person_id", "=", person.id)
      .where("is_confirmed", "=", 0)
      .execute();
    await this.#store.db
      .insertInto("credential_totp")
      .values({
        id: factorId,
        person_id: person.id,
        name: "",
        envelope,
        is_confirmed: 0,
        last_step: 0,
        created_at_ms: now,
        last_used_at_ms: null,
      })
      .execute();
    const text = toBase32(secret);
    const { organisation, publicUrl } = this.#settings();
    const issuer = organisation === "" ? `Poterne ${publicUrl.hostname}` : `Poterne ${organisation}`;
    return { factorId, secret: text, uri: totpUri(text, issuer, person.login) };
  }

  /** Ends an enrolment with the application's first code; false when the code is not right. Fails with `not-found`. */
  async confirmTotp(personId: string, factorId: string, proof: { code: string; name: string }) {
    const row = await this.#store.db
      .selectFrom("credential_totp")
      .selectAll()
      .where("id", "=", factorId)
      .where("person_id", "=", personId)
      .where("is_confirmed", "=", 0)
      .executeTakeFirst();
    if (row === undefined) throw new Failure("not-found");
    return this.#acceptCode(row, proof.code, { is_confirmed: 1, name: proof.name });
  }

  /** Whether a code is one of the person's applications' and was not used; it is used up then. */
  async verifyTotp(personId: string, code: string): Promise<boolean> {
    for (const row of await this.#confirmedTotps(personId))
      if (await this.#acceptCode(row, code, {})) return true;
    return false;
  }

  /** Renames a device; false when it is none of the person's. */
  async rename(personId: string, factorId: string, name: string): Promise<boolean> {
    for (const table of ["credential_totp", "credential_passkey"] as const) {
      const result = await this.#store.db
        .updateTable(table)
        .set({ name })
        .where("id", "=", factorId)
        .where("person_id", "=", personId)
        .executeTakeFirst();
      if (Number(result.numUpdatedRows) === 1) return true;
    }
    return false;
  }

  /** Removes a device. Fails with `not-found`, or `last-factor` while a factor is required. */
  async remove(personId: string, factorId: string): Promise<Device> {
    const devices = await this.devices(personId);
    const device = devices.find((one) => one.factorId === factorId);
    if (device === undefined) throw new Failure("not-found");
    if (devices.length === 1 && this.#settings().isFactorRequired) throw new Failure("last-factor");
    const table = device.method === "totp" ? "credential_totp" : "credential_passkey";
    await this.#store.db.deleteFrom(table).where("id", "=", factorId).execute();
    await this.#forgetRemembered(personId);
    return device;
  }

  /** Forgets all devices of a person. */
  async forget(personId: string): Promise<void> {
    await this.#store.db.deleteFrom("credential_totp").where("person_id", "=", personId).execute();
    await this.#store.db.deleteFrom("credential_passkey").where("person_id", "=", personId).execute();
    await this.#forgetRemembered(personId);
  }

  /** A remembered browser stood for the devices of then. */
  async #forgetRemembered(personId: string): Promise<void> {
    await this.#store.db.deleteFrom("remembered_device").where("person_id", "=", personId).execute();
  }

  /** Throws `too-many-factors` when the person has all they may. */
  async requireRoom(personId: string): Promise<void> {
    if ((await this.devices(personId)).length >= MAX_DEVICES)
      throw new Failure("too-many-factors", { limit: MAX_DEVICES });
  }

  #confirmedTotps(personId: string): Promise<CredentialTotpRow[]> {
    return this.#store.db
      .selectFrom("credential_totp")
      .selectAll()
      .where("person_id", "=", personId)
      .where("is_confirmed", "=", 1)
      .execute();
  }

  async #acceptCode(
    row: CredentialTotpRow,
    code: string,
    changes: Partial<Pick<CredentialTotpRow, "is_confirmed" | "name">>,
  ): Promise<boolean> {
    const nowMs = this.#environment.now();
    const secret = await this.#keeper.openSecret(contextOf(row.id), row.envelope, contextOf(row.id));
    const step = findTotpStep(secret, code, { nowMs, lastStep: row.last_step });
    secret.fill(0);
    if (step === null) return false;
    // The condition is what makes a code count once, also for two requests at the same moment on two nodes.
    const result = await this.#store.db
      .updateTable("credential_totp")
      .set({ ...changes, last_step: step, last_used_at_ms: nowMs })
      .where("id", "=", row.id)
      .where("last_step", "<", step)
      .executeTakeFirst();
    return Number(result.numUpdatedRows) === 1;
  }
}

function contextOf(factorId: string): string {
  return `factor:${factorId}`;
}

function toDevice(
  row: { id: string; name: string; created_at_ms: number; last_used_at_ms: number | null },
  method: "totp" | "passkey",
): Device {
  return {
    factorId: row.id,
    method,
    name: row.name,
    createdAtMs: row.created_at_ms,
    lastUsedAtMs: row.last_used_at_ms,
  };
}
