import { z } from "zod";
import { defineRoute } from "../route.ts";

const none = z.object({});

/** One check of the doctor: what was looked at, what was found, what to do, in both languages. */
export const healthCheck = z.object({
  name: z.string(),
  state: z.enum(["ok", "warning", "failed"]),
  found: z.object({ fr: z.string(), en: z.string() }),
  remedy: z.object({ fr: z.string(), en: z.string() }).nullable(),
});
export type HealthCheck = z.infer<typeof healthCheck>;

/** The gateway's state for the administrator's first page. */
export const getHealth = defineRoute({
  method: "GET",
  path: "/api/v1/health",
  summary: "Read the gateway's health and the doctor's checks",
  right: "settings:read",
  scope: "none",
  params: none,
  query: none,
  body: none,
  reply: z.object({
    version: z.string(),
    nodeId: z.string(),
    startedAtMs: z.number(),
    liveSessionCount: z.number(),
    checks: z.array(healthCheck),
  }),
});

/** The effective configuration, each value with where it came from; secrets are never in it. */
export const getConfiguration = defineRoute({
  method: "GET",
  path: "/api/v1/configuration",
  summary: "Read the effective configuration and the origin of each value",
  right: "settings:read",
  scope: "none",
  params: none,
  query: none,
  body: none,
  reply: z.object({
    values: z.array(z.object({ name: z.string(), value: z.string(), origin: z.string() })),
  }),
});

/** What the public pages may know before anyone signs in. */
export const getAbout = defineRoute({
  method: "GET",
  path: "/api/v1/about",
  summary: "Read the product's name, version and licence",
  right: "public",
  scope: "none",
  params: none,
  query: none,
  body: none,
  reply: z.object({ name: z.string(), version: z.string(), licence: z.string(), isDemo: z.boolean() }),
});
