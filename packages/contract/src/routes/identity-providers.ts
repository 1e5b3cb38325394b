import { z } from "zod";
import { ROLES } from "../rights.ts";
import { defineRoute } from "../route.ts";

const none = z.object({});
const onProviders = { scope: "none", params: none, query: none, body: none } as const;
const providerParams = z.object({ providerId: z.uuid() });

/** Kinds of identity providers that are administered; `local` is always there and is none of them. */
export const providerKind = z.enum(["ldap", "oidc"]);
export type ProviderKind = z.infer<typeof providerKind>;

/** One rule of the mapping: who is in `group` at the provider is in the group here and has the roles. */
export const groupMapping = z.strictObject({
  /** LDAP: the group's DN or its name; OIDC: the claim's value. Compared without regard to case. */
  group: z.string().trim().min(1).max(400),
  groupId: z.uuid().nullable(),
  roles: z.array(z.enum(ROLES)).max(ROLES.length),
});
export type GroupMapping = z.infer<typeof groupMapping>;

/** Who comes in and with what; the same for every kind. */
const admission = {
  /** `everyone` whom the provider vouches for, or only those whom a rule of the mapping names. */
  admits: z.enum(["everyone", "mapped"]),
  /** Roles of everybody who comes in, beside those of the mapping. */
  defaultRoles: z.array(z.enum(ROLES)).max(ROLES.length),
  mappings: z.array(groupMapping).max(200),
};

/** An attribute's name or OID as LDAP writes it (RFC 4512 §2.5). */
const attributeName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.;-]{0,63}$/);
const claimName = z.string().trim().min(1).max(100);
const pem = z.string().max(40_000);
const dn = z.string().trim().max(500);

/** How a directory (LDAP, Active Directory) is asked. */
export const ldapConfig = z.strictObject({
  kind: z.literal("ldap"),
  ...admission,
  schema: z.enum(["active-directory", "generic"]),
  /** Tried in this order; one that fails is left aside for a while. */
  servers: z
    .array(z.strictObject({ host: z.string().trim().min(1).max(253), port: z.int().min(1).max(65_535) }))
    .min(1)
    .max(8),
  /** `plain` sends passwords readable by all on the way; it also needs `isPlainAccepted`. */
  security: z.enum(["ldaps", "starttls", "plain"]),
  isPlainAccepted: z.boolean(),
  /** Certificates of the authorities that may vouch for the servers, PEM; empty: those of the system. */
  caPem: pem,
  /** SHA-256 of the only certificates accepted, hex; empty: any that the authorities vouch for. */
  pins: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(8),
  /** The account that searches; empty: anonymous. Its password is the provider's secret. */
  bindDn: dn,
  baseDn: dn.min(1),
  /** Filter that finds a person; `{login}` stands for the name typed, escaped. */
  userFilter: z.string().trim().min(3).max(1000).includes("{login}"),
  /** Filter that marks people who may not come in; empty for none. Active Directory says so by itself. */
  disabledFilter: z.string().trim().max(1000),
  loginAttribute: attributeName,
  nameAttribute: attributeName,
  mailAttribute: attributeName,
  /** The attribute that never changes and is never given again: `objectGUID`, `entryUUID`. */
  subjectAttribute: attributeName,
  groupBaseDn: dn,
  memberAttribute: attributeName,
  /** Groups in groups: `chain` lets Active Directory follow them, `recursive` asks level by level, `none` does not follow. */
  nesting: z.enum(["chain", "recursive", "none"]),
  /** For one server and one question, seconds. */
  timeoutSeconds: z.int().min(1).max(30),
  /** How often it is looked whether people are still there. */
  recheckMinutes: z.int().min(1).max(1440),
  /** Kerberos realms whose people this directory answers for: they may sign in by ticket. Left out: none. */
  ticketRealms: z
    .array(z.string().regex(/^[^\s@\\/a-z]{1,255}$/))
    .max(20)
    .optional(),
  /**
   * The realm or domain under which targets know the people of this directory, for accounts "as me". Left out or empty:
   * the first ticket realm, else what an Active Directory's base DN says, else none.
   */
  accountRealm: z
    .string()
    .regex(/^[^\s@\\/]{0,255}$/)
    .optional(),
});
export type LdapConfig = z.infer<typeof ldapConfig>;

/** How a federation (OpenID Connect) is asked. */
export const oidcConfig = z.strictObject({
  kind: z.literal("oidc"),
  ...admission,
  /** The issuer, to the letter; `http:` only with `isPlainAccepted`. */
  issuer: z.url({ protocol: /^https?$/ }).max(500),
  isPlainAccepted: z.boolean(),
  caPem: pem,
  clientId: z.string().trim().min(1).max(300),
  /** Beside `openid`. */
  scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/)).max(20),
  loginClaim: claimName,
  nameClaim: claimName,
  mailClaim: claimName,
  groupsClaim: claimName,
  /** Whether signing out here leads to signing out there. */
  hasLogout: z.boolean(),
  /** The directory in which people of this federation have the account of the same log-in, for accounts "as me". */
  accountDirectoryId: z.uuid().nullable().optional(),
  timeoutSeconds: z.int().min(1).max(30),
});
export type OidcConfig = z.infer<typeof oidcConfig>;

