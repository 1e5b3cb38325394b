import { z } from "zod";
import { defineRoute } from "../route.ts";
import { healthCheck } from "./settings.ts";

const none = z.object({});

/**
 * Runs the Kerberos doctor: the same checks as `poterne doctor kerberos`. The password is for one sign-in at the domain
 * and kept nowhere; the target's NLA is looked at without sending credentials.
 */
export const examineKerberosSetup = defineRoute({
  method: "POST",
  path: "/api/v1/kerberos/examinations",
  summary: "Check all that Kerberos needs for a realm, an account and a target",
  right: "settings:write",
  scope: "none",
  params: none,
  query: none,
  body: z.strictObject({
    /** A realm; when left out that of the account, of the target's name, or of `kerberos.realm`. */
    realm: z
      .string()
      .trim()
      .max(255)
      .regex(/^[^\s@\\/]*$/)
      .default(""),
    /** Its machine's Kerberos name is the service's; Remote Desktop targets are looked at as well. */
    targetId: z.uuid().optional(),
    /** An account's name; when left out one that does not exist is asked about. */
    account: z.string().trim().max(256).default(""),
    password: z.string().max(1024).default(""),
  }),
  reply: z.object({ checks: z.array(healthCheck) }),
});
