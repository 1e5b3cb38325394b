import { z } from "zod";
import { RIGHTS } from "../rights.ts";
import { defineRoute } from "../route.ts";
import { newPasskey, passkeyQuestion } from "./passkey.ts";
import {
  keyboardMode,
  language,
  personName,
  signInState,
  theme,
  typedCode,
  typedPassword,
} from "./sign-in.ts";

const none = z.object({});
const mine = { scope: "own", params: none, query: none, body: none } as const;

/** A device or application of a person's. */
export const factorRow = z.object({
  factorId: z.string(),
  method: z.enum(["totp", "passkey"]),
  name: z.string(),
  createdAtMs: z.number(),
  lastUsedAtMs: z.number().nullable(),
});

/** Name of a device, chosen by its owner. */
const deviceName = z.string().trim().min(1).max(80);

/** What an enrolment replies: recovery codes only with the first device (shown once, never again), and the sign-in's new state. */
const enrolled = z.object({
  factorId: z.string(),
  recoveryCodes: z.array(z.string()).nullable(),
  signIn: signInState,
});

/** The caller's devices. `canRemove` is false for the last one while a factor is required. */
export const listMyFactors = defineRoute({
  ...mine,
  method: "GET",
  path: "/api/v1/me/factors",
  summary: "The caller's devices and what is left of the recovery codes",
  right: "signed-in",
  reply: z.object({
    items: z.array(factorRow.extend({ canRemove: z.boolean() })),
    recoveryCodesLeft: z.number(),
  }),
});

/** Renames a device. */
export const renameMyFactor = defineRoute({
  ...mine,
  method: "PATCH",
  path: "/api/v1/me/factors/:factorId",
  summary: "Rename one of the caller's devices",
  right: "signed-in",
  params: z.object({ factorId: z.uuid() }),
  body: z.strictObject({ name: deviceName }),
  reply: none,
});

/** Removes a device. Fails with `last-factor`. */
export const removeMyFactor = defineRoute({
  ...mine,
  method: "DELETE",
  path: "/api/v1/me/factors/:factorId",
  summary: "Remove one of the caller's devices",
  right: "signed-in",
  needsFreshFactor: true,
  params: z.object({ factorId: z.uuid() }),
  reply: none,
});

/**
 * Begins the enrolment of an authenticator application: the secret is shown this once. Answers in state
 * `enrolment-needed`, or signed in with a fresh factor (`fresh-factor-needed` otherwise).
 */
export const beginTotp = defineRoute({
  ...mine,
  method: "POST",
  path: "/api/v1/me/totp",
  summary: "Begin to enrol an authenticator application",
  right: "pending",
  reply: z.object({
    factorId: z.string(),
    /** Base32, for typing. */
    secret: z.string(),
    /** `otpauth://totp/…` for the QR code, which the page draws itself. */
    uri: z.string(),
  }),
});

/** Ends the enrolment with a code of the application. Fails with `wrong-code`. */
export const confirmTotp = defineRoute({
  ...mine,
  method: "POST",
  path: "/api/v1/me/totp/:factorId/confirm",
  summary: "Confirm an authenticator application with its first code",
  right: "pending",
  params: z.object({ factorId: z.uuid() }),
  body: z.strictObject({ code: typedCode, name: deviceName }),
  reply: enrolled,
});

/** The question that creates a passkey. Fails with `passkeys-unavailable`. */
export const beginPasskey = defineRoute({
  ...mine,
  method: "POST",
  path: "/api/v1/me/passkeys/options",
  summary: "Options for navigator.credentials.create",
  right: "pending",
  reply: passkeyQuestion,
});

/** Ends the enrolment of a passkey. Fails with `passkey-refused`. */
export const confirmPasskey = defineRoute({
  ...mine,
  method: "POST",
  path: "/api/v1/me/passkeys",
  summary: "Enrol the passkey just created",
  right: "pending",
  body: z.strictObject({ challengeId: z.string().max(64), credential: newPasskey, name: deviceName }),
  reply: enrolled,
});

/** Ten new recovery codes, shown this once; earlier ones end. */
export const renewRecoveryCodes = defineRoute({
  ...mine,
  method: "POST",
  path: "/api/v1/me/recovery-codes",
  summary: "Make ten new recovery codes",
  right: "signed-in",
  needsFreshFactor: true,
  reply: z.object({ recoveryCodes: z.array(z.string()) }),
});

