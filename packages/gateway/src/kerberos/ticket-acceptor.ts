import { readFileSync, statSync } from "node:fs";
import {
  type KerberosFailure,
  type KeytabEntry,
  MAX_KEYTAB_BYTES,
  type Principal,
  type PrincipalName,
  ReplayCache,
  readKeytab,
  SpnegoAcceptor,
} from "@poterne/kerberos";
import { ConfigurationError } from "../config/load.ts";
import type { Environment } from "../environment.ts";
import { nodeKerberosCrypto } from "./node-crypto.ts";

/** What came of a browser's token. `answer` is for the browser, empty for none. */
export type TicketVerdict =
  | { readonly isProven: true; readonly client: Principal; readonly answer: Uint8Array }
  | { readonly isProven: false; readonly failure: KerberosFailure };

/** The longest `Authorization: Negotiate` value looked at, in characters: a ticket with a PAC of many groups fits. */
export const MAX_NEGOTIATE_CHARACTERS = 65_536;

/**
 * Verifies browsers' tickets (RFC 4559) with this gateway's keytab. One request, one answer: a negotiation of several
 * rounds is not followed. A token counts once (decision 0081). Nobody's TGT is ever taken.
 */
export class TicketAcceptor {
  readonly #keytab: readonly KeytabEntry[];
  readonly #replayCache: ReplayCache;
  readonly #environment: Environment;

  constructor(keytab: readonly KeytabEntry[], environment: Environment) {
    this.#keytab = keytab;
    this.#environment = environment;
    this.#replayCache = new ReplayCache(nodeKerberosCrypto, environment.now());
  }

  /** The service whose key of a realm is held, null for none. */
  serviceOf(realm: string): PrincipalName | null {
    return this.#keytab.find(({ principal }) => principal.realm === realm)?.principal.name ?? null;
  }

  /** Judges a header's value, null where it is not of this scheme. */
  judge(authorization: string | null): TicketVerdict | null {
    const text = /^Negotiate +([A-Za-z0-9+/]+={0,2})$/i.exec(
      (authorization ?? "").slice(0, MAX_NEGOTIATE_CHARACTERS),
    )?.[1];
    if (text === undefined) return null;
    const acceptor = new SpnegoAcceptor({
      crypto: nodeKerberosCrypto,
      randomBytes: (count) => this.#environment.randomBytes(count),
      keytab: this.#keytab,
      replayCache: this.#replayCache,
    });
    const outcome = acceptor.accept(new Uint8Array(Buffer.from(text, "base64")), this.#environment.now());
    if (outcome.type === "established") {
      const { client, session } = outcome.accepted;
      session.wipe();
      return { isProven: true, client, answer: outcome.token };
    }
    if (outcome.type === "refused") return { isProven: false, failure: outcome.failure };
    return {
      isProven: false,
      failure: {
        reason: "kerberos-not-offered",
        detail: "Kerberos is not the first choice",
        code: undefined,
        ntStatus: undefined,
      },
    };
  }
}

/** The acceptor of the setting `kerberos.keytab`, null without one. A keytab that cannot be used is a `ConfigurationError`. */
export function makeTicketAcceptor(file: string, environment: Environment): TicketAcceptor | null {
  if (file === "") return null;
  try {
    if (statSync(file).size > MAX_KEYTAB_BYTES) throw new Error("too large");
    const bytes = new Uint8Array(readFileSync(file));
    const keytab = readKeytab(bytes);
    bytes.fill(0);
    if (keytab.length === 0) throw new Error("no AES key in it");
    return new TicketAcceptor(keytab, environment);
  } catch (error) {
    throw new ConfigurationError(
      `kerberos.keytab: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
