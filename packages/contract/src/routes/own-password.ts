import { z } from "zod";
import { defineRoute } from "../route.ts";
import { typedPassword } from "./sign-in.ts";

const mine = { scope: "own", right: "signed-in", params: z.object({}), query: z.object({}) } as const;

/**
 * What this sign-in holds of the caller's own password, for accounts of kind `as-me`. `impossible`: no directory is known
 * for this person. Never the password.
 */
export const ownPasswordState = z.object({
  state: z.enum(["impossible", "none", "kept"]),
  /** The name at the directory (`alice@LAB.TEST`); empty where it is impossible. */
  account: z.string(),
  /** The directory that says whether the password is right; empty where it is impossible. */
  providerName: z.string(),
  keptAtMs: z.number().nullable(),
  /** When it is forgotten at the latest. */
  endsAtMs: z.number().nullable(),
  /** Whether the domain gives this account short tickets only (Protected Users); null: not known. */
  isProtected: z.boolean().nullable(),
});
export type OwnPasswordState = z.infer<typeof ownPasswordState>;

/** What this sign-in holds of the caller's own password. */
export const getOwnPassword = defineRoute({
  ...mine,
  method: "GET",
  path: "/api/v1/me/own-password",
  summary: "Whether this sign-in keeps the caller's directory password for accounts “as me”",
  body: z.object({}),
  reply: ownPasswordState,
});

/**
 * Keeps the caller's own password under this sign-in, in memory, once the directory has said that it is right. Fails with
 * `own-password-wrong`, `own-account-none`, `directory-away`, `account-password-expired`, `account-disabled`,
 * `account-expired`, `too-many-requests`.
 */
export const keepOwnPassword = defineRoute({
  ...mine,
  method: "POST",
  path: "/api/v1/me/own-password",
  summary: "Keep the caller's directory password under this sign-in",
  body: z.strictObject({ password: typedPassword }),
  reply: ownPasswordState,
});

/** Forgets it at once. */
export const forgetOwnPassword = defineRoute({
  ...mine,
  method: "DELETE",
  path: "/api/v1/me/own-password",
  summary: "Forget the caller's directory password now",
  body: z.object({}),
  reply: ownPasswordState,
});
