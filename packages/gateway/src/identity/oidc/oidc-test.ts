import type { OidcConfig, ProviderTestStep } from "@poterne/contract";
import type { Configuration } from "openid-client";
import { z } from "zod";
import { step } from "../test-steps.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { reasonOf } from "./reason.ts";

const keySet = z.object({
  keys: z.array(z.object({ kty: z.string(), alg: z.string().optional() })).max(100),
});

/** Tries a federation out: what the issuer says of itself, its keys. Who comes from it is seen at a sign-in only. */
export async function testOidc(
  config: OidcConfig,
  discover: () => Promise<Configuration>,
): Promise<readonly ProviderTestStep[]> {
  const steps: ProviderTestStep[] = [];
  try {
    const metadata = (await discover()).serverMetadata();
    steps.push(
      step("discovery", "ok", {
        fr: `${metadata.issuer} se nomme bien ainsi ; l'entrée est ${metadata.authorization_endpoint ?? "—"}.`,
        en: `${metadata.issuer} calls itself so; the entry is ${metadata.authorization_endpoint ?? "—"}.`,
      }),
    );
    if (config.isPlainAccepted && new URL(config.issuer).protocol === "http:")
      steps.push(
        step("encrypt", "warning", {
          fr: "Sans chiffrement : qui écoute le réseau peut se faire passer pour tout le monde.",
          en: "Without encryption: whoever listens on the network can pass for anybody.",
        }),
      );
    if (metadata.code_challenge_methods_supported?.includes("S256") !== true)
      steps.push(
        step("discovery", "warning", {
          fr: "L'émetteur n'annonce pas PKCE (S256) ; Poterne l'emploie quand même.",
          en: "The issuer does not announce PKCE (S256); Poterne uses it all the same.",
        }),
      );
    steps.push(await testKeys(config, metadata.jwks_uri));
    if (config.hasLogout && metadata.end_session_endpoint === undefined)
      steps.push(
        step("discovery", "warning", {
          fr: "L'émetteur n'annonce pas de déconnexion : on ne sera déconnecté qu'ici.",
          en: "The issuer announces no sign-out: people are signed out here only.",
        }),
      );
  } catch (error) {
    const reason = reasonOf(error);
    steps.push(
      step("discovery", "failed", {
        fr: `${config.issuer} ne répond pas comme attendu : ${reason}`,
        en: `${config.issuer} does not answer as expected: ${reason}`,
      }),
    );
  }
  return steps;
}

async function testKeys(config: OidcConfig, jwksUri: string | undefined): Promise<ProviderTestStep> {
  if (jwksUri === undefined)
    return step("keys", "failed", {
      fr: "L'émetteur n'annonce pas ses clés.",
      en: "The issuer announces no keys.",
    });
  try {
    const options = { method: "GET", headers: {}, body: undefined, redirect: "manual" } as const;
    const answer = await boundedFetch(config)(jwksUri, options);
    const { keys } = keySet.parse(await answer.json());
    const kinds = [...new Set(keys.map((key) => key.alg ?? key.kty))].join(", ");
    return step("keys", keys.length === 0 ? "failed" : "ok", {
      fr: `Clés de signature : ${keys.length} (${kinds}).`,
      en: `Signing keys: ${keys.length} (${kinds}).`,
    });
  } catch (error) {
    const reason = reasonOf(error);
    return step("keys", "failed", {
      fr: `${jwksUri} ne répond pas comme attendu : ${reason}`,
      en: `${jwksUri} does not answer as expected: ${reason}`,
    });
  }
}
