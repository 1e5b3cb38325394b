import { DecodeError } from "@poterne/bytes";
import {
  type Credential,
  type GssSession,
  IntegrityError,
  type KerberosFailure,
  SpnegoInitiator,
  wipeCredential,
} from "@poterne/kerberos";
import type { SecurityMechanism } from "@poterne/rdp";
import type { Environment } from "../environment.ts";
import { nodeKerberosCrypto } from "./node-crypto.ts";

/**
 * Kerberos inside CredSSP: SPNEGO with the AP-REQ in its first token ([MS-CSSP] 3.1.5, [MS-SPNG]), mutual authentication
 * always, sealed messages. It offers nothing but Kerberos, so no server can talk it down. One connection; `close` forgets
 * the keys and may be called at any time.
 */
export class KerberosMechanism implements SecurityMechanism {
  readonly #credential: Credential;
  readonly #environment: Environment;
  readonly #initiator: SpnegoInitiator;
  #session: GssSession | null = null;
  #failure: KerberosFailure | null = null;

  /** Owns the credential from now on. */
  constructor(credential: Credential, environment: Environment) {
    this.#credential = credential;
    this.#environment = environment;
    this.#initiator = new SpnegoInitiator({
      credential,
      crypto: nodeKerberosCrypto,
      randomBytes: (count) => environment.randomBytes(count),
    });
  }

  /** Why the server's token was refused, once `step` threw; null otherwise. */
  get failure(): KerberosFailure | null {
    return this.#failure;
  }

  /** Whether the server proved to hold the service's key. */
  get isEstablished(): boolean {
    return this.#session !== null;
  }

  start(): Uint8Array {
    return this.#initiator.start(this.#environment.now());
  }

  step(token: Uint8Array): { readonly token: Uint8Array | null; readonly isComplete: boolean } {
    // A server may close SPNEGO with a word more once the context stands: nothing in it counts any more.
    if (this.#session !== null) return { token: null, isComplete: true };
    const step = this.#initiator.receive(token, this.#environment.now());
    if (step.type === "failed") {
      this.#failure = step.failure;
      this.close();
      throw new DecodeError("invalid", "SPNEGO", 0, `${step.failure.reason}: ${step.failure.detail}`);
    }
    if (step.type === "send") return { token: step.token, isComplete: false };
    this.#session = step.session;
    return { token: step.token ?? null, isComplete: true };
  }

  wrap(message: Uint8Array): Uint8Array {
    if (this.#session === null) throw new RangeError("Kerberos is not complete");
    return this.#session.seal(message);
  }

  unwrap(message: Uint8Array): Uint8Array {
    if (this.#session === null) throw new RangeError("Kerberos is not complete");
    try {
      const { isSealed, data } = this.#session.unwrap(message);
      if (!isSealed) throw new DecodeError("invalid", "wrap token", 2, "not sealed");
      return data;
    } catch (error) {
      if (!(error instanceof IntegrityError)) throw error;
      throw new DecodeError("invalid", "wrap token", 0, error.message);
    }
  }

  /** Forgets the ticket's key and the context's. */
  close(): void {
    wipeCredential(this.#credential);
    this.#session?.wipe();
  }
}
