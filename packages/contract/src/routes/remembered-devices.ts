import { z } from "zod";
import { defineRoute } from "../route.ts";

const none = z.object({});
const mine = { scope: "own", right: "signed-in", params: none, query: none, body: none } as const;
const onPeople = { scope: "site", query: none, body: none } as const;

/** A browser that was remembered: where a rule says so it stands for the second factor at a sign-in, and nowhere else. */
export const rememberedDevice = z.object({
  deviceId: z.string(),
  userAgent: z.string(),
  sourceAddress: z.string(),
  createdAtMs: z.number(),
  lastUsedAtMs: z.number(),
  endsAtMs: z.number(),
  /** Whether it is the browser that asks. */
  isCurrent: z.boolean(),
});
export type RememberedDevice = z.infer<typeof rememberedDevice>;

const list = z.object({
  items: z.array(rememberedDevice),
  /** How long one may be remembered; 0: none may. */
  rememberedDays: z.number(),
});

/** The caller's remembered browsers. */
export const listMyRememberedDevices = defineRoute({
  ...mine,
  method: "GET",
  path: "/api/v1/me/remembered-devices",
  summary: "The caller's remembered browsers",
  reply: list,
});

/** Remembers this browser, for as long as the setting says. Fails with `remembered-off`. */
export const rememberMyDevice = defineRoute({
  ...mine,
  method: "POST",
  path: "/api/v1/me/remembered-devices",
  summary: "Remember this browser",
  needsFreshFactor: true,
  reply: list,
});

/** Forgets one of the caller's remembered browsers, or all. */
export const forgetMyRememberedDevice = defineRoute({
  ...mine,
  method: "DELETE",
  path: "/api/v1/me/remembered-devices/:deviceId",
  summary: "Forget one of the caller's remembered browsers, or all",
  params: z.object({ deviceId: z.union([z.uuid(), z.literal("all")]) }),
  reply: none,
});

/** A person's remembered browsers. */
export const listPersonRememberedDevices = defineRoute({
  ...onPeople,
  method: "GET",
  path: "/api/v1/people/:personId/remembered-devices",
  summary: "A person's remembered browsers",
  right: "people:read",
  params: z.object({ personId: z.uuid() }),
  reply: list,
});

/** Forgets one of a person's remembered browsers, or all. */
export const forgetPersonRememberedDevice = defineRoute({
  ...onPeople,
  method: "DELETE",
  path: "/api/v1/people/:personId/remembered-devices/:deviceId",
  summary: "Forget a person's remembered browser, or all",
  right: "people:write",
  params: z.object({ personId: z.uuid(), deviceId: z.union([z.uuid(), z.literal("all")]) }),
  reply: none,
});
