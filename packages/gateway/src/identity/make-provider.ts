import type { ProviderConfig } from "@poterne/contract";
import type { Environment } from "../environment.ts";
import type { IdentityProvider } from "./identity-provider.ts";
import { LdapProvider } from "./ldap/ldap-provider.ts";
import { OidcProvider } from "./oidc/oidc-provider.ts";

/** What every provider is made with. */
export interface ProviderParts {
  readonly environment: Environment;
  /** Opens the provider's secret; empty without one. */
  readonly openSecret: () => Promise<string>;
}

/** Makes the provider that settings describe. */
export function makeProvider(config: ProviderConfig, parts: ProviderParts): IdentityProvider {
  return config.kind === "ldap"
    ? new LdapProvider({ ...parts, config })
    : new OidcProvider({ ...parts, config });
}
