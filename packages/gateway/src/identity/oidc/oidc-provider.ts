import type { OidcConfig, ProviderTestStep } from "@poterne/contract";
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  calculatePKCECodeChallenge,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  None,
} from "openid-client";
import { z } from "zod";
import { makeSecretToken } from "../../auth/secret-token.ts";
import type { Environment } from "../../environment.ts";
import type { IdentityProvider, ProofOutcome, RedirectProof } from "../identity-provider.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { type Claims, claimAt, hasFactorClaim, identityOfClaims } from "./claims.ts";
import { testOidc } from "./oidc-test.ts";
import { reasonOf } from "./reason.ts";

/** What a federation says of itself is asked for anew after so long. */
const DISCOVERY_MS = 15 * 60_000;

/** Errors of the way to the issuer, not of what it said. */
const AWAY = /\b(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|aborted)\b/;

/** What is remembered between going there and coming back. */
const memory = z.strictObject({ nonce: z.string(), codeVerifier: z.string() });

/** What a federation is made with. */
export interface OidcParts {
  readonly config: OidcConfig;
  readonly environment: Environment;
  /** Opens the client's secret; empty without one. */
  readonly openSecret: () => Promise<string>;
}

/**
 * A federation by OpenID Connect: authorization code with PKCE, `state`, `nonce`, the ID token's signature always
 * checked against the issuer's keys although it came over TLS.
 */
export class OidcProvider implements IdentityProvider {
  readonly redirect: RedirectProof = {
    begin: (wish) => this.#begin(wish),
    end: (answer) => this.#end(answer),
    endSessionUrl: (returnUri) => this.#endSessionUrl(returnUri),
  };
  readonly #parts: OidcParts;
  #known: { readonly configuration: Configuration; readonly atMs: number } | null = null;

  constructor(parts: OidcParts) {
    this.#parts = parts;
  }

  /** See `IdentityProvider`. */
  test(): Promise<readonly ProviderTestStep[]> {
    return testOidc(this.#parts.config, () => this.discover());
  }

  /** Asks the issuer what it is; checks that it calls itself so. */
  async discover(): Promise<Configuration> {
    const { config, environment } = this.#parts;
    const configuration = await discovery(new URL(config.issuer), config.clientId, {}, this.#clientAuth(), {
      [customFetch]: boundedFetch(config),
      timeout: config.timeoutSeconds,
      execute: [enableNonRepudiationChecks, ...(config.isPlainAccepted ? [allowInsecureRequests] : [])],
    });
    this.#known = { configuration, atMs: environment.monotonicMs() };
    return configuration;
  }

  async #configuration(): Promise<Configuration> {
    const isFresh =
      this.#known !== null && this.#parts.environment.monotonicMs() - this.#known.atMs < DISCOVERY_MS;
    return isFresh && this.#known !== null ? this.#known.configuration : this.discover();
  }

  /** The secret goes the way the issuer takes it: in the header where it does (RFC 6749 §2.3.1), else in the body. */
  #clientAuth(): ClientAuth {
    return async (server, client, body, headers) => {
      const secret = await this.#parts.openSecret();
      const methods = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
      const useBasic = methods.includes("client_secret_basic");
      const auth = secret === "" ? None() : useBasic ? ClientSecretBasic(secret) : ClientSecretPost(secret);
      await auth(server, client, body, headers);
    };
  }

  async #begin({ state, redirectUri }: Parameters<RedirectProof["begin"]>[0]) {
    const { config, environment } = this.#parts;
    const nonce = makeSecretToken(environment);
    const codeVerifier = makeSecretToken(environment);
    try {
      const url = buildAuthorizationUrl(await this.#configuration(), {
        redirect_uri: redirectUri,
        scope: [...new Set(["openid", ...config.scopes])].join(" "),
        code_challenge: await calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: "S256",
        state,
        nonce,
        ...((config.factorAcr ?? []).length === 0 ? {} : { acr_values: (config.factorAcr ?? []).join(" ") }),
      });
      if (url.protocol !== "https:" && !config.isPlainAccepted)
        return { url: null, reason: "the authorization endpoint is not https" };
      return { url: url.href, memory: JSON.stringify({ nonce, codeVerifier }) };
    } catch (error) {
      return { url: null, reason: reasonOf(error) };
    }
  }

  async #end(answer: Parameters<RedirectProof["end"]>[0]): Promise<ProofOutcome> {
    const { config } = this.#parts;
    const returned = new URL(answer.redirectUri);
    returned.search = answer.parameters.toString();
    try {
      const { nonce, codeVerifier } = memory.parse(JSON.parse(answer.memory));
      const configuration = await this.#configuration();
      const tokens = await authorizationCodeGrant(configuration, returned, {
        pkceCodeVerifier: codeVerifier,
        expectedState: answer.state,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      const claims: Claims = tokens.claims() ?? {};
      const identity = identityOfClaims(
        config,
        await this.#completed(configuration, tokens.access_token, claims),
      );
      return identity === null
        ? { result: "refused", reason: `no usable sub or ${config.loginClaim} in the claims` }
        : { result: "proven", identity, hasFactor: hasFactorClaim(config, claims) };
    } catch (error) {
      const reason = reasonOf(error);
      return { result: AWAY.test(reason) ? "away" : "refused", reason };
    }
  }

  /** The ID token's claims; those wanted and missing there come from the user-info endpoint, for the same subject. */
  async #completed(configuration: Configuration, accessToken: string, claims: Claims): Promise<Claims> {
    const { loginClaim, nameClaim, mailClaim, groupsClaim } = this.#parts.config;
    const isComplete = [loginClaim, nameClaim, mailClaim, groupsClaim].every(
      (name) => claimAt(claims, name) !== undefined,
    );
    if (isComplete || configuration.serverMetadata().userinfo_endpoint === undefined) return claims;
    const more = await fetchUserInfo(configuration, accessToken, String(claims.sub));
    return { ...more, ...claims };
  }

  async #endSessionUrl(returnUri: string): Promise<string | null> {
    const { config } = this.#parts;
    if (!config.hasLogout) return null;
    try {
      const configuration = await this.#configuration();
      if (configuration.serverMetadata().end_session_endpoint === undefined) return null;
      // Without `id_token_hint`: no ID token is kept. The client's id says who asks (RP-Initiated Logout 1.0 §2).
      const url = buildEndSessionUrl(configuration, { post_logout_redirect_uri: returnUri });
      return url.protocol === "https:" || config.isPlainAccepted ? url.href : null;
    } catch {
      return null;
    }
  }
}
