import { z } from "zod";
import { defineRoute } from "../route.ts";
import {
  line,
  listOf,
  listQuery,
  name,
  none,
  notes,
  objectFields,
  queryFlag,
  version,
} from "./inventory-parts.ts";

const onAccounts = { scope: "site", params: none, query: none, body: none } as const;
const accountParams = z.object({ accountId: z.uuid() });

/**
 * How an account proves itself: a password or SSH key of the vault, what the person types at each opening, or the person's
 * own identity of the directory (`as-me`).
 */
export const accountKind = z.enum(["password", "ssh-key", "ask", "as-me"]);

const accountFields = {
  name,
  /** The site that administers the account; null: the whole organisation. */
  siteId: z.uuid().nullable(),
  /**
   * The log-in on the target; may be empty for `ask` (the person types it) and for VNC's password. For `as-me` how the
   * target writes the person's name, with `{login}` and `{realm}`; empty: `{login}@{realm}` for Remote Desktop and where
   * tickets are used, else `{login}`.
   */
  username: line(256),
  notes,
  isDisabled: z.boolean(),
};

/** An identity on targets. The secret itself is write-only: nothing ever shows it. */
export const accountRow = z.object({
  accountId: z.string(),
  ...accountFields,
  kind: accountKind,
  /** Whether the vault holds its secret. */
  hasSecret: z.boolean(),
  secretChangedAtMs: z.number().nullable(),
  /** The public key as a line for `authorized_keys`; null unless an SSH key is held. */
  publicKey: z.string().nullable(),
  /** `SHA256:…` of the public key, as OpenSSH prints it. */
  fingerprint: z.string().nullable(),
  /** What the OpenSSH user certificate says; null without one. */
  certificate: z
    .object({
      keyId: z.string(),
      principals: z.array(z.string()),
      serial: z.string(),
      validFromMs: z.number().nullable(),
      validToMs: z.number().nullable(),
      authorityFingerprint: z.string(),
    })
    .nullable(),
  /** Longest check-out of a shared account, minutes; null: not shared, nobody checks it out. */
  checkoutMinutes: z.number().nullable(),
  changesAfterReturn: z.boolean(),
  /** It was given back since its secret was last changed, and is to be changed by its rule. */
  isChangeDue: z.boolean(),
  /** Grants that use it. */
  grantCount: z.number(),
  ...objectFields,
});
export type AccountRow = z.infer<typeof accountRow>;

/** A password to keep: sealed by the keeper, never shown again. */
const password = z.string().min(1).max(1024);
const keyFile = z.string().min(1).max(32_768);
const passphrase = z.string().max(1024).nullable().default(null);

/** Accounts, by name. */
export const listAccounts = defineRoute({
  ...onAccounts,
  method: "GET",
  path: "/api/v1/accounts",
  summary: "Accounts, by name; never a secret",
  right: "access:read",
  query: z.object({
    ...listQuery,
    /** This site and those below. */
    siteId: z.uuid().optional(),
    kind: accountKind.optional(),
    deleted: queryFlag.optional(),
  }),
  reply: listOf(accountRow),
});

/** One account. */
export const getAccount = defineRoute({
  ...onAccounts,
  method: "GET",
  path: "/api/v1/accounts/:accountId",
  summary: "One account; never its secret",
  right: "access:read",
  params: accountParams,
  reply: accountRow,
});

/** Creates an account; its secret is given afterwards with `setAccountPassword`, `setAccountKey` or `generateAccountKey`. */
export const createAccount = defineRoute({
  ...onAccounts,
  method: "POST",
  path: "/api/v1/accounts",
  summary: "Create an account",
  right: "vault:write",
  body: z.strictObject({
    ...accountFields,
    kind: accountKind,
    siteId: accountFields.siteId.default(null),
    username: accountFields.username.default(""),
    notes: notes.default(""),
    isDisabled: z.boolean().default(false),
  }),
  reply: accountRow,
});

/** Changes an account; what is left out stays. The kind never changes. */
export const updateAccount = defineRoute({
  ...onAccounts,
  method: "PATCH",
  path: "/api/v1/accounts/:accountId",
  summary: "Change an account",
  right: "vault:write",
  params: accountParams,
  body: z.strictObject({ version, ...z.strictObject(accountFields).partial().shape }),
  reply: accountRow,
});

/** Replaces the password of a `password` account. Fails with `wrong-account-kind`. */
export const setAccountPassword = defineRoute({
  ...onAccounts,
  method: "PUT",
  path: "/api/v1/accounts/:accountId/password",
  summary: "Replace an account's password",
  right: "vault:write",
  params: accountParams,
  body: z.strictObject({ password }),
  reply: accountRow,
});

/** Replaces the key of an `ssh-key` account by a private key file. Fails with `bad-key`, `wrong-account-kind`. */
export const setAccountKey = defineRoute({
  ...onAccounts,
  method: "PUT",
  path: "/api/v1/accounts/:accountId/key",
  summary: "Replace an account's SSH key",
  right: "vault:write",
  params: accountParams,
  body: z.strictObject({ keyFile, passphrase }),
  reply: accountRow,
});

/** Makes a new key for an `ssh-key` account; only the public half is ever shown. */
export const generateAccountKey = defineRoute({
  ...onAccounts,
  method: "POST",
  path: "/api/v1/accounts/:accountId/generate-key",
  summary: "Make a new SSH key for an account",
  right: "vault:write",
  params: accountParams,
  body: z.strictObject({ algorithm: z.enum(["ed25519", "ecdsa-p256", "rsa-4096"]).default("ed25519") }),
  reply: accountRow,
});

/** Sets or removes the OpenSSH user certificate of the account's key. Fails with `bad-certificate`. */
export const setAccountCertificate = defineRoute({
  ...onAccounts,
  method: "PUT",
  path: "/api/v1/accounts/:accountId/certificate",
  summary: "Set an account's OpenSSH certificate",
  right: "vault:write",
  params: accountParams,
  /** The line of the `-cert.pub` file, null to remove it. */
  body: z.strictObject({ text: z.string().trim().min(1).max(16_384).nullable() }),
  reply: accountRow,
});

/** Deletes an account; grants that used it no longer offer it. */
export const deleteAccount = defineRoute({
  ...onAccounts,
  method: "DELETE",
  path: "/api/v1/accounts/:accountId",
  summary: "Delete an account",
  right: "vault:write",
  params: accountParams,
  reply: accountRow,
});

/** Restores an account deleted within the last 30 days, with its secret. */
export const restoreAccount = defineRoute({
  ...onAccounts,
  method: "POST",
  path: "/api/v1/accounts/:accountId/restore",
  summary: "Restore a deleted account",
  right: "vault:write",
  params: accountParams,
  reply: accountRow,
});
