import type { Failure } from "@poterne/contract";
import { type KerberosFailureReason, makeFailure } from "@poterne/kerberos";
import type { KerberosAccess } from "../../kerberos/kerberos-access.ts";
import { type FailureContext, kerberosFailure, refusedByTarget } from "../../kerberos/kerberos-failures.ts";
import type { DriverHop } from "../driver.ts";
import { SshGssapi } from "./ssh-gssapi.ts";

/** What trying a ticket came to: a method to log in by, the next method's turn, or the end. */
export type TicketStep =
  | { readonly type: "method"; readonly method: SshGssapi }
  | { readonly type: "other" }
  | { readonly type: "failed"; readonly failure: Failure };

/** What a hop's log-in by ticket takes. */
export interface SshTicketOptions {
  readonly kerberos: KerberosAccess;
  readonly hop: DriverHop;
  readonly mode: "first" | "only";
}

/** Reasons that say nothing against the account: under `first` it goes on with what else it has. */
const PASSING: ReadonlySet<KerberosFailureReason> = new Set([
  "unknown-person",
  "unknown-service",
  "unknown-realm",
  "service-restricted",
  "kdc-unreachable",
  "kdc-unavailable",
  "clock-skew",
]);

/** One hop's try to log in by a Kerberos ticket. */
export class SshTicket {
  readonly #options: SshTicketOptions;
  #username = "";
  #method: SshGssapi | null = null;

  constructor(options: SshTicketOptions) {
    this.#options = options;
  }

  /** Whether nothing else may be tried. */
  get isOnly(): boolean {
    return this.#options.mode === "only";
  }

  /** Whether a ticket went to the target already: it gets one chance. */
  get isTried(): boolean {
    return this.#method !== null;
  }

  /** The name on the target for an account's name. */
  localName(username: string): string {
    return this.#options.kerberos.readAccount(username).user;
  }

  /** Gets a ticket for the hop's `host/NAME`. */
  async obtain(username: string, password: string): Promise<TicketStep> {
    const { kerberos } = this.#options;
    this.#username = username;
    const outcome = await kerberos.getTicket({
      username,
      password,
      service: "host",
      hostname: this.#hostname,
    });
    if (outcome.isGranted) {
      const { environment } = kerberos;
      const local = this.localName(username);
      this.#method = new SshGssapi({ credential: outcome.credential, environment, username: local });
      return { type: "method", method: this.#method };
    }
    const { why } = outcome;
    const isPassing = why.type !== "kerberos" || PASSING.has(why.failure.reason);
    if (!this.isOnly && isPassing) return { type: "other" };
    return { type: "failed", failure: kerberosFailure(why, this.#context) };
  }

  /** Why a ticket that went out opened nothing, or none went out because the target takes none. */
  refusal(): Failure {
    const { failure, serverWords } = this.#method ?? { failure: null, serverWords: "" };
    if (failure !== null) return refusedByTarget(failure, this.#context);
    if (this.#method === null)
      return refusedByTarget(makeFailure("kerberos-not-offered", "no gssapi-with-mic"), this.#context);
    return refusedByTarget(makeFailure("refused", serverWords), this.#context);
  }

  /** Forgets the ticket. */
  close(): void {
    this.#method?.close();
  }

  get #hostname(): string {
    const { kerberosName, address } = this.#options.hop;
    return kerberosName ?? address;
  }

  get #context(): FailureContext {
    const { hop } = this.#options;
    return { target: hop.name, username: this.#username, service: `host/${this.#hostname}` };
  }
}
