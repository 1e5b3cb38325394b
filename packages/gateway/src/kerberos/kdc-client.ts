import { decodeKrbError, ErrorCode, isKrbError } from "@poterne/kerberos";
import { Gate } from "./gate.ts";
import { formatKdcAddress, type KdcAddress } from "./kdc-address.ts";
import { askKdc, KdcConnectionError, type KdcConnectionOptions } from "./kdc-connection.ts";
import type { KdcDirectory } from "./kdc-directory.ts";
import type { KdcNames } from "./kdc-names.ts";

/** One KDC that gave no answer. */
export interface KdcAttempt {
  readonly address: string;
  readonly problem: string;
}

/** What came of asking a realm's KDCs. */
export type KdcAnswer =
  | { readonly isAnswered: true; readonly message: Uint8Array; readonly address: string }
  | { readonly isAnswered: false; readonly attempts: readonly KdcAttempt[] };

/** For one KDC, and for all of a realm together. */
const ATTEMPT_TIMEOUT_MS = 4000;
const TOTAL_TIMEOUT_MS = 12_000;
/** Connections to one KDC at a time: MIT's takes few in its backlog, and one that is lost there costs a second. */
const MAX_CONNECTIONS = 4;
/** Realms whose last good KDC is remembered. */
const MAX_REMEMBERED_REALMS = 64;

/** What asking KDCs takes. */
export interface KdcClientOptions {
  readonly directory: Pick<KdcDirectory, "find">;
  readonly names: KdcNames;
  readonly monotonicMs: () => number;
  readonly attemptTimeoutMs?: number;
  readonly proxyCa?: string | undefined;
}

/** Asks a realm's KDCs one after the other until one answers; the one that answered last is asked first. */
export class KdcClient {
  readonly #options: KdcClientOptions;
  readonly #lastGood = new Map<string, string>();
  readonly #gates = new Map<string, Gate>();

  constructor(options: KdcClientOptions) {
    this.#options = options;
  }

  /** Resolves with an answer, or with what each KDC did instead; no KDC known is an empty list of attempts. */
  async ask(realm: string, message: Uint8Array): Promise<KdcAnswer> {
    const deadlineMs = this.#options.monotonicMs() + TOTAL_TIMEOUT_MS;
    const attempts: KdcAttempt[] = [];
    const { addresses } = await this.#options.directory.find(realm);
    for (const address of this.#inOrder(realm, addresses)) {
      const name = formatKdcAddress(address);
      const leftMs = deadlineMs - this.#options.monotonicMs();
      if (leftMs <= 0) break;
      const timeoutMs = Math.min(leftMs, this.#options.attemptTimeoutMs ?? ATTEMPT_TIMEOUT_MS);
      const result = await this.#inTurn(address, { realm, message }, timeoutMs);
      if (typeof result !== "string") {
        this.#remember(realm, name);
        return { isAnswered: true, message: result, address: name };
      }
      attempts.push({ address: name, problem: result });
    }
    return { isAnswered: false, attempts };
  }

  #inOrder(realm: string, addresses: readonly KdcAddress[]): KdcAddress[] {
    const last = this.#lastGood.get(realm);
    const isLast = (address: KdcAddress) => formatKdcAddress(address) === last;
    return [...addresses.filter(isLast), ...addresses.filter((address) => !isLast(address))];
  }

  /** Waiting for a turn counts as waiting for the KDC. */
  async #inTurn(
    address: KdcAddress,
    question: { readonly realm: string; readonly message: Uint8Array },
    timeoutMs: number,
  ): Promise<Uint8Array | string> {
    const name = formatKdcAddress(address);
    const gate = this.#gates.get(name) ?? new Gate(MAX_CONNECTIONS);
    this.#gates.set(name, gate);
    const deadlineMs = this.#options.monotonicMs() + timeoutMs;
    const result = await gate.pass(timeoutMs, () =>
      this.#attempt(address, question, Math.max(1, deadlineMs - this.#options.monotonicMs())),
    );
    if (gate.isIdle) this.#gates.delete(name);
    return result ?? "ETIMEDOUT";
  }

  /** The answer, or why there is none. A KDC that says it cannot serve counts as one that is down. */
  async #attempt(
    address: KdcAddress,
    question: { readonly realm: string; readonly message: Uint8Array },
    timeoutMs: number,
  ): Promise<Uint8Array | string> {
    const { proxyCa, names } = this.#options;
    const options: KdcConnectionOptions = { timeoutMs, proxyCa, names };
    try {
      const answer = await askKdc(address, question, options);
      return isKrbError(answer) && isUnavailable(answer) ? "the KDC is not available" : answer;
    } catch (error) {
      if (error instanceof KdcConnectionError) return error.problem;
      throw error;
    }
  }

  #remember(realm: string, address: string): void {
    this.#lastGood.delete(realm);
    this.#lastGood.set(realm, address);
    const oldest = this.#lastGood.keys().next().value;
    if (this.#lastGood.size > MAX_REMEMBERED_REALMS && oldest !== undefined) this.#lastGood.delete(oldest);
  }
}

function isUnavailable(message: Uint8Array): boolean {
  try {
    return decodeKrbError(message).code === ErrorCode.KDC_ERR_SVC_UNAVAILABLE;
  } catch {
    // What cannot be read is for the exchange to refuse, with its reason.
    return false;
  }
}
