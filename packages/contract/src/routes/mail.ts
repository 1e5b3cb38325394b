import { z } from "zod";
import { defineRoute } from "../route.ts";
import { healthCheck } from "./settings.ts";

const none = z.object({});
const parts = { params: none, query: none, body: none, scope: "none" } as const;

/** The mail server as configured, what it said when it last took no letters, and the newest 100 letters without their text. */
export const getMail = defineRoute({
  ...parts,
  method: "GET",
  path: "/api/v1/mail",
  summary: "Read the state of mail",
  right: "settings:read",
  reply: z.object({
    /** Null: no server is configured, nothing is written. */
    server: z
      .object({
        host: z.string(),
        port: z.number(),
        security: z.enum(["starttls", "tls", "off"]),
        sender: z.string(),
        user: z.string(),
      })
      .nullable(),
    trouble: healthCheck.nullable(),
    letters: z.array(
      z.object({
        mailId: z.string(),
        kind: z.string(),
        personName: z.string(),
        state: z.enum(["waiting", "sent", "expired", "refused"]),
        attempts: z.number(),
        lastError: z.string(),
        createdAtMs: z.number(),
        endedAtMs: z.number().nullable(),
        nextAtMs: z.number().nullable(),
      }),
    ),
  }),
});

/** Tries the mail server and sends the caller a letter. Fails with `mail-no-address`. */
export const testMail = defineRoute({
  ...parts,
  method: "POST",
  path: "/api/v1/mail/test",
  summary: "Try the mail server with a letter to oneself",
  right: "settings:write",
  reply: z.object({ checks: z.array(healthCheck) }),
});
