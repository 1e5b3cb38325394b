import type { OidcConfig } from "@poterne/contract";
import { type RawIdentity, toIdentity } from "../identity-fields.ts";
import { type Identity, MAX_GROUPS } from "../identity-provider.ts";

/** Longest name of a group that is looked at. */
const MAX_GROUP_LENGTH = 400;
/** Most values of `amr` that are looked at. */
const MAX_METHODS = 50;
/** Deepest path of a claim. */
const MAX_PATH = 6;

/** Claims as a federation gives them; not trusted. */
export type Claims = Readonly<Record<string, unknown>>;

type ClaimNames = Pick<OidcConfig, "loginClaim" | "nameClaim" | "mailClaim" | "groupsClaim">;

/** Who the claims speak of; null without a usable subject and login. */
export function identityOfClaims(names: ClaimNames, claims: Claims): Identity | null {
  const raw: RawIdentity = {
    subject: textClaim(claims, "sub"),
    login: textClaim(claims, names.loginClaim),
    name: textClaim(claims, names.nameClaim),
    email: textClaim(claims, names.mailClaim),
    groups: groupClaim(claims, names.groupsClaim).map((group) => [group]),
    account: "usable",
  };
  return toIdentity(raw);
}

/**
 * Whether the ID token says that a second factor was given (OpenID Connect Core §2, RFC 8176), by the values the settings
 * name. Only the signed token's claims may be asked.
 */
export function hasFactorClaim(
  { factorAcr = [], factorAmr = [] }: Pick<OidcConfig, "factorAcr" | "factorAmr">,
  claims: Claims,
): boolean {
  const { acr, amr } = claims;
  if (typeof acr === "string" && factorAcr.includes(acr)) return true;
  const methods: readonly unknown[] = Array.isArray(amr) ? amr.slice(0, MAX_METHODS) : [];
  return methods.some((method) => typeof method === "string" && factorAmr.includes(method));
}

/** A claim by name, or by a path with dots where no claim has that name (`realm_access.roles`). */
export function claimAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  let value: unknown = claims;
  for (const part of name.split(".").slice(0, MAX_PATH)) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

function textClaim(claims: Claims, name: string): string {
  const value = claimAt(claims, name);
  return typeof value === "string" ? value : "";
}

function groupClaim(claims: Claims, name: string): readonly string[] {
  const value = claimAt(claims, name);
  const list = Array.isArray(value) ? value : [value];
  const names = list.filter(
    (one): one is string => typeof one === "string" && one !== "" && one.length <= MAX_GROUP_LENGTH,
  );
  return [...new Set(names)].slice(0, MAX_GROUPS);
}
