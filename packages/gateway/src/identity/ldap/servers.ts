import type { LdapConfig } from "@poterne/contract";
import type { Environment } from "../../environment.ts";
import { LdapConnection, type LdapServer } from "./ldap-connection.ts";

/** A server that failed is left aside for so long, while another one answers. */
const ASIDE_MS = 60_000;

/** A directory's servers: asked in their order, those that failed lately last. */
export class LdapServers {
  readonly #config: LdapConfig;
  readonly #environment: Environment;
  readonly #failedAtMs = new Map<LdapServer, number>();

  constructor(config: LdapConfig, environment: Environment) {
    this.#config = config;
    this.#environment = environment;
  }

  /** Opens a connection to the first that answers. Throws what each said when none does. */
  async open(): Promise<LdapConnection> {
    const troubles: string[] = [];
    for (const server of this.#inOrder()) {
      try {
        const connection = await LdapConnection.open(this.#config, server);
        this.#failedAtMs.delete(server);
        return connection;
      } catch (error) {
        this.#failedAtMs.set(server, this.#environment.monotonicMs());
        troubles.push(`${server.host}:${server.port}: ${error instanceof Error ? error.message : "failed"}`);
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
