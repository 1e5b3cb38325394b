import { type ProviderConfig, providerConfig } from "@poterne/contract";
import type { Environment } from "../environment.ts";
import type { Keeper } from "../keeper/keeper.ts";
import type { DomainProof } from "./domain-proof.ts";
import { HeldSecret } from "./held-secret.ts";
import type { IdentityProvider } from "./identity-provider.ts";
import type { IdentityStore } from "./identity-store.ts";
import type { IdentityProviderTableRow } from "./identity-tables.ts";
import { LdapProvider } from "./ldap/ldap-provider.ts";
import { OidcProvider } from "./oidc/oidc-provider.ts";

/** A provider ready to be asked. */
export interface LiveProvider {
  readonly row: IdentityProviderTableRow;
  readonly config: ProviderConfig;
  readonly provider: IdentityProvider;
}

/** What the registry is made of. */
export interface RegistryParts {
  readonly identities: IdentityStore;
  readonly keeper: Pick<Keeper, "openSecret">;
  readonly environment: Environment;
  /** Proof of passwords by KDCs, for members of Protected Users. */
  readonly domain?: DomainProof | null;
}

interface Kept extends LiveProvider {
  readonly secret: HeldSecret;
}

/** The context a provider's secret is sealed under. */
export function secretContext(providerId: string): string {
  return `provider:${providerId}`;
}

/** The providers of the store, made ready; one whose settings changed, on whatever node, is made anew. */
export class ProviderRegistry {
  readonly #parts: RegistryParts;
  readonly #kept = new Map<string, Kept>();
  /** Since when a provider does not answer, as seen from here. */
  readonly #awaySinceMs = new Map<string, number>();

  constructor(parts: RegistryParts) {
    this.#parts = parts;
  }

  /** Those that are enabled, in their order. */
  async enabled(): Promise<readonly LiveProvider[]> {
    const rows = await this.#parts.identities.list();
    for (const [id, { secret }] of this.#kept) {
      if (rows.some((row) => row.id === id)) continue;
      secret.wipe();
      this.#kept.delete(id);
    }
    return rows.filter((row) => row.is_enabled === 1).map((row) => this.live(row));
  }

  /** A provider by its row, enabled or not. */
  live(row: IdentityProviderTableRow): LiveProvider {
    const known = this.#kept.get(row.id);
    if (known !== undefined && known.row.revision === row.revision) return { ...known, row };
    known?.secret.wipe();
    const config = configOf(row);
    const secret = new HeldSecret(() => this.#openSecret(row), this.#parts.environment);
    const parts = { environment: this.#parts.environment, openSecret: () => secret.read() };
    const provider =
      config.kind === "ldap"
        ? new LdapProvider({ ...parts, config, domain: this.#parts.domain ?? null })
        : new OidcProvider({ ...parts, config });
    const kept = { row, config, provider, secret };
    this.#kept.set(row.id, kept);
    return kept;
  }

  /** Notes whether a provider answered; true when that is news. */
  noteAnswer(providerId: string, isAway: boolean): boolean {
    const wasAway = this.#awaySinceMs.has(providerId);
    if (isAway && !wasAway) this.#awaySinceMs.set(providerId, this.#parts.environment.now());
    if (!isAway) this.#awaySinceMs.delete(providerId);
    return isAway !== wasAway;
  }

  /** Since when a provider does not answer, null while it does. */
  awaySinceMs(providerId: string): number | null {
    return this.#awaySinceMs.get(providerId) ?? null;
  }

  async #openSecret(row: IdentityProviderTableRow): Promise<Uint8Array | null> {
    if (row.envelope === null) return null;
    const context = secretContext(row.id);
    return this.#parts.keeper.openSecret(context, row.envelope, context);
  }
}

/** The settings in a row. */
export function configOf(row: Pick<IdentityProviderTableRow, "config">): ProviderConfig {
  return providerConfig.parse(JSON.parse(row.config));
}
