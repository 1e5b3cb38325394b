import { Failure, RIGHTS_OF_ROLE, type Right } from "@poterne/contract";
import type { Authenticator } from "../http/authenticator.ts";
import type { Caller } from "../http/context.ts";
import type { Person } from "../people/people-store.ts";
import type { ApiTokens } from "./api-tokens.ts";
import type { AuthParts } from "./auth-parts.ts";
import { csrfTokenOf, isSameSecret } from "./secret-token.ts";
import { SIGN_IN_COOKIE } from "./sign-in-store.ts";

/** Sites as a tree, for an administrator of subtrees. */
export interface SubtreeSource {
  /** Ids of these sites and of all below them. */
  underAny(siteIds: readonly string[]): Promise<ReadonlySet<string>>;
}

/** What turns requests into callers needs. */
export interface AuthenticatorParts extends AuthParts {
  readonly tokens: ApiTokens;
  readonly sites: SubtreeSource;
}

const BEARER = /^Bearer +([A-Za-z0-9._~+/=-]{1,200})$/i;

/**
 * Makes the authenticator. A person's state is read with every request: whoever is disabled, or loses a role, loses it
 * with the next request, and there is no cache to forget.
 */
export function createAuthenticator(parts: AuthenticatorParts): Authenticator {
  return {
    async authenticate(request) {
      const { authorization, sourceAddress } = request;
      if (authorization !== null) {
        const bearer = await callerOfToken(parts, authorization, sourceAddress);
        await requireSource(parts, bearer, sourceAddress);
        return closeOutsideSlot(parts, bearer);
      }
      const token = request.cookies[SIGN_IN_COOKIE] ?? null;
      const caller = await callerOfCookie(parts, token);
      await requireSource(parts, caller, sourceAddress);
      if (caller === null || token === null) return null;
      const isReading = request.method === "GET" || request.method === "HEAD";
      if (!isReading && !isSameSecret(request.csrfToken ?? "", csrfTokenOf(token)))
        throw new Failure("wrong-origin");
      return closeOutsideSlot(parts, caller);
    },
    async sitesWith(caller, right) {
      if (caller.isPending) return [];
      if (caller.by.kind === "token") {
        const scopes = await parts.tokens.scopesOf(caller.by.tokenId);
        if (!scopes.includes(right)) return [];
      }
      return sitesByRole(parts.sites, caller, right);
    },
    isFactorFresh(caller) {
      if (caller.by.kind !== "sign-in") return false;
      return parts.environment.now() - caller.by.factorAtMs < parts.settings().freshFactorMs;
    },
  };
}

/** Who carries a cookie or token to an address they may not be at is refused there, and signed in elsewhere as before. */
async function requireSource(
  parts: AuthenticatorParts,
  caller: Caller | null,
  sourceAddress: string,
): Promise<void> {
  if (caller !== null && !(await parts.isSourceAdmitted(caller.personId, sourceAddress)))
    throw new Failure("source-refused");
}

/** Marks an outside person outside the slot of a pass: enrolling and signing out answer, nothing else does. */
async function closeOutsideSlot(parts: AuthenticatorParts, caller: Caller | null): Promise<Caller | null> {
  if (caller === null || (await parts.isPersonOpen(caller.personId))) return caller;
  return { ...caller, isClosed: true };
}

async function callerOfCookie(parts: AuthenticatorParts, token: string | null): Promise<Caller | null> {
  const row = await parts.signIns.find(token);
  if (row === null) return null;
  const by = { kind: "sign-in", signInId: row.id, factorAtMs: row.factor_at_ms ?? 0 } as const;
  const person = await parts.people.find(row.person_id);
  if (person === null) {
    // The first administrator exists once the profile is given; until then only steps of the sign-in answer.
    if (row.link_kind !== "first-administrator") return null;
    return { personId: row.person_id, name: "", roles: [], administeredSiteIds: null, by, isPending: true };
  }
  if (person.is_disabled === 1) {
    await parts.signIns.end(row.id);
    return null;
  }
  await parts.signIns.touch(row);
  return { ...identityOf(person), by, isPending: row.completed_at_ms === null };
}

async function callerOfToken(
  parts: AuthenticatorParts,
  authorization: string,
  sourceAddress: string,
): Promise<Caller | null> {
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) return null;
  const row = await parts.tokens.present(token, sourceAddress);
  const person = row === null ? null : await parts.people.find(row.person_id);
  if (row === null || person === null || person.is_disabled === 1) return null;
  return { ...identityOf(person), by: { kind: "token", tokenId: row.id }, isPending: false };
}

function identityOf(person: Person) {
  const { id, name, roles, administeredSiteIds, language } = person;
  return { personId: id, name, roles, administeredSiteIds, language };
}

async function sitesByRole(
  sites: SubtreeSource,
  caller: Caller,
  right: Right,
): Promise<readonly string[] | null> {
  const roles = caller.roles.filter((role) => RIGHTS_OF_ROLE[role].includes(right));
  if (roles.length === 0) return [];
  // Only administration is held by subtree; any other role that brings the right brings it everywhere.
  const isBySubtree = roles.every((role) => role === "administrator") && caller.administeredSiteIds !== null;
  return isBySubtree ? [...(await sites.underAny(caller.administeredSiteIds ?? []))] : null;
}
