import { createHash } from "node:crypto";
import { isIP } from "node:net";
import { makeUuidV7 } from "@poterne/bytes";
import { type confirmPasskey, Failure, type PasskeyAnswer } from "@poterne/contract";
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import type { z } from "zod";
import type { Environment } from "../environment.ts";
import type { Store } from "../store/store.ts";
import { isDuplicate } from "../store/store-errors.ts";
import type { AuthSettings } from "./auth-settings.ts";
import type { CredentialChallengeRow, CredentialPasskeyRow } from "./auth-tables.ts";

const CHALLENGE_BYTES = 32;
/** Signature algorithms (COSE): EdDSA, ES256, RS256. Every authenticator has one of them. */
const ALGORITHMS = [-8, -7, -257];
/** How long a question waits for its answer. */
const CHALLENGE_MS = 120_000;
/** Most questions waiting, of everybody; above, the caller is told to come back. */
const MAX_CHALLENGES = 10_000;

/** Whether passkeys can be used at the public URL. */
export interface PasskeySupport {
  readonly isOffered: boolean;
  readonly reason: "ip-address" | "not-secure" | null;
}

/** A passkey that answered: whose it is, and whether it verified its holder (PIN, finger, face). */
export interface PasskeyProof {
  readonly personId: string;
  readonly factorId: string;
  readonly isHolderVerified: boolean;
}

/** What a person is asked as. */
interface Owner {
  readonly id: string;
  readonly login: string;
  readonly name: string;
}

/** Passkeys (WebAuthn Level 3): questions, enrolment and answers. Verification is SimpleWebAuthn's. */
export class Passkeys {
  readonly #store: Store;
  readonly #environment: Environment;
  readonly #settings: () => AuthSettings;

  constructor(store: Store, environment: Environment, settings: () => AuthSettings) {
    this.#store = store;
    this.#environment = environment;
    this.#settings = settings;
  }

  /** Whether passkeys can be used here: a browser refuses them on an IP address and without HTTPS. */
  support(): PasskeySupport {
    const { hostname, protocol } = this.#settings().publicUrl;
    if (isIP(hostname.replace(/^\[|\]$/g, "")) !== 0) return { isOffered: false, reason: "ip-address" };
    if (protocol !== "https:") return { isOffered: false, reason: "not-secure" };
    return { isOffered: true, reason: null };
  }

  /** The question that creates a passkey for a person. Fails with `passkeys-unavailable`. */
  async askToEnrol(owner: Owner) {
    const options = await generateRegistrationOptions({
      rpName: "Poterne",
      rpID: this.#requireRpId(),
      userName: owner.login,
      userDisplayName: owner.name,
      userID: new Uint8Array(Buffer.from(owner.id)),
      challenge: this.#makeChallenge(),
      timeout: CHALLENGE_MS,
      attestationType: "none",
      supportedAlgorithmIDs: ALGORITHMS,
      excludeCredentials: (await this.#rows(owner.id)).map(toDescriptor),
      // Discoverable and verified where the device can: it then signs in without a name or password.
      authenticatorSelection: { residentKey: "preferred", userVerification: "preferred" },
    });
    return { challengeId: await this.#keep(options.challenge, "enrol", owner.id), options: { ...options } };
  }

  /** Enrols the passkey that answered; returns its id. Fails with `passkey-refused`. */
  async enrol(owner: Owner, answer: z.infer<(typeof confirmPasskey)["body"]>): Promise<string> {
    const challenge = await this.#take(answer.challengeId);
    if (challenge?.purpose !== "enrol" || challenge.person_id !== owner.id)
      throw new Failure("passkey-refused");
    const result = await verifyRegistrationResponse({
      response: withoutAbsent(answer.credential),
      expectedChallenge: challenge.challenge,
      expectedOrigin: this.#settings().publicUrl.origin,
      expectedRPID: this.#requireRpId(),
      requireUserVerification: false,
      supportedAlgorithmIDs: ALGORITHMS,
    }).catch((error: unknown) => {
      throw new Failure("passkey-refused", {}, error);
    });
    if (!result.verified) throw new Failure("passkey-refused");
    const { credential } = result.registrationInfo;
    return this.#insert(owner.id, {
      name: answer.name,
      credential_hash: hashCredentialId(credential.id),
      credential_id: credential.id,
      public_key: credential.publicKey,
      counter: credential.counter,
      transports: JSON.stringify(answer.credential.response.transports ?? []),
    });
  }

