import { z } from "zod";
import { calendarDay, sourceNetworks } from "../hours.ts";
import { defineRoute } from "../route.ts";
import { line, none } from "./inventory-parts.ts";

const onRules = { params: none, query: none, body: none } as const;

/** What a list of source addresses can belong to; a policy carries its own among its rules. */
export const sourceListKind = z.enum(["person", "group", "target", "grant"]);
export type SourceListKind = z.infer<typeof sourceListKind>;

const listParams = z.object({ kind: sourceListKind, objectId: z.uuid() });
const sourceList = z.object({ networks: z.array(z.string()) });

/** From where a person or the members of a group may sign in, and a target or grant be opened. Empty: anywhere. */
export const getSourceList = defineRoute({
  ...onRules,
  scope: "site",
  method: "GET",
  path: "/api/v1/source-lists/:kind/:objectId",
  summary: "Source addresses allowed to a person, group, target or grant",
  right: "access:read",
  params: listParams,
  reply: sourceList,
});

/**
 * Sets the list; every list that applies must hold the address. It counts from the next request on, for live sessions
 * within seconds. Fails with `source-locks-you-out` when the caller's own address would be left out.
 */
export const setSourceList = defineRoute({
  ...onRules,
  scope: "site",
  method: "PUT",
  path: "/api/v1/source-lists/:kind/:objectId",
  summary: "Set the source addresses of a person, group, target or grant",
  right: "access:write",
  params: listParams,
  body: z.strictObject({ networks: sourceNetworks }),
  reply: sourceList,
});

const holiday = z.object({ day: calendarDay, name: line(120) });
export type Holiday = z.infer<typeof holiday>;

/** Most holidays kept. */
export const MAX_HOLIDAYS = 2000;

/** Public holidays of the organisation, in order: policies with hours may be closed on them. */
export const listHolidays = defineRoute({
  ...onRules,
  scope: "none",
  method: "GET",
  path: "/api/v1/holidays",
  summary: "Public holidays",
  right: "access:read",
  reply: z.object({ items: z.array(holiday) }),
});

/** Replaces the whole list, for instance by one that was imported. A day stands once. */
export const setHolidays = defineRoute({
  ...onRules,
  scope: "site",
  method: "PUT",
  path: "/api/v1/holidays",
  summary: "Replace the public holidays",
  right: "access:write",
  body: z.strictObject({ items: z.array(holiday).max(MAX_HOLIDAYS) }),
  reply: z.object({ items: z.array(holiday) }),
});

/** The French public holidays of a year (Code du travail L3133-1), to be proposed; nothing is stored. */
export const proposeHolidays = defineRoute({
  ...onRules,
  scope: "none",
  method: "GET",
  path: "/api/v1/holidays/french/:year",
  summary: "French public holidays of a year",
  right: "access:read",
  params: z.object({ year: z.coerce.number().int().min(1970).max(2200) }),
  reply: z.object({ items: z.array(holiday) }),
});
