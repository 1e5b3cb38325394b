import {
  AsExchange,
  type Credential,
  type KdcCommand,
  type KerberosFailure,
  makeFailure,
  type Principal,
  type PrincipalName,
  SUPPORTED_ETYPES,
  TgsExchange,
} from "@poterne/kerberos";
import type { Environment } from "../environment.ts";
import type { KdcClient } from "./kdc-client.ts";
import { LoopTurns, Narrow } from "./loop-turns.ts";
import { derivePassword, nodeKerberosCrypto } from "./node-crypto.ts";

/** A ticket, or why there is none. */
export type TicketOutcome =
  | { readonly isGranted: true; readonly credential: Credential }
  | { readonly isGranted: false; readonly failure: KerberosFailure };

/** What getting tickets takes. */
export interface KerberosClientOptions {
  readonly kdcs: Pick<KdcClient, "ask">;
  readonly environment: Environment;
  /** How long tickets are asked for; the KDC may give less (4 h for Protected Users). */
  readonly lifetimeMs?: number;
  /** Encryption types to offer, best first. */
  readonly etypes?: readonly number[];
}

const LIFETIME_MS = 10 * 3_600_000;
/** More questions than any honest KDC leads to. */
const MAX_STEPS = 40;
/** Passwords turned into keys at once: each takes one of libuv's four threads, which recordings and sign-ins need too. */
const MAX_DERIVING = 2;

/** Gets tickets from KDCs: runs the core's exchanges, does their input and output, holds nothing between calls. */
export class KerberosClient {
  readonly #options: KerberosClientOptions;
  readonly #turns = new LoopTurns();
  readonly #deriving = new Narrow(MAX_DERIVING);

  constructor(options: KerberosClientOptions) {
    this.#options = options;
  }

  get #exchangeOptions() {
    const { environment, etypes, lifetimeMs } = this.#options;
    return {
      crypto: nodeKerberosCrypto,
      randomBytes: (count: number) => environment.randomBytes(count),
      etypes: etypes ?? SUPPORTED_ETYPES,
      lifetimeMs: lifetimeMs ?? LIFETIME_MS,
    };
  }

  /** A ticket-granting ticket for a person's password, UTF-8. The caller wipes the password and, later, the credential. */
  async signIn(client: Principal, password: Uint8Array): Promise<TicketOutcome> {
    const exchange = new AsExchange({ ...this.#exchangeOptions, client });
    return await this.#run(exchange, async (command) => {
      const derived = await this.#deriving.run(() => derivePassword(password, command.derivation));
      await this.#turns.next();
      return exchange.derived(derived, this.#options.environment.now());
    });
  }

  /** A service's ticket for a ticket-granting ticket, across realms where the KDCs refer to others. */
  async getServiceTicket(ticketGranting: Credential, service: PrincipalName): Promise<TicketOutcome> {
    const exchange = new TgsExchange({ ...this.#exchangeOptions, ticketGranting, service });
    return await this.#run(exchange, () => Promise.reject(new Error("a TGS exchange derives nothing")));
  }

  async #run(
    exchange: {
      start(nowMs: number): KdcCommand;
      receive(message: Uint8Array, nowMs: number): KdcCommand;
    },
    derive: (command: Extract<KdcCommand, { type: "derive" }>) => Promise<KdcCommand>,
  ): Promise<TicketOutcome> {
    const { environment, kdcs } = this.#options;
    await this.#turns.next();
    let command = exchange.start(environment.now());
    for (let step = 0; step < MAX_STEPS; step++) {
      if (command.type === "done") return { isGranted: true, credential: command.credential };
      if (command.type === "fail") return { isGranted: false, failure: command.failure };
      if (command.type === "derive") {
        command = await derive(command);
        continue;
      }
      const answer = await kdcs.ask(command.realm, command.message);
      if (!answer.isAnswered)
        return { isGranted: false, failure: unreachable(command.realm, answer.attempts) };
      await this.#turns.next();
      command = exchange.receive(answer.message, environment.now());
    }
    return { isGranted: false, failure: makeFailure("bad-answer", `no end after ${MAX_STEPS} steps`) };
  }
}

function unreachable(
  realm: string,
  attempts: readonly { readonly address: string; readonly problem: string }[],
): KerberosFailure {
  if (attempts.length === 0) return makeFailure("unknown-realm", `no KDC is known for ${realm}`);
  const detail = attempts.map(({ address, problem }) => `${address}: ${problem}`).join(", ");
  return makeFailure("kdc-unreachable", detail);
}
