import type { LdapConfig } from "@poterne/contract";
import { ResultCodeError } from "ldapts";
import type { Environment } from "../../environment.ts";
import { LdapConnection, type LdapServer } from "./ldap-connection.ts";
import { reasonOf } from "./reason.ts";

/** A server that failed is left aside for so long, while another one answers. */
const ASIDE_MS = 60_000;
/**
 * Results by which a server speaks of itself and not of what was asked (RFC 4511 §A.2): timeLimitExceeded, busy,
 * unavailable, other. The next server is asked.
 */
const OF_THE_SERVER: ReadonlySet<number> = new Set([3, 51, 52, 80]);

/** A directory's servers: asked in their order, those that failed lately last. */
export class LdapServers {
  readonly #config: LdapConfig;
  readonly #environment: Environment;
  readonly #failedAtMs = new Map<LdapServer, number>();

  constructor(config: LdapConfig, environment: Environment) {
    this.#config = config;
    this.#environment = environment;
  }

  /**
   * Does a piece of work over one connection, on the first server that sees it through: one that cannot be reached, falls
   * silent, closes or calls itself busy on the way is left for the next, on which the work begins anew. What a server
   * answers about the work itself is thrown as it is. `limitMs` is for all servers together. Throws what each said when
   * none sees it through.
   */
  async run<Result>(work: (connection: LdapConnection) => Promise<Result>, limitMs: number): Promise<Result> {
    const now = () => this.#environment.monotonicMs();
    const endsAtMs = now() + limitMs;
    const troubles: string[] = [];
    for (const server of this.#inOrder()) {
      const leftMs = endsAtMs - now();
      if (leftMs <= 0) break;
      let connection: LdapConnection | null = null;
      try {
        connection = await LdapConnection.open(this.#config, server, leftMs);
        const result = await work(connection);
        this.#failedAtMs.delete(server);
        return result;
      } catch (error) {
        if (connection?.isAlive === true && !isOfTheServer(error)) throw error;
        this.#failedAtMs.set(server, now());
        troubles.push(`${server.host}:${server.port}: ${reasonOf(error)}`);
      } finally {
        connection?.close();
      }
    }
    throw new Error(troubles.join("; "));
  }

  #inOrder(): readonly LdapServer[] {
    const now = this.#environment.monotonicMs();
    const isAside = (server: LdapServer): boolean =>
      now - (this.#failedAtMs.get(server) ?? -ASIDE_MS) < ASIDE_MS;
    const { servers } = this.#config;
    return [...servers.filter((server) => !isAside(server)), ...servers.filter(isAside)];
  }
}

function isOfTheServer(error: unknown): boolean {
  return error instanceof ResultCodeError && OF_THE_SERVER.has(error.code);
}