  /** The question to a known passkey: any at all without a person, one of theirs with. */
  async ask(personId: string | null) {
    const allowed =
      personId === null ? {} : { allowCredentials: (await this.#rows(personId)).map(toDescriptor) };
    const options = await generateAuthenticationOptions({
      rpID: this.#requireRpId(),
      challenge: this.#makeChallenge(),
      timeout: CHALLENGE_MS,
      userVerification: personId === null ? "required" : "preferred",
      ...allowed,
    });
    const purpose = personId === null ? "sign-in" : "factor";
    return { challengeId: await this.#keep(options.challenge, purpose, personId), options: { ...options } };
  }

  /** Checks an answer to `ask` with the same person (null for none). Fails with `passkey-refused`. */
  async verify(answer: PasskeyAnswer, personId: string | null): Promise<PasskeyProof> {
    const challenge = await this.#take(answer.challengeId);
    if (challenge === null || challenge.purpose === "enrol" || challenge.person_id !== personId)
      throw new Failure("passkey-refused");
    const row = await this.#store.db
      .selectFrom("credential_passkey")
      .selectAll()
      .where("credential_hash", "=", hashCredentialId(answer.credential.id))
      .executeTakeFirst();
    if (row === undefined || (personId !== null && row.person_id !== personId))
      throw new Failure("passkey-refused");
    const { userHandle } = answer.credential.response;
    if (userHandle !== undefined && Buffer.from(userHandle, "base64url").toString() !== row.person_id)
      throw new Failure("passkey-refused");
    const { counter, isHolderVerified } = await this.#check(answer, challenge, row);
    await this.#store.db
      .updateTable("credential_passkey")
      .set({ counter, last_used_at_ms: this.#environment.now() })
      .where("id", "=", row.id)
      .execute();
    return { personId: row.person_id, factorId: row.id, isHolderVerified };
  }

  /** Forgets questions nobody answered. */
  async sweep(): Promise<void> {
    await this.#store.db
      .deleteFrom("credential_challenge")
      .where("expires_at_ms", "<=", this.#environment.now())
      .execute();
  }

  async #check(answer: PasskeyAnswer, challenge: CredentialChallengeRow, row: CredentialPasskeyRow) {
    const result = await verifyAuthenticationResponse({
      response: withoutAbsent(answer.credential),
      expectedChallenge: challenge.challenge,
      expectedOrigin: this.#settings().publicUrl.origin,
      expectedRPID: this.#requireRpId(),
      credential: {
        id: row.credential_id,
        publicKey: new Uint8Array(row.public_key),
        counter: row.counter,
      },
      // Alone it stands for both factors, so its holder must have been verified.
      requireUserVerification: challenge.purpose === "sign-in",
    }).catch((error: unknown) => {
      throw new Failure("passkey-refused", {}, error);
    });
    if (!result.verified) throw new Failure("passkey-refused");
    const { newCounter, userVerified } = result.authenticationInfo;
    return { counter: newCounter, isHolderVerified: userVerified };
  }

  async #insert(
    personId: string,
    fields: Omit<CredentialPasskeyRow, "id" | "person_id" | "created_at_ms" | "last_used_at_ms">,
  ): Promise<string> {
    const now = this.#environment.now();
    const id = makeUuidV7(now, this.#environment.randomBytes(10));
    try {
      await this.#store.db
        .insertInto("credential_passkey")
        .values({ id, person_id: personId, ...fields, created_at_ms: now, last_used_at_ms: null })
        .execute();
    } catch (error) {
      throw isDuplicate(error) ? new Failure("passkey-refused", {}, error) : error;
    }
    return id;
  }

  #rows(personId: string): Promise<CredentialPasskeyRow[]> {
    return this.#store.db
      .selectFrom("credential_passkey")
      .selectAll()
      .where("person_id", "=", personId)
      .execute();
  }

  #requireRpId(): string {
    if (!this.support().isOffered) throw new Failure("passkeys-unavailable");
    return this.#settings().publicUrl.hostname;
  }

  #makeChallenge(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#environment.randomBytes(CHALLENGE_BYTES));
  }

  async #keep(
    challenge: string,
    purpose: CredentialChallengeRow["purpose"],
    personId: string | null,
  ): Promise<string> {
    await this.sweep();
    const { count } = await this.#store.db
      .selectFrom("credential_challenge")
      .select((select) => select.fn.countAll<number>().as("count"))
      .executeTakeFirstOrThrow();
    if (Number(count) >= MAX_CHALLENGES)
      throw new Failure("too-many-requests", { seconds: CHALLENGE_MS / 1000 });
    const now = this.#environment.now();
    const id = makeUuidV7(now, this.#environment.randomBytes(10));
    await this.#store.db
      .insertInto("credential_challenge")
      .values({ id, challenge, purpose, person_id: personId, expires_at_ms: now + CHALLENGE_MS })
      .execute();
    return id;
  }

  /** Uses a question up; null when it is unknown, answered or too old. */
  async #take(challengeId: string): Promise<CredentialChallengeRow | null> {
    const { db } = this.#store;
    const row = await db
      .selectFrom("credential_challenge")
      .selectAll()
      .where("id", "=", challengeId)
      .executeTakeFirst();
    const result = await db
      .deleteFrom("credential_challenge")
      .where("id", "=", challengeId)
      .executeTakeFirst();
    const isOurs = Number(result.numDeletedRows) === 1;
    return row === undefined || !isOurs || row.expires_at_ms <= this.#environment.now() ? null : row;
  }
}

function hashCredentialId(credentialId: string): string {
  return createHash("sha256").update(credentialId).digest("hex");
}

function toDescriptor(row: CredentialPasskeyRow): { id: string; transports: string[] } {
  return { id: row.credential_id, transports: JSON.parse(row.transports) as string[] };
}

type Present<T> = { [Name in keyof T]: Exclude<T[Name], undefined> };

/** Members that zod left `undefined` are not members at all, as the library's types have it. */
function withoutAbsent<T extends { response: object }>(
  credential: T,
): Present<Omit<T, "response">> & { response: Present<T["response"]> } {
  return JSON.parse(JSON.stringify(credential)) as Present<Omit<T, "response">> & {
    response: Present<T["response"]>;
  };
}