/** The settings of any kind. */
export const providerConfig = z.discriminatedUnion("kind", [ldapConfig, oidcConfig]);
export type ProviderConfig = z.infer<typeof providerConfig>;

const providerName = z
  .string()
  .trim()
  .min(1)
  .max(120)
  .regex(/^\P{Cc}*$/u);

/** An identity provider as administrators see it; its secret is never in it. */
export const identityProviderRow = z.object({
  providerId: z.string(),
  name: z.string(),
  isEnabled: z.boolean(),
  hasSecret: z.boolean(),
  /** To be given back with a change. */
  revision: z.number(),
  config: providerConfig,
  personCount: z.number(),
  /** Since when it has not answered, as this node last saw it; null while it does. */
  awaySinceMs: z.number().nullable(),
});
export type IdentityProviderRow = z.infer<typeof identityProviderRow>;

/** Identity providers, in the order they are asked; and the address a federation must know as its redirect URI. */
export const listIdentityProviders = defineRoute({
  ...onProviders,
  method: "GET",
  path: "/api/v1/identity-providers",
  summary: "Identity providers, in the order they are asked",
  right: "settings:read",
  reply: z.object({ items: z.array(identityProviderRow), redirectUri: z.string() }),
});

const onChange = { right: "settings:write", needsFreshFactor: true } as const;

/** Adds a provider, disabled and last. Fails with `provider-invalid`. */
export const createIdentityProvider = defineRoute({
  ...onProviders,
  ...onChange,
  method: "POST",
  path: "/api/v1/identity-providers",
  summary: "Add an identity provider",
  body: z.strictObject({ name: providerName, config: providerConfig }),
  reply: identityProviderRow,
});

/** Changes a provider; its kind stays. Fails with `conflict` on an old revision, `provider-invalid`. */
export const updateIdentityProvider = defineRoute({
  ...onProviders,
  ...onChange,
  method: "PATCH",
  path: "/api/v1/identity-providers/:providerId",
  summary: "Change, enable or disable an identity provider",
  params: providerParams,
  body: z.strictObject({
    revision: z.int().min(0),
    name: providerName.optional(),
    isEnabled: z.boolean().optional(),
    config: providerConfig.optional(),
  }),
  reply: identityProviderRow,
});

/** Gives the provider's secret: the searching account's password or the client's secret. It never comes out again. */
export const setIdentityProviderSecret = defineRoute({
  ...onProviders,
  ...onChange,
  method: "POST",
  path: "/api/v1/identity-providers/:providerId/secret",
  summary: "Give an identity provider's secret",
  params: providerParams,
  body: z.strictObject({ secret: z.string().min(1).max(2000).nullable() }),
  reply: identityProviderRow,
});

/** The order in which directories are asked and federations shown: all of them, each once. */
export const orderIdentityProviders = defineRoute({
  ...onProviders,
  ...onChange,
  method: "POST",
  path: "/api/v1/identity-providers/order",
  summary: "Order the identity providers",
  body: z.strictObject({ providerIds: z.array(z.uuid()).max(100) }),
  reply: none,
});

/** Deletes a provider nobody comes from. Fails with `conflict` otherwise: disable it. */
export const deleteIdentityProvider = defineRoute({
  ...onProviders,
  ...onChange,
  method: "DELETE",
  path: "/api/v1/identity-providers/:providerId",
  summary: "Delete an identity provider",
  params: providerParams,
  reply: none,
});

/** One step of a test: what was looked at and what was found. */
export const providerTestStep = z.object({
  step: z.enum([
    "connect",
    "encrypt",
    "bind",
    "base",
    "discovery",
    "keys",
    "search",
    "account",
    "groups",
    "mapping",
  ]),
  state: z.enum(["ok", "warning", "failed"]),
  found: z.object({ fr: z.string(), en: z.string() }),
});
export type ProviderTestStep = z.infer<typeof providerTestStep>;

/** Tests a provider as it is saved, enabled or not; a directory also looks a person up, without any password. */
export const testIdentityProvider = defineRoute({
  ...onProviders,
  ...onChange,
  method: "POST",
  path: "/api/v1/identity-providers/:providerId/test",
  summary: "Test an identity provider, step by step",
  params: providerParams,
  body: z.strictObject({ login: z.string().max(128) }),
  reply: z.object({ steps: z.array(providerTestStep) }),
});
