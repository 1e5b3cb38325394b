import { z } from "zod";
import { defineRoute } from "../route.ts";
import { accountRow } from "./accounts.ts";
import { line } from "./inventory-parts.ts";

const none = z.object({});
const onMine = { scope: "own", params: none, query: none, body: none, right: "sessions:open" } as const;
const onAccounts = { scope: "site", query: none, body: none } as const;
const ofAccount = z.object({ accountId: z.uuid() });

/** Longest time an account may be lent for at once, minutes: a week. */
export const MAX_CHECKOUT_MINUTES = 10_080;

/** One check-out: who had a shared account, why, from when to when, and how it ended. */
export const checkoutRow = z.object({
  checkoutId: z.string(),
  personId: z.string(),
  personName: z.string(),
  reason: z.string(),
  takenAtMs: z.number(),
  endsAtMs: z.number(),
  /** Null while it lasts. */
  endedAtMs: z.number().nullable(),
  endKind: z.enum(["returned", "expired", "forced"]).nullable(),
  endedByName: z.string().nullable(),
});
export type CheckoutRow = z.infer<typeof checkoutRow>;

/** A shared account that the caller may check out, and who has it. */
export const myCheckout = z.object({
  accountId: z.string(),
  name: z.string(),
  maxMinutes: z.number(),
  isMine: z.boolean(),
  /** Who has it now, null when it is free. */
  holder: z
    .object({ name: z.string(), reason: z.string(), takenAtMs: z.number(), endsAtMs: z.number() })
    .nullable(),
});
export type MyCheckout = z.infer<typeof myCheckout>;

const mine = z.object({ items: z.array(myCheckout) });

/** The shared accounts of the caller's grants, and who has each. */
export const listMyCheckouts = defineRoute({
  ...onMine,
  method: "GET",
  path: "/api/v1/my/checkouts",
  summary: "Shared accounts the caller may check out",
  reply: mine,
});

/** Checks a shared account out: nobody else opens a session with it meanwhile. Fails with `checkout-held`, `checkout-too-long`. */
export const takeCheckout = defineRoute({
  ...onMine,
  method: "POST",
  path: "/api/v1/my/checkouts",
  summary: "Check a shared account out",
  body: z.strictObject({
    accountId: z.uuid(),
    reason: line(1000).min(1),
    minutes: z.int().min(5).max(MAX_CHECKOUT_MINUTES),
  }),
  reply: mine,
});

/** Gives it back; sessions with it end. */
export const returnCheckout = defineRoute({
  ...onMine,
  method: "DELETE",
  path: "/api/v1/my/checkouts/:accountId",
  summary: "Give a shared account back",
  params: ofAccount,
  reply: mine,
});

/** An account's check-outs, the newest first, at most 100. */
export const listCheckouts = defineRoute({
  ...onAccounts,
  method: "GET",
  path: "/api/v1/accounts/:accountId/checkouts",
  summary: "Who had a shared account",
  right: "access:read",
  params: ofAccount,
  reply: z.object({ items: z.array(checkoutRow) }),
});

/** Takes a shared account back from whoever has it, at once; sessions with it end. Fails with `not-found` when it is free. */
export const endCheckout = defineRoute({
  ...onAccounts,
  method: "POST",
  path: "/api/v1/accounts/:accountId/checkouts/end",
  summary: "Take a shared account back",
  right: "vault:write",
  needsFreshFactor: true,
  params: ofAccount,
  body: z.strictObject({ reason: line(1000).min(1) }),
  reply: z.object({ items: z.array(checkoutRow) }),
});

/** Makes an account a shared one with a named check-out, or an ordinary one again (`maxMinutes: null`). */
export const setCheckoutRule = defineRoute({
  ...onAccounts,
  method: "PUT",
  path: "/api/v1/accounts/:accountId/checkout-rule",
  summary: "Whether an account is checked out, and for how long at most",
  right: "vault:write",
  needsFreshFactor: true,
  params: ofAccount,
  body: z.strictObject({
    version: z.number(),
    maxMinutes: z.int().min(5).max(MAX_CHECKOUT_MINUTES).nullable(),
    changesAfterReturn: z.boolean(),
  }),
  reply: accountRow,
});