/**
 * Changes the password, or sets the first one of somebody who has none (the demonstration's person): `currentPassword` is
 * then null. Every other sign-in of the person ends. Fails with `sign-in-refused` and the `password-…` rules.
 */
export const changeMyPassword = defineRoute({
  ...mine,
  method: "POST",
  path: "/api/v1/me/password",
  summary: "Change the caller's password",
  right: "signed-in",
  needsFreshFactor: true,
  body: z.strictObject({ currentPassword: typedPassword.nullable(), newPassword: typedPassword }),
  reply: none,
});

/** Changes what a person may change of themselves. */
export const updateMe = defineRoute({
  ...mine,
  method: "PATCH",
  path: "/api/v1/me",
  summary: "Change the caller's name, language, theme or keyboard",
  right: "signed-in",
  body: z.strictObject({
    name: personName.optional(),
    language: language.optional(),
    theme: theme.optional(),
    keyboardMode: keyboardMode.optional(),
  }),
  reply: signInState,
});

/** A sign-in of a browser. */
export const signInRow = z.object({
  signInId: z.string(),
  sourceAddress: z.string(),
  userAgent: z.string(),
  createdAtMs: z.number(),
  lastSeenAtMs: z.number(),
  endsAtMs: z.number(),
  isCurrent: z.boolean(),
});

/** The caller's sign-ins, newest first. */
export const listMySignIns = defineRoute({
  ...mine,
  method: "GET",
  path: "/api/v1/me/sign-ins",
  summary: "The caller's open sign-ins",
  right: "signed-in",
  reply: z.object({ items: z.array(signInRow) }),
});

/** Ends one of the caller's sign-ins; `others` ends all but this one. */
export const endMySignIn = defineRoute({
  ...mine,
  method: "DELETE",
  path: "/api/v1/me/sign-ins/:signInId",
  summary: "End one of the caller's sign-ins, or all others",
  right: "signed-in",
  params: z.object({ signInId: z.union([z.uuid(), z.literal("others")]) }),
  reply: none,
});

/** An API token, without its secret, which is shown once at creation. */
export const apiTokenRow = z.object({
  tokenId: z.string(),
  name: z.string(),
  /** First characters of the token, to recognise it. */
  prefix: z.string(),
  /** Rights it may use, as far as its owner still has them. */
  scopes: z.array(z.enum(RIGHTS)),
  /** IPv4 or IPv6 networks it may come from; empty for anywhere. */
  sourceNetworks: z.array(z.string()),
  createdAtMs: z.number(),
  expiresAtMs: z.number(),
  lastUsedAtMs: z.number().nullable(),
  lastSourceAddress: z.string(),
});

/** The caller's API tokens, newest first. */
export const listMyTokens = defineRoute({
  ...mine,
  method: "GET",
  path: "/api/v1/me/tokens",
  summary: "The caller's API tokens",
  right: "signed-in",
  reply: z.object({ items: z.array(apiTokenRow) }),
});

/** Makes an API token, used as `Authorization: Bearer TOKEN`. Fails with `bad-request` on a wrong network, `not-allowed` on a right the caller has not. */
export const createMyToken = defineRoute({
  ...mine,
  method: "POST",
  path: "/api/v1/me/tokens",
  summary: "Make an API token for scripts",
  right: "signed-in",
  needsFreshFactor: true,
  body: z.strictObject({
    name: z.string().trim().min(1).max(80),
    scopes: z.array(z.enum(RIGHTS)).min(1),
    sourceNetworks: z.array(z.string().min(2).max(64)).max(32).default([]),
    expiresInDays: z.int().min(1).max(366).default(90),
  }),
  reply: z.object({ token: z.string(), row: apiTokenRow }),
});

/** Revokes one of the caller's tokens. */
export const revokeMyToken = defineRoute({
  ...mine,
  method: "DELETE",
  path: "/api/v1/me/tokens/:tokenId",
  summary: "Revoke one of the caller's API tokens",
  right: "signed-in",
  params: z.object({ tokenId: z.uuid() }),
  reply: none,
});

/** All that is kept about the caller, for portability: one JSON object by sort of data. */
export const exportMyData = defineRoute({
  ...mine,
  method: "GET",
  path: "/api/v1/me/data",
  summary: "Export everything kept about the caller",
  right: "signed-in",
  reply: z.record(z.string(), z.unknown()),
});
